"""How a mail leaves: by SMTP, or into a folder where no server is set."""

from __future__ import annotations

import contextlib
import os
import smtplib
import ssl
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from parvis.core.runtime import env

TIMEOUT_S = 20


class Refused(Exception):
    """The server will never take this mail. `code` is its answer's number."""

    def __init__(self, code: int) -> None:
        super().__init__(f"refused with {code}")
        self.code = code


class Later(Exception):
    """It can't be sent now."""


def send(message: EmailMessage, name: str) -> None:
    """Hand a mail over.  name: of the file, where mails go to a folder.  Raises Refused or Later."""
    url = env.get("PARVIS_SMTP_URL")
    if url:
        _by_smtp(message, url)
    else:
        _to_folder(message, name)


def _to_folder(message: EmailMessage, name: str) -> None:
    folder = env.data_folder() / "mail"
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f".{name}.{os.getpid()}"
    fresh.write_bytes(bytes(message))
    fresh.replace(folder / f"{name}.eml")


def _by_smtp(message: EmailMessage, url: str) -> None:
    parts = urlsplit(url)
    try:
        with _connected(parts.scheme, parts.hostname or "localhost", parts.port) as server:
            if parts.username:
                if not isinstance(server.sock, ssl.SSLSocket) and parts.hostname not in {
                    "localhost",
                    "127.0.0.1",
                    "::1",
                }:
                    raise Later("the server offers no encryption, and the password is not sent without")
                server.login(unquote(parts.username), unquote(parts.password or ""))
            server.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        code = max((code for code, _ in error.recipients.values()), default=0)
        raise (Refused(code) if code >= 500 else Later(str(code))) from None
    except smtplib.SMTPAuthenticationError as error:
        raise Later(f"sign-in refused with {error.smtp_code}") from None
    except smtplib.SMTPResponseException as error:
        raise (Refused(error.smtp_code) if error.smtp_code >= 500 else Later(str(error.smtp_code))) from None
    except (smtplib.SMTPException, OSError) as error:
        raise Later(type(error).__name__) from None


@contextlib.contextmanager
def _connected(scheme: str, host: str, port: int | None):  # type: ignore[no-untyped-def]
    context = ssl.create_default_context()
    if scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port or 465, timeout=TIMEOUT_S, context=context)
    else:
        server = smtplib.SMTP(host, port or 587, timeout=TIMEOUT_S)
    try:
        server.ehlo()
        if scheme != "smtps" and server.has_extn("starttls"):
            server.starttls(context=context)
            server.ehlo()
        yield server
    finally:
        # The mail was taken or not by now: how the server says goodbye no longer matters.
        with contextlib.suppress(smtplib.SMTPException, OSError):
            server.quit()
