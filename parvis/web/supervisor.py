"""Keeps the processes of an installation running: starts them, starts again what ends, stops all of them together.

Knows nothing of what they do, and imports no Django: it is the one process that must not fail. It is told by signals:
SIGTERM and SIGINT stop everything; SIGUSR1 stops the processes and waits (`parvis upgrade` then changes the database and
the code); SIGHUP begins anew, with the code as it now is. It tells what it is doing: see `running`.
"""

import asyncio
import contextlib
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from parvis.core.runtime import env, logs, processes
from parvis.web import metrics
from parvis.web.running import Running, State, commit_of, database_mark, lock, tell

log = logging.getLogger("parvis.supervisor")

# How long what was begun may take to finish: requests, then streams, then the worker's batch; after STOP_S all is killed.
PAGES_STOP_S = 4
STREAMS_STOP_S = 1
WORKER_STOP_S = 5
STOP_S = 10.0
READY_TIMEOUT_S = 60.0
FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
STEADY_S = 60.0  # what ran this long before it ended starts again without a growing pause

Wish = Literal["stop", "pause", "again"]


@dataclass(frozen=True, slots=True)
class Program:
    """One process to keep. `stop_s`: how long it may take to stop by itself before it is killed."""

    name: str
    command: tuple[str, ...]
    stop_s: float


@dataclass(frozen=True, slots=True)
class Plan:
    """What a supervisor does: `prepare` once, then keep `programs`, which are stopped in this order."""

    prepare: tuple[str, ...]
    programs: tuple[Program, ...]
    folder: Path  # for its state and everybody's metrics
    ready_host: str
    ready_port: int
    address: str
    metrics_port: int  # 0 for none
    commit: str = ""  # of the code, and the mark of the database: what `running` tells of them
    database: str = ""


class Child:
    """One program, and the process that runs it now."""

    def __init__(self, program: Program, folder: Path) -> None:
        self.program = program
        self.restarts = 0
        self._metrics = folder / f"metrics-{program.name}.prom"
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = asyncio.Event()

    async def keep(self) -> None:
        """Runs the program, again and again, until `stop`."""
        pause = FIRST_PAUSE_S
        while not self._stopping.is_set():
            began = time.monotonic()
            self._process = await start(self.program.command)
            if self._stopping.is_set():  # it was told to stop while it started
                processes.kill_group(self._process.pid)
            code = await self._process.wait()
            processes.kill_group(self._process.pid)  # what the program had started
            self._metrics.unlink(missing_ok=True)
            if self._stopping.is_set():
                return
            lived = time.monotonic() - began
            pause = FIRST_PAUSE_S if lived >= STEADY_S else pause
            how = processes.describe_end(code)
            log.error("%s %s after %.1f s; it starts again in %.1f s", self.program.name, how, lived, pause)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause)
            self.restarts += 1
            pause = min(2 * pause, LONGEST_PAUSE_S)

    async def stop(self, until: float) -> None:
        """Asks the process to stop, and kills it after `stop_s` or at `until` (monotonic), whichever comes first."""
        self._stopping.set()
        process = self._process
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), max(0.0, min(self.program.stop_s, until - time.monotonic())))
        except TimeoutError:
            log.warning("%s did not stop in time and is killed", self.program.name)
            processes.kill_group(process.pid)
            await process.wait()

    def memory_bytes(self) -> int:
        return processes.memory_bytes(self._process.pid) if self._process and self._process.returncode is None else 0


