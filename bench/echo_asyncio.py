"""Echo servers on asyncio and uvloop, for echo.sh. Arguments: port, asyncio|uvloop, streams|protocol."""

import asyncio
import socket
import sys


class Echo(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport = transport
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def data_received(self, data):
        self.transport.write(data)


async def echo(reader, writer):
    writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    try:
        while data := await reader.read(64 * 1024):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


async def main(port, kind):
    if kind == "streams":
        server = await asyncio.start_server(echo, "127.0.0.1", port, backlog=4096)
    else:
        server = await asyncio.get_running_loop().create_server(Echo, "127.0.0.1", port, backlog=4096)
    await server.serve_forever()


if __name__ == "__main__":
    port, loop, kind = int(sys.argv[1]), sys.argv[2], sys.argv[3]
    if loop == "uvloop":
        import uvloop

        uvloop.install()
    asyncio.run(main(port, kind))
