"""A closed-loop HTTP client on one core: keep-alive, a fixed number of requests under way, every answer checked."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import Sequence


@dataclasses.dataclass(frozen=True)
class Result:
    """Times in milliseconds; size of the answer's body in bytes, median."""

    p50: float
    p99: float
    rate: float
    size: int
    count: int


@dataclasses.dataclass(frozen=True)
class Request:
    path: str
    cookie: str = ""


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: Request, host: str) -> int:
    head = f"GET {request.path} HTTP/1.1\r\nHost: {host}\r\nAccept-Language: fr\r\n"
    if request.cookie:
        head += f"Cookie: {request.cookie}\r\n"
    writer.write((head + "\r\n").encode())
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    status = int(lines[0].split()[1])
    headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines[1:])}
    if headers.get("transfer-encoding") == "chunked":
        size = 0
        while length := int(await reader.readuntil(b"\r\n"), 16):
            await reader.readexactly(length + 2)
            size += length
        await reader.readexactly(2)
    else:
        size = len(await reader.readexactly(int(headers["content-length"])))
    if status != 200:
        raise RuntimeError(f"{request.path} answered {status}")
    return size


async def _lane(
    port: int, requests: Sequence[Request], offset: int, until: float, warm: float, out: list[tuple[float, int]]
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 22)
    number = offset
    while (now := time.perf_counter()) < until or not out:  # one at least, however slow
        size = await _answer(reader, writer, requests[number % len(requests)], f"127.0.0.1:{port}")
        if now >= warm or time.perf_counter() >= until:
            out.append((time.perf_counter() - now, size))
        number += 1
    writer.close()


def measure(
    port: int, requests: Sequence[Request], concurrency: int, seconds: float = 6.0, warm_up: float = 1.5
) -> Result:
    """Ask for `requests` in turn for some seconds after a warm-up. Raises RuntimeError for an answer that is not 200."""
    out: list[tuple[float, int]] = []

    async def run() -> None:
        start = time.perf_counter()
        lanes = [
            _lane(port, requests, lane * 7, start + warm_up + seconds, start + warm_up, out)
            for lane in range(concurrency)
        ]
        await asyncio.gather(*lanes)

    asyncio.run(run())
    times = sorted(t * 1000 for t, _ in out)
    sizes = sorted(size for _, size in out)
    return Result(
        times[len(times) // 2],
        times[min(len(times) - 1, int(len(times) * 0.99))],
        len(times) / seconds,
        sizes[len(sizes) // 2],
        len(times),
    )
