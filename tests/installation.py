"""A whole installation of its own for a test: a data folder, a database, the real command, its own processes."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.databases import Databases

ROOT = Path(__file__).resolve().parent.parent
SETUP = "import django, json, sys, datetime as dt; django.setup(); answer = None\n"


@dataclasses.dataclass
class Installation:
    """database: its DATABASE_URL; empty for SQLite in the data folder. port: its first, where a test starts its pages."""

    data: Path
    database: str = ""
    port: int = 0
    _processes: list[subprocess.Popen[str]] = dataclasses.field(default_factory=list)

    def environment(self, **more: str) -> dict[str, str]:
        base = {k: v for k, v in os.environ.items() if not k.startswith(("PARVIS_", "PYTEST", "DATABASE_URL", "COV_"))}
        return {
            **base,
            "PARVIS_DATA": str(self.data),
            "DJANGO_SETTINGS_MODULE": "parvis.web.settings",
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
            **({"PARVIS_PORT": str(self.port), "PARVIS_LOG": "warning"} if self.port else {}),
            **({"DATABASE_URL": self.database} if self.database else {}),
            **more,
        }

    def parvis(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run `parvis …` to its end."""
        return self._run([sys.executable, "-m", "parvis", *arguments], check=check)

    def python(self, code: str, *arguments: str, given: Any = None) -> Any:
        """Run Python inside the installation; what it leaves in `answer` comes back. It reads `given`, as JSON, from stdin."""
        body = SETUP + code + "\nprint('\\n' + json.dumps(answer))"
        done = self._run([sys.executable, "-c", body, *arguments], given=json.dumps(given))
        return json.loads(done.stdout.strip().splitlines()[-1])

    def migrate(self) -> None:
        self._run([sys.executable, "-m", "django", "migrate", "-v0"])

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start `python …` in the background, until the test ends."""
        return self._start(list(arguments), stdout=None)

    def talk_to(self, code: str) -> subprocess.Popen[str]:
        """Start code that reads its input line by line and answers each."""
        return self._start(["-c", SETUP + code], stdout=subprocess.PIPE)

    def logs(self) -> str:
        """What the processes wrote so far."""
        return "\n".join(path.read_text() for path in sorted(self.data.glob("log-*")))

    def stop(self, process: subprocess.Popen[str]) -> None:
        """SIGTERM, and wait."""
        process.send_signal(signal.SIGTERM)
        process.wait(120)

    def kill(self, process: subprocess.Popen[str]) -> None:
        """SIGKILL to the process and its children."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(120)

    def end(self) -> None:
        for process in self._processes:
            self.kill(process)

    def _start(self, arguments: list[str], stdout: int | None) -> subprocess.Popen[str]:
        with (self.data / f"log-{len(self._processes)}").open("w") as log:
            process = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=ROOT,
                env=self.environment(),
                stdin=subprocess.PIPE if stdout else None,
                stdout=stdout or log,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        self._processes.append(process)
        return process

    def _run(self, command: list[str], check: bool = True, given: str = "") -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            command,
            env=self.environment(),
            cwd=ROOT,
            input=given,
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
        if check and done.returncode:
            raise AssertionError(
                f"{command[-3:]} ended with {done.returncode}:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
            )
        return done


@contextlib.contextmanager
def installation(folder: Path) -> Iterator[Installation]:
    """An installation with an empty, migrated database of the run's engine."""
    databases = Databases()
    made = Installation(folder, databases.of_this_run(), free_port())
    try:
        made.migrate()
        yield made
    finally:
        made.end()
        databases.drop()


def until(is_so: Callable[[], object], timeout_s: float = 120, pause_s: float = 0.02) -> None:
    """Wait for something that another process does. Fails after the timeout, which no test should come near."""
    ends = time.monotonic() + timeout_s
    while not is_so():
        assert time.monotonic() < ends, "it did not happen in time"
        time.sleep(pause_s)


def free_port() -> int:
    """A port that is free, and the next two as well; below those that the system gives to connections.

    Each process of a test run looks among ports of its own, and takes none twice: between looking and listening, none of
    them is taken by another test.
    """
    first = 20_000 + 1_000 * (int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) % 10)
    while True:
        port = random.randrange(first, first + 999, 3)
        if port in _given:
            continue
        with contextlib.ExitStack() as stack, contextlib.suppress(OSError):
            for number in range(port, port + 3):
                stack.enter_context(contextlib.closing(socket.socket())).bind(("127.0.0.1", number))
            _given.add(port)
            return port


_given: set[int] = set()