class Supervisor:
    """Carries out one plan."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._wishes: asyncio.Queue[Wish] = asyncio.Queue()
        self._children: list[Child] = []
        self._keeping: list[asyncio.Task[None]] = []

    async def run(self) -> int | None:
        """The exit code, or None to begin anew."""
        loop = asyncio.get_running_loop()
        wishes: dict[int, Wish] = {
            signal.SIGTERM: "stop",
            signal.SIGINT: "stop",
            signal.SIGUSR1: "pause",
            signal.SIGHUP: "again",
        }
        for number, wish in wishes.items():
            loop.add_signal_handler(number, self._wishes.put_nowait, wish)
        self._tell("preparing")
        code = await self._prepare()
        if code:
            log.error("the preparation %s: nothing was started", processes.describe_end(code))
            return code if code > 0 else 1
        server = (
            await metrics.serve(self.plan.metrics_port, self._metrics, self.plan.folder)
            if self.plan.metrics_port
            else None
        )
        self._start_all()
        announcing = asyncio.create_task(self._announce())
        try:
            while True:
                wish = await self._wishes.get()
                announcing.cancel()
                await self._stop_all()
                if wish == "pause":
                    self._tell("paused")
                    log.info("everything is stopped, to be started again by SIGHUP")
                    continue
                return 0 if wish == "stop" else None
        finally:
            if server:
                server.close()

    async def _prepare(self) -> int:
        process = await start(self.plan.prepare)
        ended = asyncio.create_task(process.wait())
        told = asyncio.create_task(self._wishes.get())
        await asyncio.wait({ended, told}, return_when=asyncio.FIRST_COMPLETED)
        if told.done():  # whatever was asked for: it is not running yet
            processes.kill_group(process.pid)
            return 128 + signal.SIGTERM
        told.cancel()
        return await ended

    def _start_all(self) -> None:
        self._tell("starting")
        self._children = [Child(program, self.plan.folder) for program in self.plan.programs]
        self._keeping = [asyncio.create_task(child.keep()) for child in self._children]

    async def _announce(self) -> None:
        """Waits until the pages answer, and says where they are."""
        began = time.monotonic()
        while not await answers(self.plan.ready_host, self.plan.ready_port, "/readyz"):
            if time.monotonic() - began > READY_TIMEOUT_S:
                log.error("the pages have not answered for %.0f s (above: why); going on trying", READY_TIMEOUT_S)
                began = time.monotonic()
            await asyncio.sleep(0.1)
        self._tell("running")
        print(f"\nParvis is ready:  {self.plan.address}\n(Ctrl-C stops it.)\n", flush=True)

    async def _stop_all(self) -> None:
        self._tell("stopping")
        until = time.monotonic() + STOP_S
        for child in self._children:
            await child.stop(until)
        await asyncio.gather(*self._keeping)

    def _tell(self, state: State) -> None:
        plan = self.plan
        tell(plan.folder, Running(state, os.getpid(), plan.ready_host, plan.ready_port, plan.commit, plan.database))

    def _metrics(self) -> str:
        lines = [
            "# HELP parvis_restarts_total Times that the process ended and was started again.",
            "# TYPE parvis_restarts_total counter",
        ]
        lines += [f'parvis_restarts_total{{process="{c.program.name}"}} {c.restarts}' for c in self._children]
        lines += [
            "# HELP parvis_memory_bytes Memory of the process, shared parts divided.",
            "# TYPE parvis_memory_bytes gauge",
        ]
        lines += [f'parvis_memory_bytes{{process="{c.program.name}"}} {c.memory_bytes()}' for c in self._children]
        own = processes.memory_bytes(os.getpgrp())
        return "\n".join([*lines, f'parvis_memory_bytes{{process="supervisor"}} {own}', ""])


async def start(command: Sequence[str]) -> asyncio.subprocess.Process:
    """Starts a process in a group of its own (Ctrl-C in the terminal is the supervisor's alone), which dies with this one."""
    return await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.DEVNULL, start_new_session=True, preexec_fn=processes.dies_with_parent()
    )


async def answers(host: str, port: int, path: str) -> bool:
    """Whether `GET path` is answered by 200."""
    try:
        reader, writer = await asyncio.wait_for(asyncio.open_connection(host, port), 2)
    except (OSError, TimeoutError):
        return False
    try:
        writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        status = await asyncio.wait_for(reader.readline(), 5)
        return b" 200 " in status
    except (OSError, TimeoutError):
        return False
    finally:
        writer.close()


def run_installation(*, empty: bool) -> int:
    """Runs Parvis as the settings say, until it is stopped. Returns the exit code. Raises BadSetting."""
    handler = logging.StreamHandler()
    handler.setFormatter(logs.LineFormatter())
    logging.basicConfig(level=env.get("PARVIS_LOG").upper(), handlers=[handler])
    logging.getLogger("asyncio").setLevel(logging.WARNING)
    plan = installation_plan(empty=empty)
    plan.folder.mkdir(parents=True, exist_ok=True)
    env.get("PARVIS_SECRET_KEY")  # made now, once, rather than by whichever process comes first
    with lock(plan.folder) as is_ours:
        if not is_ours:
            print(f"Parvis already runs with the data in {env.data_folder()}.", file=sys.stderr)
            return 1
        port = plan.ready_port
        for number in [port, port + 1, *([plan.metrics_port] if plan.metrics_port else [])]:
            if not is_free(plan.ready_host if number < port + 2 else "127.0.0.1", number):
                print(f"Port {number} is taken. Another one: bin/run --port {port + 100}", file=sys.stderr)
                return 1
        code = asyncio.run(Supervisor(plan).run())
        (plan.folder / "supervisor.json").unlink(missing_ok=True)
    if code is None:
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])
    return code


def installation_plan(*, empty: bool) -> Plan:
    """The processes of an installation on one machine."""
    host = env.get("PARVIS_HOST")
    python = (sys.executable, "-P", "-m")
    return Plan(
        prepare=(*python, "parvis.web.prepare", *(["--empty"] if empty else [])),
        programs=(
            Program("pages", (*python, "parvis.web.serve", "pages"), PAGES_STOP_S + 0.5),
            Program("streams", (*python, "parvis.web.serve", "streams"), STREAMS_STOP_S + 0.5),
            Program("worker", (*python, "parvis", "worker"), WORKER_STOP_S),
        ),
        folder=env.data_folder() / "run",
        ready_host={"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host),
        ready_port=env.number("PARVIS_PORT"),
        address=env.get("PARVIS_ORIGIN") + "/",
        metrics_port=env.number("PARVIS_METRICS_PORT"),
        commit=commit_of(),
        database=database_mark(),
    )


def is_free(host: str, port: int) -> bool:
    """Whether nobody listens there. Granian would share the port with another Granian without a word."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
