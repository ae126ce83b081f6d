"""Settings: what the environment gives, and what it does not."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from parvis.core.runtime import env


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for setting in env.SETTINGS:
        monkeypatch.delenv(setting.name, raising=False)
    monkeypatch.setenv("PARVIS_DATA", str(tmp_path))


def test_without_any_setting_everything_has_a_working_value(tmp_path: Path) -> None:
    assert env.get("DATABASE_URL") == f"sqlite:///{tmp_path}/parvis.sqlite3"
    assert env.get("PARVIS_ORIGIN") == "http://localhost:8000"
    assert env.get("PARVIS_STREAM_URL") == "http://localhost:8001"
    assert env.number("PARVIS_METRICS_PORT") == 8002
    assert env.flag("PARVIS_DEBUG") is False


def test_what_is_derived_follows_what_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARVIS_PORT", "9000")
    assert env.get("PARVIS_STREAM_URL") == "http://localhost:9001"
    monkeypatch.setenv("PARVIS_ORIGIN", "https://parvis.example")
    assert env.get("PARVIS_STREAM_URL") == "https://parvis.example:9001"


def test_an_empty_value_counts_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARVIS_PORT", " ")
    assert env.number("PARVIS_PORT") == 8000


@pytest.mark.parametrize("value", ["eight", "-1", "1.5", "²"])
def test_a_port_that_is_no_number_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("PARVIS_PORT", value)
    with pytest.raises(env.BadSetting, match="PARVIS_PORT"):
        env.number("PARVIS_PORT")


@pytest.mark.parametrize("value", ["0", "65534", "99999", "9" * 5000])
def test_a_port_that_does_not_exist_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("PARVIS_PORT", value)
    with pytest.raises(env.BadSetting, match="PARVIS_PORT must be between 1 and 65533"):
        env.number("PARVIS_PORT")


def test_an_unknown_setting_is_a_mistake_of_the_code() -> None:
    with pytest.raises(KeyError):
        env.get("PARVIS_PROT")


def test_the_secret_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        keys = set(threads.map(lambda _: env.get("PARVIS_SECRET_KEY"), range(32)))
    assert len(keys) == 1
    assert len(keys.pop()) >= 50
    path = tmp_path / "secrets" / "secret_key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [found.name for found in path.parent.iterdir()] == ["secret_key"]


def test_a_sqlite_address_names_a_file() -> None:
    assert env.database("sqlite:////srv/parvis/main.sqlite3")["NAME"] == "/srv/parvis/main.sqlite3"
    assert env.database("sqlite:///here.sqlite3")["NAME"] == str(Path("here.sqlite3").absolute())
    assert env.database("sqlite:////srv/a")["OPTIONS"]["transaction_mode"] == "IMMEDIATE"


def test_a_postgresql_address_may_hold_any_character_and_a_socket() -> None:
    found = env.database("postgresql://us%40er:p%2Fw@db.example:5433/par%20vis?sslmode=require")
    assert (found["USER"], found["PASSWORD"], found["HOST"], found["PORT"], found["NAME"]) == (
        "us@er",
        "p/w",
        "db.example",
        "5433",
        "par vis",
    )
    assert found["OPTIONS"] == {"sslmode": "require", "prepare_threshold": None}
    assert env.database("postgresql:///parvis?host=/run/pg")["HOST"] == "/run/pg"


@pytest.mark.parametrize(
    "url", ["mysql://x/y", "sqlite://", "sqlite://host/x", "postgresql://h:port/x", "parvis.sqlite3"]
)
def test_an_address_that_cannot_be_used_is_refused(url: str) -> None:
    with pytest.raises(env.BadSetting, match="DATABASE_URL"):
        env.database(url)
