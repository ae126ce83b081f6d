"""The streams process: a small ASGI application without Django or ORM.

GET /live?ticket=…&after=POSITION answers `text/event-stream`:
    event: part    id: position    data: {"thread", "item", "verb", "place"}, keys only   something changed
    event: reload  so much changed that the page is better loaded anew
    event: gone    a right, the session or the place in the network was lost; the stream ends
GET /healthz answers ok.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
import sys
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

from parvis.core.runtime import env, logs
from parvis.experience.live import tickets
from parvis.experience.live.hub import Hub, Refused, Stream

HEARTBEAT_S = 15.0
SEND_TIMEOUT_S = 20.0  # a browser that takes nothing for so long is gone
LIFE_S = 15 * 60.0  # then the browser comes back with a new ticket

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_hub: Hub | None = None


def hub() -> Hub:
    """The hub of this process, made in its event loop."""
    global _hub
    if _hub is None:
        _say_on_stderr()
        _hub = Hub()
    return _hub


def _say_on_stderr() -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logs.LineFormatter())
    logger = logging.getLogger("parvis")
    if not logger.handlers:
        logger.addHandler(handler)
        logger.setLevel(env.get("PARVIS_LOG").upper())


async def application(scope: Message, receive: Receive, send: Send) -> None:
    """The ASGI application."""
    if scope["type"] != "http":
        return
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    if scope["path"] == "/healthz":
        await _answer(send, 200, _origin())
    elif scope["path"].rstrip("/") != "/live":
        await _answer(send, 404, _origin())
    elif scope["method"] != "GET":
        await _answer(send, 405, _origin())
    elif headers.get("origin", _origin()) not in _origins():
        await _answer(send, 403, _origin())
    else:
        await _live(scope, headers, receive, send)


async def _live(scope: Message, headers: dict[str, str], receive: Receive, send: Send) -> None:
    asked = parse_qs(scope["query_string"].decode("latin-1"))
    ticket = tickets.read(asked.get("ticket", [""])[0], time.time())
    origin = headers.get("origin", _origin())
    if ticket is None:
        await _answer(send, 403, origin)
        return
    try:
        stream = await hub().open(ticket)
    except Refused as refused:
        await _answer(send, refused.status, origin)
        return
    # From here on, whatever happens is in the stream's queue; what came before is asked for.
    until = hub().position
    listening = asyncio.ensure_future(_hear_the_end(stream, receive))
    why = "left"
    try:
        await send({"type": "http.response.start", "status": 200, "headers": _headers(origin)})
        await _send(send, b"retry: 4000\n\n")
        after = headers.get("last-event-id") or asked.get("after", [""])[0]
        if after.isascii() and after.isdigit() and len(after) < 20:
            for said in await hub().missed(stream, int(after), until):
                await _send(send, said)
        await _send(send, b"event: hello\nid: %d\ndata: {}\n\n" % until)
        why = await _pour(stream, send)
    except TimeoutError:
        why = "slow"
    except OSError:
        why = "left"
    finally:
        hub().close(stream, why)
        listening.cancel()
        with contextlib.suppress(Exception):
            await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _pour(stream: Stream, send: Send) -> str:
    """Send what the stream is told, until it ends. Returns why it ended."""
    until = time.monotonic() + LIFE_S * random.uniform(0.8, 1.2)
    while time.monotonic() < until:
        if stream.is_ended and stream.queue.empty():
            return "ended"
        try:
            said = await asyncio.wait_for(stream.queue.get(), HEARTBEAT_S)
        except TimeoutError:
            said = b": still here\n\n"
        if said:
            await _send(send, said)
    return "renewed"


async def _hear_the_end(stream: Stream, receive: Receive) -> None:
    """The browser left: wake the stream."""
    while (await receive())["type"] != "http.disconnect":
        pass
    stream.is_ended = True
    stream.offer(b"")


async def _send(send: Send, body: bytes) -> None:
    await asyncio.wait_for(send({"type": "http.response.body", "body": body, "more_body": True}), SEND_TIMEOUT_S)


async def _answer(send: Send, status: int, origin: str) -> None:
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"cache-control", b"no-store"),
        (b"access-control-allow-origin", origin.encode()),
        (b"vary", b"Origin"),
        *([(b"retry-after", b"30")] if status in {429, 503} else []),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"ok\n" if status == 200 else b"\n"})


def _headers(origin: str) -> list[tuple[bytes, bytes]]:
    return [
        (b"content-type", b"text/event-stream; charset=utf-8"),
        (b"cache-control", b"no-store"),
        (b"x-accel-buffering", b"no"),  # a proxy passes each event on at once
        (b"x-content-type-options", b"nosniff"),
        (b"access-control-allow-origin", origin.encode()),
        (b"vary", b"Origin"),
    ]


def _origin() -> str:
    return env.get("PARVIS_ORIGIN").rstrip("/")


def _origins() -> set[str]:
    """Where pages may come from: whoever is on this machine also types its address in numbers."""
    parts = urlsplit(_origin())
    if parts.hostname not in env.LOOPBACK:
        return {_origin()}
    port = "" if parts.port is None else f":{parts.port}"
    return {f"{parts.scheme}://{host}{port}" for host in ("localhost", "127.0.0.1", "[::1]")}
