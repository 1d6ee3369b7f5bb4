"""The article's scraper in Python, for scrape-vs-aiohttp.sh; its Java twin is ScrapeRounds.java.

Usage: scrape_aiohttp.py URL_FILE

Reads lines from standard input. For each it fetches every URL of the file at once and prints how many pages and characters
that were, and the seconds it took.
"""

import asyncio
import sys
import time

import aiohttp


async def fetch(session, url):
    async with session.get(url) as response:
        response.raise_for_status()
        return len(await response.text())


async def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        urls = file.read().split()
    loop = asyncio.get_running_loop()
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=100)) as session:
        while await loop.run_in_executor(None, sys.stdin.readline):
            start = time.perf_counter()
            lengths = await asyncio.gather(*(fetch(session, url) for url in urls))
            print(len(lengths), sum(lengths), time.perf_counter() - start, flush=True)


asyncio.run(main())
