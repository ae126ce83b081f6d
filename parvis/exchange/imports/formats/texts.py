"""Texts from anywhere made fit to keep: odd charsets decoded, control characters dropped, plain text made HTML."""

from __future__ import annotations

import codecs
import hashlib
import html
import re
from urllib.parse import quote

# Codecs that Python offers and no mail means: slow on hostile input, or not a charset at all.
_REFUSED = frozenset({"idna", "punycode", "undefined", "unicode_escape", "raw_unicode_escape"})
# What senders write and what they mean (the usual names are the codec registry's own business).
_MEANT = {
    "iso-8859-1": "cp1252",  # as every mail reader and browser takes it
    "latin-1": "cp1252",
    "latin1": "cp1252",
    "iso-8859-8-i": "iso-8859-8",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-sjis": "cp932",
    "shift_jis": "cp932",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "unicode-1-1-utf-7": "utf-7",
    "utf8mb4": "utf-8",
    "cp-850": "cp850",
    "x-mac-roman": "mac-roman",
    "macintosh": "mac-roman",
    "x-user-defined": "cp1252",
}
# Control characters that neither a database nor a page wants (PostgreSQL refuses NUL); tab and newline stay.
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_URL = re.compile(r"https?://[^\s<>\"'`]{1,2000}")


def tidy(text: str) -> str:
    """`text` without control characters and half characters, with newlines as \\n."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x85", "\n")
    return _SURROGATES.sub("\ufffd", _CONTROLS.sub("", text))


def one_line(text: str, limit: int) -> str:
    """`text` tidy, on one line, of at most `limit` characters (an ellipsis ends what was cut)."""
    text = " ".join(tidy(text).split())
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def decode(data: bytes, charset: str | None = None) -> str:
    """The text that `data` most likely is: in `charset` if it can be, else UTF-8, else Windows Latin. Never fails."""
    for name in _guesses(charset):
        try:
            return tidy(data.decode(name))
        except (LookupError, ValueError):  # ValueError covers UnicodeError and NUL in the codec's name
            continue
    return tidy(data.decode("latin-1"))


def _guesses(charset: str | None) -> list[str]:
    name = (charset or "").strip().strip("\"'").lower()
    guesses = ["utf-8", "cp1252"]
    if name and name not in ("us-ascii", "ascii", "unknown-8bit", "8bit", "x-unknown", "utf-8", "utf8"):
        name = _MEANT.get(name, name)
        try:
            name = codecs.lookup(name).name
        except (LookupError, ValueError):
            return guesses
        if name.replace("-", "_") not in _REFUSED:
            guesses.insert(0, name)
    return guesses


def escape(text: str) -> str:
    """`text` as HTML."""
    return html.escape(text, quote=False)


def link(url: str, label_html: str) -> str:
    """A link of HTML to an outside address."""
    return f'<a href="{html.escape(url)}">{label_html}</a>'


def inner_link(kind: str, source_id: str, label: str) -> str:
    """A link to a person or a group of the archive, which the engine gives its address."""
    return f'<a href="{kind}:{quote(source_id, safe="")}">{escape(label)}</a>'


def linkify(text: str) -> str:
    """`text` as HTML, with its web addresses made links."""
    out, at = [], 0
    for match in _URL.finditer(text):
        url = _without_closing_marks(match[0])
        out += [escape(text[at : match.start()]), link(url, escape(url))]
        at = match.start() + len(url)
    return "".join([*out, escape(text[at:])])


def _without_closing_marks(url: str) -> str:
    """`url` without the punctuation of the sentence around it; a closing bracket stays if it was opened inside."""
    while url and (url[-1] in ".,;:!?»…*_" or (url[-1] == ")" and url.count(")") > url.count("("))):
        url = url[:-1]
    return url


def short_id(source_id: str, limit: int = 200) -> str:
    """`source_id` itself, or for a long one its beginning and a digest of it: as unique, of at most `limit` characters."""
    source_id = tidy(source_id)
    if len(source_id) <= limit:
        return source_id
    digest = hashlib.blake2b(source_id.encode(), digest_size=16 if limit > 64 else 8).hexdigest()
    return f"{source_id[: limit - 1 - len(digest)]}~{digest}"
