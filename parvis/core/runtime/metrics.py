"""Numbers about a process, for Prometheus: each process writes its own to a file that the supervisor serves.

They name processes, views, readers and jobs; never a person.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest

from parvis.core.runtime import env


def run_folder() -> Path:
    """Where processes leave what others read about them; made if need be."""
    folder = env.data_folder() / "run"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def write(name: str, text: bytes) -> None:
    """Write `metrics-<name>.prom` whole: a reader sees the former text or this one. Never raises OSError."""
    with contextlib.suppress(OSError):
        path = run_folder() / f"metrics-{name}.prom"
        fresh = path.with_suffix(f".{os.getpid()}")
        fresh.write_bytes(text)
        fresh.replace(path)


def write_registry(name: str, registry: CollectorRegistry) -> None:
    """Write all that a registry holds."""
    write(name, generate_latest(registry))
