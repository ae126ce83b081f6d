"""The gate of SQLite's writers: one after the other, however many threads and processes come at once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

# Threads that all come for the first time at once; a process that is forked while a thread is inside comes in after it.
MANY = """
import os, sys, threading
from parvis.core.runtime.sqlite.base import gate_for
sys.setswitchinterval(1e-6)
for n in range(200):
    path, begin, inside = f"{sys.argv[1]}/{n}", threading.Barrier(8), []
    def write():
        begin.wait()
        gate = gate_for(path)
        gate.enter()
        inside.append(1)
        assert len(inside) == 1, "two are inside"
        inside.pop()
        gate.leave()
    threads = [threading.Thread(target=write, daemon=True) for _ in range(8)]
    [t.start() for t in threads]
    [t.join(20) for t in threads]
    assert not any(t.is_alive() for t in threads), f"round {n}: somebody waits for ever"
"""

FORKED = """
import os, sys, threading
from parvis.core.runtime.sqlite.base import gate_for
path, log = sys.argv[1] + "/gate", open(sys.argv[1] + "/log", "a", buffering=1)
held, forked = threading.Event(), threading.Event()
def write():
    gate = gate_for(path)
    gate.enter()
    held.set()
    forked.wait()
    log.write("parent\\n")
    gate.leave()
thread = threading.Thread(target=write)
thread.start()
held.wait()
child = os.fork()
if not child:
    forked_gate = gate_for(path)
    forked_gate.enter()
    log.write("child\\n")
    forked_gate.leave()
    os._exit(0)
forked.set()
thread.join()
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def _run(code: str, folder: Path) -> None:
    subprocess.run([sys.executable, "-c", code, str(folder)], check=True, timeout=60, env=dict(os.environ))


def test_threads_that_come_first_together_all_pass(tmp_path: Path) -> None:
    _run(MANY, tmp_path)


def test_a_forked_process_waits_for_its_parent_and_then_passes(tmp_path: Path) -> None:
    _run(FORKED, tmp_path)
    assert (tmp_path / "log").read_text().split() == ["parent", "child"]
