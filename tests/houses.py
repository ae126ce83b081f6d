"""A whole installation for a test: its own data folder and database (of the run's engine), its own processes."""

from __future__ import annotations

import contextlib
import os
import random
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

ROOT = Path(__file__).parent.parent
_PRELUDE = """
import os; os.environ.setdefault("DJANGO_SETTINGS_MODULE", "parvis.web.settings")
import django; django.setup()
"""


class Installation:
    """One installation. `python()` does something in it; `start()` runs one of its processes until the test ends."""

    def __init__(self, data: Path, database_url: str, port: int) -> None:
        self.data = data
        self.port = port
        self.env = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("PARVIS_", "PYTEST"))},
            "PARVIS_DATA": str(data),
            "PARVIS_PORT": str(port),
            "PARVIS_LOG": "warning",
            "DATABASE_URL": database_url,
            "PYTHONUNBUFFERED": "1",
        }
        self._processes: list[subprocess.Popen[str]] = []

    def python(self, code: str, *, timeout_s: float = 120) -> str:
        """Run code with Django set up; returns what it printed."""
        done = subprocess.run(
            [sys.executable, "-c", _PRELUDE + code],
            cwd=ROOT, env=self.env, capture_output=True, text=True, timeout=timeout_s, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout.strip()

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start `python …` in the background."""
        log = (self.data / f"log-{len(self._processes)}").open("w")
        process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=self.env,
            stdout=log,
            stderr=log,
            text=True,
            start_new_session=True,
        )
        self._processes.append(process)
        return process

    def talk_to(self, code: str) -> subprocess.Popen[str]:
        """Start code with Django set up that reads its input line by line and answers each."""
        errors = (self.data / f"log-{len(self._processes)}").open("w")
        process = subprocess.Popen(
            [sys.executable, "-c", _PRELUDE + code],
            cwd=ROOT, env=self.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True, start_new_session=True,
        )  # fmt: skip
        self._processes.append(process)
        return process

    def logs(self) -> str:
        """What the processes wrote so far."""
        return "\n".join(path.read_text() for path in sorted(self.data.glob("log-*")))

    def stop(self, process: subprocess.Popen[str], timeout_s: float = 12) -> float:
        """SIGTERM, and wait. Returns how long it took, in seconds."""
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        process.wait(timeout_s)
        return time.monotonic() - began

    def kill(self, process: subprocess.Popen[str]) -> None:
        """SIGKILL to the process and its children."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)

    def end(self) -> None:
        for process in self._processes:
            self.kill(process)


def until(is_so: Callable[[], object], timeout_s: float = 20, pause_s: float = 0.02) -> float:
    """Wait for something that another process does. Returns how long it took, in seconds. Fails after the timeout."""
    began = time.monotonic()
    while not is_so():
        assert time.monotonic() - began < timeout_s, "it did not happen in time"
        time.sleep(pause_s)
    return time.monotonic() - began


def free_port() -> int:
    """A port that is free, and the next two as well; below those that the system gives to connections."""
    while True:
        port = random.randint(20_000, 30_000)
        with contextlib.ExitStack() as stack, contextlib.suppress(OSError):
            for number in range(port, port + 3):
                stack.enter_context(contextlib.closing(socket.socket())).bind(("127.0.0.1", number))
            return port


@contextlib.contextmanager
def installation(folder: Path) -> Iterator[Installation]:
    """An installation with an empty, migrated database of the run's engine."""
    folder.mkdir(parents=True, exist_ok=True)
    with _database(folder) as url:
        made = Installation(folder, url, free_port())
        try:
            made.python("from django.core.management import call_command; call_command('migrate', verbosity=0)")
            yield made
        finally:
            made.end()


@contextlib.contextmanager
def _database(folder: Path) -> Iterator[str]:
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        yield f"sqlite:///{folder / 'parvis.sqlite3'}"
        return
    import psycopg

    from parvis.core.runtime import env
    from parvis.core.runtime.watch import connection_arguments

    given = connection_arguments(env.database(url))
    name = f"live_{secrets.token_hex(6)}"

    def say(statement: str) -> None:
        with psycopg.connect(**{**given, "dbname": "postgres"}, autocommit=True) as connection:
            connection.execute(statement)

    say(f"CREATE DATABASE {name}")
    try:
        yield urlunsplit(urlsplit(url)._replace(path=f"/{name}"))
    finally:
        say(f"DROP DATABASE {name} WITH (FORCE)")
