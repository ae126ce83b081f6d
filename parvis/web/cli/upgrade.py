"""`parvis upgrade`: backup, new code, check, migrate, restart; and all the way back when one of them fails.

It is begun by the former code and must outlive it: whatever belongs to a version runs in processes of their own, and
everything that this file needs is imported before the code changes.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from parvis.core.runtime import env
from parvis.web.running import ROOT, Running, commit_of, database_mark, lock, running, told

help = "Upgrade: backup, new code, check, migrate, restart; and back again on failure."
uses_django = False

PAUSE_TIMEOUT_S = 60.0
READY_TIMEOUT_S = 120.0
BACK_TIMEOUT_S = 300.0  # what ran before is given more time: there is nothing to go back to


class Failed(Exception):
    """The upgrade cannot go on; the message says why, for an administrator."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """To what."""
    parser.add_argument(
        "version",
        nargs="?",
        default="",
        help="tag or commit (default: the newest of the branch that the clone follows)",
    )


def run(args: argparse.Namespace) -> int:
    """0 once the new version runs; 1 when nothing was changed, or all was put back; 2 when somebody must look at it."""
    folder = env.data_folder() / "run"
    folder.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with lock(folder, "upgrade") as is_ours:
        if not is_ours:
            return _say_failed("Another upgrade is going on.")
        return Upgrade(folder, Code(ROOT), args.version).run()


class Upgrade:
    """One upgrade of one installation, which runs or not."""

    def __init__(self, folder: Path, code: "Code", version: str) -> None:
        self._folder = folder
        self._code = code
        self._version = version
        self._supervisor = 0  # its process, 0 where nothing runs
        self._backup = env.data_folder() / "backups" / f"upgrade-{datetime.now(UTC):%Y%m%d-%H%M%S}.tar"

    def run(self) -> int:
        """The exit code."""
        try:
            there = running(self._folder)
            target = self._prepared(there)
            if there is not None and target and target == there.commit == self._code.here():
                print("This is the newest version, and it runs. Nothing was changed.")
                return 0
        except (Failed, KeyboardInterrupt) as failure:
            return _say_failed(f"{failure or 'Interrupted.'} Nothing was changed.")
        if there is not None:
            self._supervisor = there.pid
            self._code.former = there.commit or self._code.former
        try:
            self._go_forward(target)
        except (Failed, OSError, KeyboardInterrupt) as failure:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, signal.SIG_IGN)
            print(f"\nparvis: {failure or 'Interrupted.'}\nGoing back.", file=sys.stderr, flush=True)
            return self._go_back()
        print(f"\nUpgraded. What was before is in {self._backup}.")
        return 0

    def _prepared(self, there: Running | None) -> str:
        """What can be known before anything stops. Returns the commit to go to, "" where the code is in no clone."""
        if there is not None and there.database != database_mark():
            raise Failed("The running installation uses another database: give DATABASE_URL here as there.")
        if there is not None and there.state not in {"running", "starting", "paused"}:
            raise Failed(f"Parvis is {there.state}: wait a moment.")
        _step("Looking for the new version")
        target = self._code.find(self._version)
        _step("Checking what is installed")
        _parvis("check")
        return target

    def _go_forward(self, target: str) -> None:
        if self._supervisor:
            _step("Stopping")
            self._pause()
        _step("Writing a backup")
        _parvis("backup", "--in-place", str(self._backup))
        if target:
            _step(f"Changing the code to {target[:12]}")
            self._code.go(target)
        _install()
        _step("Checking the new version")
        _parvis("check")
        _step("Bringing the database forward")
        _python("parvis.web.prepare", "--empty")
        if self._supervisor:
            _step("Starting")
            self._start(READY_TIMEOUT_S)

    def _go_back(self) -> int:
        try:
            if self._supervisor:
                self._pause()
            has_code = self._code.go_back()
            if self._backup.exists():
                if has_code:
                    _install()
                _parvis("restore", "--in-place", str(self._backup))
            if not has_code:
                print("The data are as they were. Put the former code back, then start Parvis again.", file=sys.stderr)
                return 2
            if self._supervisor:
                self._start(BACK_TIMEOUT_S)
        except (Failed, OSError) as failure:
            print(f"\nparvis: {failure}\nThe way back failed. The data before: {self._backup}", file=sys.stderr)
            return 2
        print("Everything is as it was.", file=sys.stderr)
        return 1

    def _pause(self) -> None:
        self._wait(lambda r: r.state in {"starting", "running", "paused"}, PAUSE_TIMEOUT_S, "Parvis does not start.")
        os.kill(self._supervisor, signal.SIGUSR1)
        self._wait(lambda r: r.state == "paused", PAUSE_TIMEOUT_S, "Parvis did not stop in time.")

    def _start(self, timeout_s: float) -> None:
        os.kill(self._supervisor, signal.SIGHUP)
        late = "Parvis did not start in time (its log says why)."
        self._wait(lambda r: r.state == "running" and _is_whole(r), timeout_s, late)

    def _wait(self, is_so: Callable[[Running], bool], timeout_s: float, late: str) -> None:
        until = time.monotonic() + timeout_s
        while time.monotonic() < until:
            try:
                os.kill(self._supervisor, 0)
            except ProcessLookupError:
                raise Failed("Parvis ended by itself (its log says why): start it again with bin/run.") from None
            there = told(self._folder)
            if there is not None and there.pid == self._supervisor and is_so(there):
                return
            time.sleep(0.2)
        raise Failed(late)


class Code:
    """The clone that the code is in, moved by git. Elsewhere the code is somebody else's to change."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self.former = commit_of(root)
        self._branch = self._git("branch", "--show-current") if self.former else ""

    def here(self) -> str:
        """The commit that it stands at."""
        return commit_of(self._root)

    def find(self, version: str) -> str:
        """The commit of a version; by default of the newest of the branch. "" outside of a clone. Raises Failed."""
        if not self.former:
            if version:
                raise Failed("The code is not in a git clone: put the new version in its place, without naming it.")
            return ""
        if self._git("status", "--porcelain", "--untracked-files=no"):
            raise Failed("The code was changed here (git status): keep or undo that first.")
        if self._git("remote"):
            self._git("fetch", "--quiet", "--tags")
        if version:
            return self._git("rev-parse", "--verify", "--quiet", f"{version}^{{commit}}", why=f"No version {version}.")
        followed = (
            self._git("for-each-ref", "--format=%(upstream)", f"refs/heads/{self._branch}") if self._branch else ""
        )
        return self._git("rev-parse", followed or "HEAD")

    def go(self, commit: str) -> None:
        """Move there: along the branch where it leads there, apart from it otherwise. Raises Failed."""
        if self._branch and self._git("merge-base", "HEAD", commit) == self.here():
            self._git("merge", "--quiet", "--ff-only", commit)
        else:
            self._git("checkout", "--quiet", "--detach", commit)

    def go_back(self) -> bool:
        """Move to where it was. Returns whether the former code is there. Raises Failed."""
        if not self.former:
            return False
        if self._branch:
            self._git("checkout", "--quiet", self._branch)
            self._git("reset", "--quiet", "--keep", self.former)
        else:
            self._git("checkout", "--quiet", "--detach", self.former)
        return True

    def _git(self, *arguments: str, why: str = "") -> str:
        command = ["git", "-C", str(self._root), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False, start_new_session=True)
        if done.returncode:
            raise Failed(why or f"git {arguments[0]}: {done.stderr.strip() or done.returncode}")
        return done.stdout.strip()


