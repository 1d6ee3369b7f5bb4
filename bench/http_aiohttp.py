"""aiohttp for http.sh. Arguments: server PORT, or client URL (then as Clients.java: a count per line of input)."""

import asyncio
import sys

import aiohttp
from aiohttp import web

AT_ONCE = 64


def serve(port):
    async def hello(request):
        return web.Response(text="Hello, World!")

    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", hello)
    web.run_app(app, host="127.0.0.1", port=port, print=None, access_log=None)


async def ask(url):
    async with aiohttp.ClientSession() as session:
        loop = asyncio.get_running_loop()
        print("ready", flush=True)
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            left = int(line)
            received = 0

            async def asker():
                nonlocal left, received
                while left > 0:
                    left -= 1
                    async with session.get(url) as response:
                        received += len(await response.read())

            await asyncio.gather(*(asker() for _ in range(AT_ONCE)))
            print(received, flush=True)


if sys.argv[1] == "server":
    serve(int(sys.argv[2]))
else:
    asyncio.run(ask(sys.argv[2]))
