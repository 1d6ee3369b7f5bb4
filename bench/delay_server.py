"""An HTTP server whose every answer takes a while. Used by concurrency.sh.

Usage: delay_server.py SECONDS COUNT FILE

Prints the port it got. When request number COUNT comes, it writes to FILE how many wait for their answers at that moment.
"""

import asyncio
import pathlib
import sys

delay, count, file = float(sys.argv[1]), int(sys.argv[2]), pathlib.Path(sys.argv[3])
requests = 0
waiting = 0


async def serve(reader, writer):
    global requests, waiting
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            requests += 1
            waiting += 1
            if requests == count:
                file.write_text(f"{waiting}\n", encoding="utf-8")
            await asyncio.sleep(delay)
            waiting -= 1
            body = b"page " + head.split()[1]
            length = b"%d" % len(body)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: " + length + b"\r\n\r\n" + body)
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


asyncio.run(main())
