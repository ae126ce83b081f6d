"""How rare words are, as published: counted from what everyone in a network may see, by language and kind, once a day.

Anything counted from what only some may see would let its order tell of it. Without a published table all words weigh
the same.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import math
import tempfile
import threading
from collections import Counter
from pathlib import Path

from django.conf import settings

from parvis.core.items.models import AudiencePrincipal, Item
from parvis.core.people.viewer import EVERYONE
from parvis.insight.search.words import LANGUAGES, stems_of, words_of

_SAMPLE = 50_000  # items of a network that are counted; a random third of a corpus already orders as well as all of it
_LEAST = 100  # items of a language, or of a kind in it, below which there is no table
_KEPT = 30_000  # words in a table: the commonest
_MEAN_WORDS = 60.0
ANY = ""  # kind


@dataclasses.dataclass(frozen=True, slots=True)
class Table:
    """items: how many were counted; counts: stem → in how many of them; mean_words: their mean length."""

    items: int = 0
    mean_words: float = _MEAN_WORDS
    counts: dict[str, int] = dataclasses.field(default_factory=dict)

    def weight(self, stem: str) -> float:
        """How much a word says: near 0 for one that stands everywhere, 1 for one that stands in a single item."""
        if not self.items:
            return 1.0
        return self._idf(self.counts.get(stem, 1)) / self._idf(1)

    def _idf(self, count: int) -> float:
        return math.log(1 + (self.items - count + 0.5) / (count + 0.5))


_NONE = Table()


@dataclasses.dataclass(frozen=True, slots=True)
class Rarity:
    """The tables of one version. Nothing published yet: version 0, and all words weigh the same."""

    version: int = 0
    tables: dict[str, Table] = dataclasses.field(default_factory=dict)

    def table(self, language: str, kind: str = ANY) -> Table:
        """The table of a language and kind; where there was too little of the kind, of the language."""
        known = language if language in LANGUAGES else "fr"
        return self.tables.get(f"{known}/{kind}") or self.tables.get(f"{known}/") or _NONE

    def weight(self, stems: dict[str, str]) -> float:
        """Of a typed word whose language is not known: in the language where it says least."""
        return min(self.table(language).weight(stem) for language, stem in stems.items())


def _path(network_id: int) -> Path:
    return Path(settings.SEARCH_INDEX) / str(network_id) / "rarity.json"


_lock = threading.Lock()
_read: dict[Path, tuple[int, Rarity]] = {}


def rarity_of(network_id: int) -> Rarity:
    """The published version of a network, read again when it changed."""
    path = _path(network_id)
    try:
        stamp = path.stat().st_mtime_ns
    except OSError:
        return Rarity()
    with _lock:
        known = _read.get(path)
        if known is None or known[0] != stamp:
            try:
                known = (stamp, _parsed(json.loads(path.read_text())))
            except (OSError, ValueError, KeyError, TypeError):
                known = (stamp, Rarity())
            _read[path] = known
    return known[1]


def _parsed(kept: dict) -> Rarity:  # type: ignore[type-arg]
    tables = {name: Table(t["items"], t["mean_words"], t["counts"]) for name, t in kept["tables"].items()}
    return Rarity(kept["version"], tables)


def system_publish(network_id: int, now: dt.datetime) -> int:
    """Count anew and publish, at most once a day. Returns the version in force: the day, as 20261123."""
    version = int(now.strftime("%Y%m%d"))
    if rarity_of(network_id).version >= version:
        return rarity_of(network_id).version
    items: Counter[str] = Counter()
    lengths: Counter[str] = Counter()
    counts: dict[str, Counter[str]] = {}
    for kind, language, title, text in _public(network_id):
        known = language if language in LANGUAGES else "fr"
        stems = stems_of([w.text for w in words_of(f"{title}\n{text}")], known).stems
        for name in (f"{known}/", f"{known}/{kind}"):
            items[name] += 1
            lengths[name] += len(stems)
            counts.setdefault(name, Counter()).update(set(stems))
    tables = {
        name: {
            "items": items[name],
            "mean_words": max(lengths[name] / items[name], 1.0),
            "counts": {s: n for s, n in sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))[:_KEPT] if n > 1},
        }
        for name, found in sorted(counts.items())
        if items[name] >= _LEAST
    }
    _write(_path(network_id), json.dumps({"version": version, "tables": tables}, ensure_ascii=False))
    return version


def _public(network_id: int):  # type: ignore[no-untyped-def]
    """(kind, language, title, text) of what everyone may see: a sample in the order of the keys, which are random."""
    everyone = AudiencePrincipal.objects.filter(principal=EVERYONE, audience__network=network_id).values("audience")
    rows = Item.objects.filter(network=network_id, audience__in=everyone, deleted_at=None).order_by("key")
    return rows.values_list("kind", "language", "title", "text")[:_SAMPLE].iterator(chunk_size=1000)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=".rarity-", delete=False) as fresh:
        fresh.write(text)
    Path(fresh.name).replace(path)
