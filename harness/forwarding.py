"""Passes connections on: `python -m harness.forwarding LISTEN TARGET`, each a path of a Unix socket or host:port.

A Unix socket is reached from every network namespace: a site on the loopback of one answers on that of another.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from asyncio import StreamReader, StreamWriter


async def _copy(reader: StreamReader, writer: StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    with contextlib.suppress(OSError):
        writer.close()


async def _serve(listen: str, target: str) -> None:
    async def passed_on(reader: StreamReader, writer: StreamWriter) -> None:
        if "/" in target:
            there = await asyncio.open_unix_connection(target)
        else:
            there = await asyncio.open_connection(*target.split(":"))
        await asyncio.gather(_copy(reader, there[1]), _copy(there[0], writer))

    if "/" in listen:
        server = await asyncio.start_unix_server(passed_on, listen)
    else:
        server = await asyncio.start_server(passed_on, *listen.split(":"))
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(*sys.argv[1:]))
