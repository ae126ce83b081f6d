"""From the tables to the rows of the index: the current state of items, whatever the log said of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import chain

from parvis.core.items.kinds import all_specs
from parvis.core.items.models import AudiencePrincipal, Item, Link, Pending, Relation
from parvis.insight.search.index import Row

_CHUNK = 500  # ids in one query


def system_rows(item_ids: Iterable[int]) -> tuple[list[Row], list[int]]:
    """The rows of those items that search may find, and the ids of the others: deleted, drafts, or not there at all.

    A draft is its author's alone and is left out until it is published; what moderation removed keeps a row, for the
    moderators who are its audience.  Queries: 5 for each 500 items.
    """
    wanted = sorted(set(item_ids))
    rows: list[Row] = []
    for start in range(0, len(wanted), _CHUNK):
        rows += _rows_of(wanted[start : start + _CHUNK])
    return rows, sorted(set(wanted) - {row.id for row in rows})


def _rows_of(ids: Sequence[int]) -> list[Row]:
    specs = {spec.kind: spec for spec in all_specs() if spec.is_found}
    drafts = _drafts(ids)
    items = [i for i in Item.objects.filter(pk__in=ids, deleted_at=None, kind__in=specs) if i.pk not in drafts]
    principals: dict[int, list[int]] = defaultdict(list)
    audiences = {i.audience_id for i in items}
    for audience, principal in AudiencePrincipal.objects.filter(audience_id__in=audiences).values_list(
        "audience_id", "principal"
    ):
        principals[audience].append(principal)
    rows = []
    for item in items:
        if not principals[item.audience_id]:
            continue
        texts = specs[item.kind].texts(item)
        rows.append(
            Row(
                id=item.pk,
                key=item.key,
                kind=item.kind,
                place=item.place_id or 0,
                author=item.author_id,
                thread=item.thread_id,
                language=item.language,
                at=item.created_at,
                principals=tuple(sorted(principals[item.audience_id])),
                title=texts.title,
                body=texts.body,
            )
        )
    return rows


def _drafts(ids: Sequence[int]) -> set[int]:
    """Those of these items that were never published, and the files that are attached to such items alone."""
    waiting = Pending.objects.filter(item__removed_at=None)
    drafts = set(waiting.filter(item__in=ids).values_list("item_id", flat=True))
    attached = Link.objects.filter(relation=Relation.ATTACHED)
    to_drafts = set(attached.filter(other__in=ids, item__in=waiting.values("item")).values_list("other_id", flat=True))
    if to_drafts:
        published = attached.filter(other__in=to_drafts).exclude(item__in=waiting.values("item"))
        to_drafts -= set(published.values_list("other_id", flat=True))
    return drafts | to_drafts


def system_with_files(item_ids: Iterable[int]) -> set[int]:
    """These items and the files attached to them, which follow their audience.  Queries: 1 for each 500."""
    ids = sorted(set(item_ids))
    links = (
        Link.objects.filter(item__in=ids[n : n + _CHUNK], relation=Relation.ATTACHED).values_list("other_id", flat=True)
        for n in range(0, len(ids), _CHUNK)
    )
    return {*ids, *chain.from_iterable(links)}


def system_threads(root_ids: Iterable[int]) -> set[int]:
    """The ids of all items of these threads, first items included.  Queries: 1 for each 500 threads."""
    roots = sorted(set(root_ids))
    found = set(roots)
    for start in range(0, len(roots), _CHUNK):
        found |= set(Item.objects.filter(root__in=roots[start : start + _CHUNK]).values_list("pk", flat=True))
    return found
