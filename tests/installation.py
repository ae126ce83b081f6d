"""A whole installation of its own for a test: a data folder, a database, and the real command in its own process."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
_SETUP = "import django, json, sys, datetime as dt; django.setup()\n"


@dataclasses.dataclass
class Installation:
    """database: its DATABASE_URL; empty for SQLite in the data folder."""

    data: Path
    database: str = ""

    def environment(self, **more: str) -> dict[str, str]:
        base = {k: v for k, v in os.environ.items() if not k.startswith(("PARVIS_", "DATABASE_URL", "COV_"))}
        return {
            **base,
            "PARVIS_DATA": str(self.data),
            "DJANGO_SETTINGS_MODULE": "parvis.web.settings",
            "PYTHONPATH": str(ROOT),
            **({"DATABASE_URL": self.database} if self.database else {}),
            **more,
        }

    def parvis(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run `parvis …` to its end."""
        return self._run([sys.executable, "-m", "parvis", *arguments], check=check)

    def python(self, code: str, *arguments: str, given: Any = None) -> Any:
        """Run Python inside the installation; what it leaves in `answer` comes back. It reads `given`, as JSON, from stdin."""
        body = _SETUP + code + "\nprint('\\n' + json.dumps(answer))"
        done = self._run([sys.executable, "-c", body, *arguments], given=json.dumps(given))
        return json.loads(done.stdout.strip().splitlines()[-1])

    def migrate(self) -> None:
        self._run([sys.executable, "-m", "django", "migrate", "-v0"])

    def _run(self, command: list[str], check: bool = True, given: str = "") -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            command,
            env=self.environment(),
            cwd=ROOT,
            input=given,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        if check and done.returncode:
            raise AssertionError(
                f"{command[-3:]} ended with {done.returncode}:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
            )
        return done
