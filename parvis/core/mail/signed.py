"""Signed addresses: what a mail is answered to says which thread it is for and whose it is, and cannot be forged.

`reply+TOKEN@host`; the token is in lower-case base 32, since servers on the way may change the case of an address.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

from parvis.core.runtime import env

_MARK = 10  # bytes of the signature: 80 bits
_VERSION = 1


def sign(person_id: int, thread_id: int) -> str:
    """The token by which a person answers in a thread by mail. At most 44 characters."""
    body = bytes([_VERSION]) + person_id.to_bytes(8, "big") + thread_id.to_bytes(8, "big")
    return base64.b32encode(body + _mark(body)).decode().rstrip("=").lower()


def verify(token: str) -> tuple[int, int] | None:
    """(person id, thread id) of a token that this installation made; None for any other."""
    try:
        raw = base64.b32decode(token.upper() + "=" * (-len(token) % 8))
    except (binascii.Error, ValueError):
        return None
    body, mark = raw[:-_MARK], raw[-_MARK:]
    if len(body) != 17 or body[0] != _VERSION or not hmac.compare_digest(mark, _mark(body)):
        return None
    return int.from_bytes(body[1:9], "big"), int.from_bytes(body[9:17], "big")


def reply_address(person_id: int, thread_id: int, domain: str) -> str:
    """The address to which a person answers in a thread."""
    return f"reply+{sign(person_id, thread_id)}@{domain}"


def token_of(address: str) -> str:
    """The token in an address of ours, '' if there is none."""
    local = address.partition("@")[0]
    return local.partition("+")[2] if local.lower().startswith("reply+") else ""


def _mark(body: bytes) -> bytes:
    key = hmac.digest(env.get("PARVIS_SECRET_KEY").encode(), b"parvis.mail.reply", hashlib.sha256)
    return hmac.digest(key, body, hashlib.sha256)[:_MARK]
