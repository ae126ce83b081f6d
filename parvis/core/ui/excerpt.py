"""The beginning of a text, as plain words."""

import html
import re

BREAKS = re.compile(r"</(?:p|li|h[1-6]|div|blockquote|pre|tr|td|th)>|<br\s*/?>", re.I)
TAGS = re.compile(r"<[a-z/!][^>]*>", re.I)


def plain_excerpt(text: str, limit: int = 200) -> str:
    """`text` without tags, on one line, cut after a whole word at `limit` characters at most, ellipsis included."""
    words = html.unescape(TAGS.sub("", BREAKS.sub(" ", text))).split()
    plain = " ".join(words)
    if len(plain) <= limit:
        return plain
    cut = plain[: limit - 1]
    whole, _, rest = cut.rpartition(" ")
    if plain[limit - 1] == " " or not whole or len(rest) > limit // 2:  # a word longer than half of the room is cut
        whole = cut
    return whole.rstrip(" ,;:.…–—-") + "…"