def _is_whole(there: Running) -> bool:
    """Whether the pages are ready, and a worker lives."""
    host = f"[{there.host}]" if ":" in there.host else there.host
    try:
        with urllib.request.urlopen(f"http://{host}:{there.port}/readyz", timeout=5) as answer:
            return bool(json.load(answer)["worker"] == "alive")
    except (OSError, ValueError, KeyError):
        return False


def _install() -> None:
    _step("Installing what it needs")
    _parvis("--version")  # bin/parvis installs the lock file of the code that is there
    _python("parvis.web.i18n", "compile")


def _parvis(*arguments: str) -> None:
    command = ROOT / "bin" / "parvis"
    _run([str(command)] if command.exists() else [sys.executable, "-P", "-m", "parvis"], arguments)


def _python(module: str, *arguments: str) -> None:
    _run([sys.executable, "-P", "-m", module], arguments)


def _run(command: list[str], arguments: tuple[str, ...]) -> None:
    """In a session of its own: Ctrl-C is for the upgrade, which then goes back in good order."""
    code = subprocess.run(
        [*command, *arguments], stdin=subprocess.DEVNULL, start_new_session=True, check=False
    ).returncode
    if code:
        raise Failed(f"{' '.join(['parvis', *arguments[:1]])} ended with {code} (above: why).")


def _step(text: str) -> None:
    print(f"— {text}…", flush=True)


def _say_failed(text: str) -> int:
    print(f"parvis: {text}", file=sys.stderr)
    return 1
