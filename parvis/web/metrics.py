"""The Prometheus metrics of all processes, on one address of loopback.

Each process writes its own to `PARVIS_DATA/run/metrics-<name>.prom` (`prometheus_client.write_to_textfile`) when it likes;
the supervisor adds what it alone knows, and answers for all. Without Django and without prometheus_client.
"""

import asyncio
import contextlib
import re
from collections.abc import Callable, Iterable
from pathlib import Path

from parvis.core.runtime import env

_SAMPLE = re.compile(r"^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (.+)$")
_REQUEST_TIMEOUT_S = 5


def metrics_path(name: str) -> Path:
    """Where the process `name` writes its metrics."""
    return env.data_folder() / "run" / f"metrics-{name}.prom"


def collect(own: str, folder: Path) -> str:
    """`own` and the metrics of every process, each sample labelled with its process, each family described once."""
    families: dict[str, list[str]] = {}
    described: set[tuple[str, str]] = set()
    _add(families, described, own.splitlines(), process=None)
    for path in sorted(folder.glob("metrics-*.prom")):
        with contextlib.suppress(OSError):  # it ended just now
            _add(families, described, path.read_text().splitlines(), process=path.stem.removeprefix("metrics-"))
    return "".join(line + "\n" for lines in families.values() for line in lines)


def _add(
    families: dict[str, list[str]], described: set[tuple[str, str]], lines: Iterable[str], process: str | None
) -> None:
    family: list[str] = []
    for line in lines:
        if line.startswith(("# HELP ", "# TYPE ")):
            _, what, name, *_ = line.split(" ", 3)
            family = families.setdefault(name, [])
            if (what, name) not in described:
                described.add((what, name))
                family.append(line)
        elif sample := _SAMPLE.match(line):
            name, labels, value = sample.groups()
            if process and 'process="' not in (labels or ""):
                labels = f'process="{process}"' + (f",{labels}" if labels else "")
            family.append(f"{name}{{{labels}}} {value}" if labels else f"{name} {value}")


async def serve(port: int, own: Callable[[], str], folder: Path) -> asyncio.Server:
    """Answers `GET /metrics` on 127.0.0.1. Raises OSError where the port is taken."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), _REQUEST_TIMEOUT_S)
            found = head.startswith((b"GET /metrics ", b"GET /metrics?"))
            body = collect(own(), folder).encode() if found else b"Metrics are at /metrics.\n"
            status = "200 OK" if found else "404 Not Found"
            kind = "text/plain; version=0.0.4; charset=utf-8"
            writer.write(
                f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
                "Connection: close\r\n\r\n".encode()
                + body
            )
            await writer.drain()
        writer.close()

    return await asyncio.start_server(answer, "127.0.0.1", port)
