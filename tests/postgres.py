"""A PostgreSQL of its own for a test run: on a Unix socket, in a temporary folder, gone at the end whatever happens.

`python -m tests.postgres COMMAND…` runs COMMAND with DATABASE_URL set, and ends with its exit code;
`python -m tests.postgres --find` ends with 0 where a PostgreSQL that will do is installed, and prints its folder.
"""

import contextlib
import ctypes
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

OLDEST = 15
READY_TIMEOUT_S = 60
CLUSTER_OPTIONS = ("--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8")
# What is written here is thrown away: no need to wait for the disk.
SERVER_OPTIONS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "200",
    "shared_buffers": "128MB",
}


def find_programs() -> Path | None:
    """The folder of the newest PostgreSQL here, None if there is none of version 15 or later."""
    folders = [*Path("/usr/lib/postgresql").glob("*/bin"), *Path("/usr").glob("pgsql-*/bin")]
    if found := shutil.which("postgres"):
        folders.append(Path(found).resolve().parent)
    versions = {folder: _version(folder) for folder in folders if (folder / "initdb").exists()}
    newest = max(versions, key=lambda folder: versions[folder], default=None)
    return newest if newest and versions[newest] >= OLDEST else None


def _version(folder: Path) -> int:
    told = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"\) (\d+)", told)
    return int(found.group(1)) if found else 0


def _die_with_parent() -> None:
    """The server is stopped (fast shutdown) even when what started it was killed. Linux only; elsewhere it does nothing."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGINT, 0, 0, 0)


@contextlib.contextmanager
def server() -> Iterator[str]:
    """Runs a PostgreSQL; gives its DATABASE_URL. Raises RuntimeError where there is none to run, or it does not start."""
    programs = find_programs()
    if programs is None:
        raise RuntimeError(f"No PostgreSQL {OLDEST} or later is installed.")
    folder = Path(tempfile.mkdtemp(prefix="parvis-pg-"))
    # PostgreSQL refuses to run as root.
    owner: dict[str, Any] = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
    if owner:
        shutil.chown(folder, "postgres", "postgres")
    process = None
    try:
        made = subprocess.run(
            [programs / "initdb", "--pgdata", folder / "data", "--username=parvis", "--no-sync", *CLUSTER_OPTIONS],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            **owner,
        )
        if made.returncode:
            raise RuntimeError(f"initdb failed: {made.stderr.strip()}")
        options = [text for name, value in SERVER_OPTIONS.items() for text in ("-c", f"{name}={value}")]
        with (folder / "log").open("w") as log:
            process = subprocess.Popen(
                [programs / "postgres", "-D", folder / "data", "-k", folder, *options],
                cwd=folder,
                stdout=log,
                stderr=log,
                preexec_fn=_die_with_parent,
                process_group=0,  # Ctrl-C ends the tests first, and then this
                **owner,
            )
        url = f"postgresql://parvis@/parvis?host={quote(str(folder))}"
        _wait_until_ready(process, programs, folder)
        yield url
    finally:
        if process:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _wait_until_ready(process: "subprocess.Popen[bytes]", programs: Path, folder: Path) -> None:
    until = time.monotonic() + READY_TIMEOUT_S
    probe = [programs / "pg_isready", "--quiet", "--host", folder]
    while subprocess.run(probe, check=False).returncode:
        if process.poll() is not None or time.monotonic() > until:
            raise RuntimeError(f"PostgreSQL did not start: {(folder / 'log').read_text()[-2000:]}")
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.05)


def main(arguments: list[str]) -> int:
    if arguments == ["--find"]:
        found = find_programs()
        if found:
            print(found)
        return 0 if found else 1
    # A terminated run still removes its server: the signal becomes an ordinary end.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with server() as url:
        child = subprocess.Popen(arguments, env={**os.environ, "DATABASE_URL": url})
        try:
            return child.wait()
        except KeyboardInterrupt:
            return child.wait()  # Ctrl-C reached the child as well: let it write its report
        finally:
            if child.poll() is None:
                child.terminate()
                child.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
