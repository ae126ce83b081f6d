"""Granian as Parvis runs it: `python -m parvis.web.serve pages | streams`.

A small main process and one worker, which dies with it: left alone it would go on taking connections.
"""

import gc
import sys
from collections.abc import Callable
from typing import Any

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels

from parvis.core.runtime import env
from parvis.core.runtime.processes import dies_with_parent
from parvis.web.supervisor import PAGES_STOP_S, STREAMS_STOP_S


def main(name: str) -> None:
    """Serves until SIGTERM; then stops accepting, lets what was begun finish, and returns. Ends with 1 if the worker dies."""
    server = _pages() if name == "pages" else _streams()
    prepare_child = dies_with_parent()

    def load(target: str) -> Callable[..., Any]:
        """Runs in the worker."""
        prepare_child()
        module, _, attribute = target.partition(":")
        __import__(module)
        loaded: Callable[..., Any] = getattr(sys.modules[module], attribute)
        # What is loaded by now stays: a full collection that walks all of it would hold up a page for a tenth of a second.
        gc.collect()
        gc.freeze()
        return loaded

    server.serve(target_loader=load)


def _pages() -> Any:
    return Granian(
        "parvis.web.wsgi:application",
        interface=Interfaces.WSGI,
        port=env.number("PARVIS_PORT"),
        blocking_threads=env.number("PARVIS_PAGES_THREADS"),
        workers_kill_timeout=PAGES_STOP_S,
        **_common(),
    )


def _streams() -> Any:
    return Granian(
        "parvis.experience.live.stream:application",
        interface=Interfaces.ASGINL,
        port=env.number("PARVIS_PORT") + 1,
        workers_kill_timeout=STREAMS_STOP_S,
        **_common(),
    )


def _common() -> dict[str, Any]:
    return {
        "address": env.get("PARVIS_HOST"),
        "workers": 1,
        "http": HTTPModes.http1,
        "websockets": False,
        # What Granian says at each start and stop, the supervisor says better.
        "log_level": LogLevels.warning,
        "log_dictconfig": {
            "formatters": {"line": {"()": "parvis.core.runtime.logs.LineFormatter"}},
            "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
            "loggers": {"_granian": {"handlers": ["console"], "propagate": False}},
        },
    }


if __name__ == "__main__":
    main(sys.argv[1])
