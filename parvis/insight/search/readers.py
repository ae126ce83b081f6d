"""The reader of the log that keeps the index: it looks at what signals name as it is now, not at what they say."""

from __future__ import annotations

import datetime as dt
import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence

from parvis.core.items.log import head
from parvis.core.items.models import Item, ReaderCursor, SetAside, Signal, Verb
from parvis.core.items.readers import Reader, Sort
from parvis.core.people.models import Network
from parvis.insight.search import index
from parvis.insight.search.rows import system_rows, system_threads, system_with_files

logger = logging.getLogger("parvis.search")

NAME = "search.index"
_OF_ONE = frozenset({Verb.CREATE, Verb.UPDATE, Verb.DELETE})  # change the item that they name
_OF_NONE = frozenset(  # change no text and no audience
    {
        Verb.ACCEPT,
        Verb.ANNOUNCE,
        Verb.FLAG,
        Verb.FOLLOW,
        Verb.INVITE,
        Verb.JOIN,
        Verb.LEAVE,
        Verb.LIKE,
        Verb.MENTION,
        Verb.VIEW,
    }
)
_BUILD = 1000  # items read at once by a rebuild
_COMMIT = 20_000  # items after which a rebuild commits


def read(signals: Sequence[Signal]) -> None:
    """Bring the index in line with the items that these signals name. Reading them twice changes nothing.

    A network that has no index yet gets one, made from the tables.  Raises Unavailable.
    """
    for network_id, named in _by_network(signals).items():
        if index.is_built(network_id):
            rows, gone = system_rows(_changed(named))
            if rows or gone:
                index.replace(network_id, rows, gone)
        elif Network.objects.filter(pk=network_id).exists():
            system_rebuild(network_id)


def _by_network(signals: Iterable[Signal]) -> dict[int, list[Signal]]:
    named: dict[int, list[Signal]] = defaultdict(list)
    for signal in signals:
        if signal.item_id is not None and signal.verb not in _OF_NONE:
            named[signal.network_id].append(signal)
    return named


def _changed(signals: Sequence[Signal]) -> set[int]:
    """The items whose text or audience these signals may have changed."""
    single = {s.item_id for s in signals if s.item_id and s.verb in _OF_ONE}
    roots = {s.item_id for s in signals if s.item_id and s.verb not in _OF_ONE}
    return system_with_files(single | system_threads(roots) if roots else single)


def system_rebuild(network_id: int) -> int:
    """Make a network's index anew from the tables, beside the one in use, and put it in its place.

    Searching goes on meanwhile, and so does the reader; what happened while it was made is read again afterwards.
    Returns how many items it holds.
    """
    seen = head()
    building = index.Building(network_id)
    try:
        count = _fill(building.writer, network_id)
        seen = _catch_up(building.writer, network_id, seen)
        building.publish()
    except BaseException:
        building.abandon()
        raise
    ReaderCursor.objects.filter(pk=NAME, position__gt=seen).update(position=seen)
    logger.info("search index of network %d built: %d items", network_id, count)
    return count


def _fill(writer: index.Writer, network_id: int) -> int:
    last = count = 0
    waiting: list[index.Row] = []
    while True:
        ids = list(
            Item.objects.filter(network=network_id, pk__gt=last).order_by("pk").values_list("pk", flat=True)[:_BUILD]
        )
        if not ids:
            break
        waiting += system_rows(ids)[0]
        last = ids[-1]
        if len(waiting) >= _COMMIT:
            writer.replace(waiting, ())
            count += len(waiting)
            waiting = []
    writer.replace(waiting, ())
    return count + len(waiting)


def _catch_up(writer: index.Writer, network_id: int, seen: int) -> int:
    """Read what happened since, as long as there is much of it. Returns the position up to which it was read."""
    while True:
        signals = list(Signal.objects.filter(position__gt=seen).order_by("position")[:_BUILD])
        if not signals:
            return seen
        changed = _changed(_by_network(signals).get(network_id, []))
        if changed:
            writer.replace(*system_rows(changed))
        seen = signals[-1].position
        if len(signals) < _BUILD:
            return seen


def rebuild() -> None:
    """Make all networks' indexes anew: `parvis rebuild search`."""
    seen = head()
    for network_id in Network.objects.order_by("pk").values_list("pk", flat=True):
        system_rebuild(network_id)
    SetAside.objects.filter(reader=NAME, position__lte=seen).delete()


SEARCH_INDEX = Reader(
    NAME,
    Sort.STATE,
    read,
    inside=False,
    rebuild=rebuild,
    version=index.FORMAT,
    batch=1000,
    pace=dt.timedelta(seconds=1),
)
