"""A crawler in a few lines of aiohttp and lxml, for crawl.sh.

Usage: crawl_aiohttp.py START

Reads lines from standard input. For each it crawls the host of START by 16 tasks, and prints how many pages that were, how
many links to the host they had, and the seconds it took.
"""

import asyncio
import sys
import time
from urllib.parse import urldefrag, urljoin, urlsplit

import aiohttp
from lxml import html


async def crawl(session, start):
    host, seen, queue, pages, links = urlsplit(start).netloc, {start}, asyncio.Queue(), 0, 0
    queue.put_nowait(start)

    async def work():
        nonlocal pages, links
        while True:
            url = await queue.get()
            try:
                async with session.get(url) as response:
                    body = await response.read()
                    pages += 1
                    if response.status == 200 and response.content_type == "text/html":
                        for _, _, link, _ in html.fromstring(body, base_url=url).iterlinks():
                            target = urldefrag(urljoin(url, link)).url
                            links += 1
                            if urlsplit(target).netloc == host and target.endswith((".html", "/")) and target not in seen:
                                seen.add(target)
                                queue.put_nowait(target)
            finally:
                queue.task_done()

    tasks = [asyncio.create_task(work()) for _ in range(16)]
    await queue.join()
    for task in tasks:
        task.cancel()
    return pages, links


async def main():
    loop = asyncio.get_running_loop()
    async with aiohttp.ClientSession() as session:
        while await loop.run_in_executor(None, sys.stdin.readline):
            start = time.perf_counter()
            pages, links = await crawl(session, sys.argv[1])
            print(pages, links, time.perf_counter() - start, flush=True)


asyncio.run(main())
