"""Every setting of an installation: its name, default and meaning, read from the environment.

The one place that reads the environment. Imports nothing but the standard library, so that the supervisor and the streams
can use it without Django. `docs/settings.md` tells people the same; a test compares the two.
"""

import os
import secrets
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qsl, unquote, urlsplit

Kind = Literal["text", "number", "flag", "folder", "address"]


class BadSetting(ValueError):
    """A setting has a value that cannot be used; the message names the setting and what it accepts."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting. `derive`, when there is one, makes the default from other settings; `default` then says how, in words.

    least, most: what a number may be.
    """

    name: str
    default: str
    help: str
    kind: Kind = "text"
    derive: Callable[[], str] | None = None
    least: int = 0
    most: int = 65_535


def _default_database_url() -> str:
    return f"sqlite:///{data_folder() / 'parvis.sqlite3'}"


LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def _default_origin() -> str:
    return f"http://localhost:{number('PARVIS_PORT')}"


def _default_stream_url() -> str:
    parts = urlsplit(get("PARVIS_ORIGIN"))
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{parts.scheme}://{host}:{number('PARVIS_PORT') + 1}"


def _default_metrics_port() -> str:
    return str(number("PARVIS_PORT") + 2)


SETTINGS: tuple[Setting, ...] = (
    Setting("PARVIS_DATA", "data", "Folder of everything that the installation writes.", "folder"),
    Setting(
        "DATABASE_URL",
        "sqlite:///PARVIS_DATA/parvis.sqlite3",
        "Database: sqlite:///path or postgresql://user:password@host:port/name (for a socket: ?host=/folder).",
        "address",
        _default_database_url,
    ),
    Setting(
        "PARVIS_SECRET_KEY",
        "made once, kept in PARVIS_DATA/secrets/secret_key",
        "Key that signs sessions and mailed addresses; the same for all processes and machines of an installation.",
        "text",
        lambda: _kept_secret(data_folder() / "secrets" / "secret_key"),
    ),
    Setting("PARVIS_HOST", "127.0.0.1", "Network address to listen on; 0.0.0.0 for every one of the machine."),
    Setting(
        "PARVIS_PORT",
        "8000",
        "Port of the pages; the streams take the next one.",
        "number",
        least=1,
        most=65_533,  # the streams and the metrics take the next two
    ),
    Setting(
        "PARVIS_ORIGIN",
        "http://localhost:PARVIS_PORT",
        "Public address that people type, as in https://parvis.example; it must be right behind a proxy.",
        "address",
        _default_origin,
    ),
    Setting(
        "PARVIS_STREAM_URL",
        "the host of PARVIS_ORIGIN, at PARVIS_PORT + 1",
        "Public address of the live streams; behind a proxy usually https://parvis.example with /live sent to them.",
        "address",
        _default_stream_url,
    ),
    Setting(
        "PARVIS_SMTP_URL",
        "",
        "Mail server: smtp://user:password@host:587 or smtps://host:465. Empty: mails are written to PARVIS_DATA/mail.",
        "address",
    ),
    Setting("PARVIS_MAIL_FROM", "Parvis <parvis@localhost>", "Sender of the mails that Parvis sends."),
    Setting(
        "PARVIS_PAGES_THREADS", "4", "Requests served at the same time by the pages.", "number", least=1, most=1000
    ),
    Setting(
        "PARVIS_METRICS_PORT",
        "PARVIS_PORT + 2",
        "Port of the Prometheus metrics, on loopback only; 0 for none.",
        "number",
        _default_metrics_port,
    ),
    Setting("PARVIS_LOG", "info", "How much is logged: debug, info, warning or error."),
    Setting("PARVIS_DEBUG", "0", "1 shows errors in full in the browser. Never where others can reach it.", "flag"),
)
_BY_NAME = {setting.name: setting for setting in SETTINGS}


def get(name: str) -> str:
    """The value of the setting `name` as text, its default if the environment has none or an empty one. Raises KeyError."""
    setting = _BY_NAME[name]
    value = os.environ.get(name, "").strip()
    if value:
        return value
    return setting.derive() if setting.derive else setting.default


def number(name: str) -> int:
    """The value of a setting that is a whole number, between its `least` and `most`. Raises BadSetting."""
    setting, value = _BY_NAME[name], get(name)
    if not (value.isascii() and value.isdigit()):
        raise BadSetting(f"{name} must be a whole number, not “{value}”.")
    if not setting.least <= int(value[:9]) <= setting.most:
        raise BadSetting(f"{name} must be between {setting.least} and {setting.most}, not {value}.")
    return int(value)


def flag(name: str) -> bool:
    """The value of a setting that is 1 or 0 (yes/no, true/false, on/off as well). Raises BadSetting."""
    value = get(name).lower()
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise BadSetting(f"{name} must be 1 or 0, not “{value}”.")


def data_folder() -> Path:
    """The folder of everything that the installation writes, absolute; it may not exist yet."""
    return Path(get("PARVIS_DATA")).expanduser().absolute()


def database(url: str) -> dict[str, Any]:
    """What Django's `DATABASES` wants for a database address. Raises BadSetting.

    `sqlite:///relative/path`, `sqlite:////absolute/path`; `postgresql://user:password@host:port/name`, every part optional,
    with the options of libpq as a query (`?host=/run/postgresql&sslmode=require`).
    """
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        path = unquote(parts.path.removeprefix("/"))
        if parts.netloc or not path:
            raise BadSetting("DATABASE_URL for SQLite is sqlite:///path/to/file.")
        return _sqlite(path)
    if parts.scheme in {"postgresql", "postgres"}:
        return _postgresql(url)
    raise BadSetting(f"DATABASE_URL must begin with sqlite:/// or postgresql://, not “{parts.scheme}”.")


def _sqlite(path: str) -> dict[str, Any]:
    # IMMEDIATE: a transaction that reads and then writes would otherwise fail at once when another writer came between.
    return {
        "ENGINE": "parvis.core.runtime.sqlite",
        "NAME": path if path == ":memory:" else str(Path(path).absolute()),
        "CONN_MAX_AGE": None,
        "TEST": {"NAME": ":memory:"},
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA mmap_size=268435456; "
                "PRAGMA cache_size=-8000; PRAGMA temp_store=MEMORY; PRAGMA journal_size_limit=67108864;"
            ),
        },
    }


def _postgresql(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    try:
        port = parts.port
    except ValueError:
        raise BadSetting("DATABASE_URL has a port that is not a number.") from None
    found = {
        "NAME": unquote(parts.path.removeprefix("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", "") or unquote(parts.hostname or ""),
        "PORT": options.pop("port", "") or str(port or ""),
    }
    return {
        "ENGINE": "django.db.backends.postgresql",
        **found,
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        # A prepared statement gets a generic plan after a few runs, which no longer sees how few rows a viewer may see.
        "OPTIONS": {**options, "prepare_threshold": None},
    }


def _kept_secret(path: Path) -> str:
    """The secret in the file `path`, made the first time, readable by its owner only. Two processes agree on one."""
    if path.exists():
        return path.read_text().strip()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=".new-") as fresh:  # made with mode 0600
        fresh.write(secrets.token_urlsafe(48) + "\n")
        fresh.flush()
        os.fsync(fresh.fileno())
        try:
            # A link fails where a rename would silently replace the key that another process made meanwhile.
            path.hardlink_to(fresh.name)
        except FileExistsError:
            return path.read_text().strip()
    return path.read_text().strip()
