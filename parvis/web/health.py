"""Whether this process answers, and whether it can serve: for those who supervise it. Nothing about anybody."""

import datetime as dt

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from parvis.core.runtime.models import Beat

_LIVELY = dt.timedelta(seconds=20)
_migrated = False  # it stays so for the life of a process


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 where the database answers and is at the latest step, else 503. A worker is noted, not required."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        migrated = _is_migrated()
        newest = Beat.objects.order_by("-beat_at").values_list("beat_at", flat=True).first() if migrated else None
    except DatabaseError:
        return JsonResponse({"status": "no database"}, status=503)
    worker = "alive" if newest is not None and newest > timezone.now() - _LIVELY else "not seen lately"
    told = {"status": "ready" if migrated else "not migrated", "worker": worker}
    return JsonResponse(told, status=200 if migrated else 503)


def _is_migrated() -> bool:
    global _migrated
    if not _migrated:
        executor = MigrationExecutor(connection)
        _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return _migrated
