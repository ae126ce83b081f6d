"""What the pages count, for Prometheus: requests, how long they take and how many queries they make, by view.

A view is named as in `urls.py`; addresses, networks and persons never are.
"""

import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from django.db import connections
from django.http import HttpRequest, HttpResponse
from prometheus_client import CollectorRegistry, Counter, Histogram

from parvis.core.runtime import gather, metrics

REGISTRY = CollectorRegistry()
REQUESTS = Counter("parvis_requests", "Requests answered.", ["view", "method", "status"], registry=REGISTRY)
SECONDS = Histogram(
    "parvis_request_seconds",
    "How long requests took.",
    ["view"],
    buckets=(0.005, 0.01, 0.02, 0.04, 0.06, 0.1, 0.2, 0.5, 1, 2, 5, 10),
    registry=REGISTRY,
)
QUERIES = Counter("parvis_request_queries", "Database queries made while answering.", ["view"], registry=REGISTRY)
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
WRITE_EVERY_S = 5.0


class CountingMiddleware:
    """Counts each request. First of all, so that it sees what the others cost."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        _write_soon()
        began, queries = time.perf_counter(), [0]

        def counted(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
            queries[0] += 1
            return execute(sql, params, many, context)

        with ExitStack() as stack:
            for connection in connections.all():
                stack.enter_context(connection.execute_wrapper(counted))
            response = self.get_response(request)
        match = request.resolver_match
        view = (match.view_name or "unnamed") if match else "none"
        method = request.method if request.method in _METHODS else "other"
        REQUESTS.labels(view, method, str(response.status_code)).inc()
        SECONDS.labels(view).observe(time.perf_counter() - began)
        QUERIES.labels(view).inc(queries[0])
        return response


_written_at = 0.0
_is_counting = False


def _write_soon() -> None:
    global _is_counting
    if not _is_counting:
        _is_counting = True
        gather.every_second(_write)


def _write() -> None:
    global _written_at
    if time.monotonic() - _written_at >= WRITE_EVERY_S:
        _written_at = time.monotonic()
        metrics.write_registry("pages", REGISTRY)
