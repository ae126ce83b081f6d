"""The supervisor, with real processes that do nothing but say what happens to them."""

import contextlib
import dataclasses
import json
import os
import re
import select
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from parvis.web import supervisor
from parvis.web.metrics import collect
from parvis.web.running import lock
from tests.installation import until

pytestmark = pytest.mark.slow
FAKE = Path(__file__).parent / "fake_program.py"
PATIENCE_S = 60
RUN = """
import asyncio, json, logging, pathlib, sys
from parvis.web.supervisor import Plan, Program, Supervisor
logging.basicConfig(level="INFO", stream=sys.stdout, format="log %(message)s")
told = json.loads(sys.argv[1])
programs = tuple(Program(p["name"], tuple(p["command"]), p["stop_s"]) for p in told.pop("programs"))
plan = Plan(**{**told, "prepare": tuple(told["prepare"]), "programs": programs, "folder": pathlib.Path(told["folder"])})
code = asyncio.run(Supervisor(plan).run())
print("supervisor returned", code, flush=True)
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def fake(name: str, manner: str, *more: object) -> tuple[str, ...]:
    return (sys.executable, str(FAKE), name, manner, *map(str, more))


def plan(folder: Path, **manners: str) -> supervisor.Plan:
    """Programs named and behaving as in `manners`; the one that answers is what readiness is asked of."""
    port = free_port()
    return supervisor.Plan(
        prepare=fake("prepare", "done"),
        programs=tuple(supervisor.Program(name, fake(name, manner, port), 1.0) for name, manner in manners.items()),
        folder=folder,
        ready_host="127.0.0.1",
        ready_port=port,
        address="http://parvis.example/",
        metrics_port=free_port(),
    )


class Running:
    """A supervisor in a process of its own, and everything that it and its children said."""

    def __init__(self, plan: supervisor.Plan) -> None:
        self.plan = plan
        self.said = ""
        self.process = subprocess.Popen(
            [sys.executable, "-c", RUN, json.dumps(dataclasses.asdict(plan), default=str)],
            stdout=subprocess.PIPE,
            start_new_session=True,
        )

    def hear(self, pattern: str, since: int = 0) -> re.Match[str]:
        """Waits until `pattern` is said after the character `since`."""
        assert self.process.stdout
        until = time.monotonic() + PATIENCE_S
        while not (found := re.compile(pattern).search(self.said, since)):
            ready, _, _ = select.select([self.process.stdout], [], [], max(0, until - time.monotonic()))
            more = os.read(self.process.stdout.fileno(), 65536).decode() if ready else ""
            assert more, f"never said: {pattern}\n{self.said}"
            self.said += more
        return found

    def pid_of(self, name: str, since: int = 0) -> int:
        return int(self.hear(rf"\b{name} started (\d+)", since).group(1))

    def tell(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def state(self) -> str:
        return str(json.loads((self.plan.folder / "supervisor.json").read_text())["state"])


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Callable[..., Running]]:
    """Starts a supervisor with programs named and behaving as told."""
    started: list[Running] = []

    def start(**manners: str) -> Running:
        started.append(Running(plan(tmp_path, **manners)))
        return started[-1]

    yield start
    for running in started:
        with contextlib.suppress(ProcessLookupError):
            running.process.kill()
        running.process.wait()
        assert running.process.stdout
        running.process.stdout.close()


def assert_ends(pid: int) -> None:
    """The process ends, by itself, before long."""

    def has_ended() -> bool:
        try:
            return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
        except (FileNotFoundError, ProcessLookupError):
            return True

    until(has_ended, PATIENCE_S)


def test_it_prepares_then_starts_all_and_says_the_address_once_the_pages_answer(run: Callable[..., Running]) -> None:
    running = run(pages="answers", worker="good")
    running.hear(r"Parvis is ready:  http://parvis.example/")
    running.pid_of("worker")
    assert running.said.index("prepare started") < running.said.index("pages started")
    assert running.state() == "running"


def test_it_stops_all_in_order_when_told(run: Callable[..., Running]) -> None:
    running = run(pages="answers", streams="good", worker="good")
    running.hear("ready")
    for name in ("streams", "worker"):
        running.pid_of(name)
    running.tell(signal.SIGTERM)
    running.hear("supervisor returned 0")
    assert re.findall(r"(\w+) stopped", running.said) == ["pages", "streams", "worker"]


def test_it_kills_what_does_not_stop(run: Callable[..., Running]) -> None:
    running = run(pages="answers", worker="deaf")
    running.hear("ready")
    worker = running.pid_of("worker")
    running.tell(signal.SIGINT)
    running.hear("worker did not stop in time and is killed")
    running.hear("supervisor returned 0")
    assert_ends(worker)


def test_it_starts_again_what_was_killed_and_says_why(run: Callable[..., Running]) -> None:
    running = run(pages="answers", worker="good")
    running.hear("ready")
    os.kill(running.pid_of("worker"), signal.SIGKILL)
    said = running.hear(r"worker killed by SIGKILL after \S+ s; it starts again in 0.5 s").end()
    running.pid_of("worker", said)


def test_it_waits_longer_each_time_something_dies_at_once(run: Callable[..., Running]) -> None:
    running = run(pages="answers", worker="dies")
    for pause in ("0.5", "1.0", "2.0"):
        running.hear(rf"worker ended with code 3 after \S+ s; it starts again in {pause} s")


def test_nothing_of_a_dead_program_is_left_to_answer_for_it(run: Callable[..., Running]) -> None:
    running = run(pages="answers", worker="parent")
    child = running.pid_of("worker-child")
    os.kill(running.pid_of("worker"), signal.SIGKILL)
    assert_ends(child)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent ended")
def test_all_end_with_a_supervisor_that_was_killed(run: Callable[..., Running]) -> None:
    running = run(pages="answers", worker="deaf")
    running.hear("ready")
    pids = [running.pid_of("pages"), running.pid_of("worker")]
    running.tell(signal.SIGKILL)
    for pid in pids:
        assert_ends(pid)


def test_it_pauses_and_begins_anew_when_told(run: Callable[..., Running]) -> None:
    running = run(pages="answers", worker="good")
    running.hear("ready")
    running.pid_of("worker")
    running.tell(signal.SIGUSR1)
    running.hear("everything is stopped")
    assert running.state() == "paused"
    running.tell(signal.SIGHUP)
    running.hear("supervisor returned None")


def test_nothing_starts_where_the_preparation_fails(tmp_path: Path) -> None:
    running = Running(dataclasses.replace(plan(tmp_path, pages="answers"), prepare=fake("prepare", "dies")))
    running.hear("the preparation ended with code 3: nothing was started")
    running.hear("supervisor returned 3")
    assert "pages started" not in running.said


def test_it_can_be_stopped_while_it_prepares(tmp_path: Path) -> None:
    running = Running(dataclasses.replace(plan(tmp_path, pages="answers"), prepare=fake("prepare", "deaf")))
    prepare = running.pid_of("prepare")
    running.tell(signal.SIGTERM)
    running.hear("supervisor returned")
    assert_ends(prepare)


def test_the_metrics_tell_restarts_and_memory_and_add_those_of_each_process(run: Callable[..., Running]) -> None:
    running = run(pages="answers", worker="good")
    running.hear("ready")
    os.kill(running.pid_of("worker"), signal.SIGKILL)
    running.pid_of("worker", running.hear("starts again").end())
    (running.plan.folder / "metrics-pages.prom").write_text("# TYPE asked counter\nasked 7\n")
    with urllib.request.urlopen(f"http://127.0.0.1:{running.plan.metrics_port}/metrics", timeout=PATIENCE_S) as answer:
        told = answer.read().decode()
    assert 'parvis_restarts_total{process="worker"} 1' in told
    assert int(re.search(r'parvis_memory_bytes\{process="worker"\} (\d+)', told).group(1)) > 1_000_000  # type: ignore[union-attr]
    assert 'asked{process="pages"} 7' in told


def test_a_family_that_several_processes_have_is_described_once(tmp_path: Path) -> None:
    for name in ("pages", "worker"):
        (tmp_path / f"metrics-{name}.prom").write_text(
            '# HELP n Things.\n# TYPE n counter\nn{a="b}"} 1\nn{process="x"} 2\n'
        )
    assert collect("own 1\n", tmp_path) == (
        "# HELP n Things.\n# TYPE n counter\n"
        'n{process="pages",a="b}"} 1\nn{process="x"} 2\n'
        'n{process="worker",a="b}"} 1\nn{process="x"} 2\n'
    )


def test_two_installations_do_not_share_a_data_folder(tmp_path: Path) -> None:
    with lock(tmp_path) as first, lock(tmp_path) as second:
        assert (first, second) == (True, False)


def test_a_port_that_somebody_listens_on_is_not_free() -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert not supervisor.is_free("127.0.0.1", port)
    assert supervisor.is_free("127.0.0.1", port)
