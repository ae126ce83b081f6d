"""`bin/bench`: measures Parvis and writes `docs/benchmarks.md` as it came out.

    bin/bench                         networks of 10,000, 100,000 and 1,000,000 items, on SQLite
    bin/bench --items 10000           one size
    bin/bench --out FILE              elsewhere than docs/benchmarks.md
    bin/bench --keep FOLDER           keeps what was filled there, and measures it again the next time

Each size is a fresh installation in a folder of its own, served by `parvis run` as people would run it. The floor, an empty
Django view served by the same program with as many threads, is measured just before, so that a loaded machine shows.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import platform
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench.client import Request, Result, measure
from bench.report import Size, write_report

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="bin/bench", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--items", type=int, nargs="*", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--seconds", type=float, default=6.0, help="of each measure")
    parser.add_argument("--keep", type=Path, help="where networks once filled stay")
    parser.add_argument("--fill", action="store_true", help="only fill what --keep lacks")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "benchmarks.md")
    args = parser.parse_args()
    sizes = []
    for items in args.items:
        with _folder(args.keep, items) as folder:
            world = _filled(folder, items)
            if not args.fill:
                sizes.append(_measured_size(folder, world, args.seconds))
                write_report(args.out, sizes, _machine())
    if sizes:
        print(args.out.read_text())
    return 0


@contextlib.contextmanager
def _folder(keep: Path | None, items: int) -> Iterator[Path]:
    if keep is None:
        with tempfile.TemporaryDirectory(prefix="parvis-bench-") as temporary:
            yield Path(temporary)
    else:
        folder = keep.absolute() / str(items)
        folder.mkdir(parents=True, exist_ok=True)
        yield folder


def _filled(folder: Path, items: int) -> dict[str, Any]:
    """The network in a folder: filled now, unless it was before."""
    kept = folder / "world.json"
    environment = _environment(folder, _free_port())
    _run(environment, "-m", "django", "migrate", "-v0")
    if kept.exists():
        return dict(json.loads(kept.read_text()))
    print(f"{items:,} items: filling", file=sys.stderr)
    world = json.loads(_run(environment, "-m", "bench.populate", str(items)))
    started = time.perf_counter()
    _run(environment, "-m", "bench.readers")
    world["read_seconds"] = time.perf_counter() - started
    world["load"] = os.getloadavg()[0]
    kept.write_text(json.dumps(world))
    return dict(world)


def _measured_size(folder: Path, world: dict[str, Any], seconds: float) -> Size:
    items, port = world["items"], _free_port()
    environment = _environment(folder, port)
    size = Size(items, items / world["seconds"], world["read_seconds"], world["load"])
    for writers in (1, 16):
        size.deeds[writers] = json.loads(_run(environment, "-m", "bench.deeds", str(writers), str(seconds)))
    _run(environment, "-m", "bench.readers")
    print(f"{items:,} items: asking", file=sys.stderr)
    with _floor(environment) as floor_port:
        for concurrency in (1, 8):
            size.floor[concurrency] = measure(floor_port, [Request("/")], concurrency, seconds)
    with _parvis(environment, port) as supervisor:
        for name, sessions in world["viewers"].items():
            for act, paths in _acts(world, name).items():
                print(f"  {name}: {act}", file=sys.stderr)
                requests = [Request(p, f"parvis_session={s}") for p in paths for s in sessions[:4]]
                size.acts[(name, act)] = {c: _measured(port, requests, c, seconds) for c in (1, 8)}
        size.memory = _memory(supervisor.pid)
        size.lag = json.loads(_run(environment, "-m", "bench.lag", str(seconds)))
    return size


def _measured(port: int, requests: list[Request], concurrency: int, seconds: float) -> Result | None:
    with contextlib.suppress(RuntimeError):
        return measure(port, requests, concurrency, seconds)
    return None  # the page is not for this viewer


def _acts(world: dict[str, Any], viewer: str) -> dict[str, list[str]]:
    words = world["words"]
    pairs = [f"{a}+{b}" for a in words[:6] for b in words[6:]]
    acts = {"Home": ["/bench/"], "search of two words": [f"/bench/search/?q={p}" for p in pairs]}
    if viewer != "3 tiny among 10,000":
        acts["community"] = [f"/bench/communities/{slug}" for slug in world["communities"][:20]]
        acts["thread of 50"] = [f"/bench/t/{key}" for key in world["threads"][:100]]
    return acts


def _environment(folder: Path, port: int) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("PARVIS_") and k != "DATABASE_URL"}
    return {
        **kept,
        "PARVIS_DATA": str(folder),
        "PARVIS_PORT": str(port),
        "PARVIS_LOG": "warning",
        "DJANGO_SETTINGS_MODULE": "parvis.web.settings",
    }


def _run(environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run([sys.executable, *arguments], env=environment, cwd=ROOT, stdout=subprocess.PIPE, check=True)
    return done.stdout.decode().strip().splitlines()[-1] if done.stdout.strip() else ""


@contextlib.contextmanager
def _floor(environment: dict[str, str]) -> Iterator[int]:
    port = _free_port()
    command = ["-m", "granian", "--interface", "wsgi", "--port", str(port), "--workers", "1", "--blocking-threads", "4"]
    process = subprocess.Popen(
        [sys.executable, *command, "--log-level", "error", "bench.floor:application"], env=environment, cwd=ROOT
    )
    try:
        _wait_for(f"http://127.0.0.1:{port}/")
        yield port
    finally:
        process.terminate()
        process.wait(20)


@contextlib.contextmanager
def _parvis(environment: dict[str, str], port: int) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "parvis", "run", "--empty"], env=environment, cwd=ROOT, stdout=subprocess.DEVNULL
    )
    try:
        _wait_for(f"http://127.0.0.1:{port}/readyz")
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def _wait_for(address: str, seconds: float = 60) -> None:
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        with contextlib.suppress(OSError), urllib.request.urlopen(address, timeout=2):
            return
        time.sleep(0.1)
    raise RuntimeError(f"{address} does not answer")


def _memory(pid: int) -> dict[str, tuple[int, int]]:
    """Name → (RSS, PSS) in MB of a process and all below it."""
    found: dict[str, tuple[int, int]] = {}
    for process in [pid, *_children(pid)]:
        with contextlib.suppress(OSError):
            rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
            command = Path(f"/proc/{process}/cmdline").read_text().replace("\0", " ").strip()
            numbers = {line.split(":")[0]: int(line.split()[1]) // 1024 for line in rollup.splitlines()[1:]}
            found[f"{process} {command.split(' -m ')[-1]}"] = (numbers["Rss"], numbers["Pss"])
    return found


def _children(pid: int) -> list[int]:
    below: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in task.read_text().split():
            below += [int(child), *_children(int(child))]
    return below


def _free_port() -> int:
    """A port with its two neighbours free as well: `parvis run` takes three."""
    for port in range(18_000, 60_000, 7):
        with contextlib.ExitStack() as stack:
            try:
                for number in range(port, port + 3):
                    stack.enter_context(contextlib.closing(socket.socket())).bind(("127.0.0.1", number))
            except OSError:
                continue
        return port
    raise RuntimeError("no free port")


def _machine() -> str:
    model = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line),
        "?",
    )
    memory = int(Path("/proc/meminfo").read_text().split()[1]) // 1024 // 1024
    load = f"load {os.getloadavg()[0]:.1f} at the end"
    return f"{os.cpu_count()} cores ({model}), {memory} GiB, {platform.system()}, Python {platform.python_version()}, {load}"


if __name__ == "__main__":
    sys.exit(main())
