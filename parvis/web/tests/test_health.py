"""What those who supervise ask."""

import pytest
from django.utils import timezone

from parvis.core.runtime.models import Beat
from parvis.web import counting, health
from tests.cast import Cast


@pytest.fixture(autouse=True)
def unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_migrated", False)


def test_a_process_that_answers_says_so_without_a_query(client, django_assert_num_queries, db: None) -> None:
    with django_assert_num_queries(0):
        answer = client.get("/healthz")
    assert answer.status_code == 200 and "no-store" in answer["Cache-Control"]
    assert client.post("/healthz").status_code == 405


def test_a_ready_one_notes_its_worker_and_does_not_require_it(client, db: None) -> None:
    assert client.get("/readyz").json() == {"status": "ready", "worker": "not seen lately"}
    Beat.objects.create(worker="w", host="h", pid=1, beat_at=timezone.now())
    assert client.get("/readyz").json()["worker"] == "alive"


def test_a_database_that_lacks_a_step_is_not_ready(client, db: None) -> None:
    from django.db.migrations.recorder import MigrationRecorder

    MigrationRecorder.Migration.objects.filter(app="runtime").delete()
    answer = client.get("/readyz")
    assert answer.status_code == 503 and answer.json()["status"] == "not migrated"


def test_a_database_that_is_away_is_not_ready(client, db: None) -> None:
    from django.db import OperationalError, connection

    with connection.execute_wrapper(lambda *_: (_ for _ in ()).throw(OperationalError("gone"))):
        answer = client.get("/readyz")
    assert answer.status_code == 503 and answer.json() == {"status": "no database"}


def test_requests_are_counted_by_view_and_name_nobody(cast: Cast, client_of) -> None:
    client = client_of(cast.paul)
    client.get(f"/{cast.vauban.slug}/notifications/")
    client.get(f"/{cast.vauban.slug}/zzz-nowhere")
    from prometheus_client import generate_latest

    told = generate_latest(counting.REGISTRY).decode()
    assert 'parvis_requests_total{method="GET",status="200",view="notifications"}' in told
    assert "parvis_request_seconds_bucket" in told and 'parvis_request_queries_total{view="notifications"}' in told
    assert "zzz-nowhere" not in told and cast.paul.key not in told and "vauban" not in told
