"""Non-interference on random worlds: what a viewer may not see moves nothing of what search tells them."""

from __future__ import annotations

import datetime as dt
from unittest.mock import patch

import pytest
from django.conf import settings as installation
from django.db import transaction
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from parvis.core.items.actions import NewItem, create_items
from parvis.core.items.audiences import audience_of
from parvis.core.items.models import Item, Kind
from parvis.core.items.readers import drain
from parvis.core.people.actions import NewPerson, add_members, create_groups, create_network, create_people
from parvis.core.people.models import GroupKind
from parvis.core.people.viewer import EVERYONE, viewer_for
from parvis.insight.search import engine, index
from parvis.insight.search.queries import RECENT, search, suggestions
from parvis.insight.search.rarity import rarity_of
from parvis.insight.search.readers import SEARCH_INDEX, system_rebuild
from parvis.insight.search.rows import system_rows
from tests.cast import NOW

pytestmark = pytest.mark.django_db

WORDS = ["canari", "canaris", "présentée", "presente", "laser", "débit", "l’eau", "meeting", "meetings", "a", "canard"]
texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=8).map(" ".join)
said = st.tuples(texts, texts, st.integers(0, 3), st.booleans())  # title, body, days, whether it answers
ASKED = ["canari", "presentee laser", '"laser débit"', "canari -laser", "eau meeting canari", "kanari", "ca", "a"]


def answers(viewer) -> list:
    """All that search tells a viewer, for some questions: order, counts, extracts, pages, suggestions."""
    told: list = []
    for words in ASKED:
        for order in ("relevance", RECENT):
            cursor = ""
            for _ in range(4):
                page = search(viewer, words, order=order, cursor=cursor, limit=3)
                told.append(
                    [page.count, page.count_is_exact, page.cursor, page.proposals, [p.key for p in page.places]]
                )
                told += [(h.item.pk, h.head and h.head.pk, h.title, h.extract, h.also, h.is_partial) for h in page.hits]
                cursor = page.cursor
                if not cursor:
                    break
        offered = suggestions(viewer, words)
        told.append(
            [[p.pk for p in offered.people], *((h.item.pk, h.title) for h in offered.communities + offered.threads)]
        )
    return told


@pytest.mark.slow
@pytest.mark.parametrize("pool", [4, 256])  # 4: more match than are looked at
@settings(
    max_examples=15,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(
    shown=st.lists(said, min_size=1, max_size=14),
    hidden=st.lists(st.lists(said, min_size=1, max_size=8), min_size=1, max_size=3),
    everyone=st.booleans(),
)
def test_what_a_viewer_may_not_see_changes_nothing(pool: int, shown, hidden, everyone: bool) -> None:
    with transaction.atomic(), patch.multiple(engine, POOL=pool, _WIDEST=4 * pool):
        network = create_network("monde", "Monde", NOW)
        me, other = create_people(network, [NewPerson("Canari Laser"), NewPerson("Eau Meeting")], NOW)
        team, board = create_groups(network, GroupKind.TEAM, ["A", "B"], NOW)
        add_members(team, [me], NOW)
        add_members(board, [other], NOW)
        viewer = viewer_for(me, NOW + dt.timedelta(days=9))
        _say(other, audience_of(network, [EVERYONE if everyone else team.pk]), team, shown)
        drain([SEARCH_INDEX], NOW)
        before = answers(viewer)
        for batch in hidden:
            _say(other, audience_of(network, [board.pk]), board, batch)
            drain([SEARCH_INDEX], NOW)
            assert answers(viewer) == before
        rows, _ = system_rows(Item.objects.filter(place=team).values_list("pk", flat=True))
        index.replace(network.pk, rows[::-1], ())  # nor does the order in which the index was written
        assert answers(viewer) == before
        gone = list(Item.objects.filter(place=board).order_by("pk").values_list("pk", flat=True))[::2]
        Item.objects.filter(pk__in=gone).delete()
        system_rebuild(network.pk)
        assert answers(viewer) == before
        transaction.set_rollback(True)
    index.close_all()
    installation.SEARCH_INDEX = installation.SEARCH_INDEX.with_name(installation.SEARCH_INDEX.name + "x")


def _say(author, audience, place, rows) -> None:
    roots: list[Item] = []
    for title, body, days, is_answer in rows:
        root = roots[-1] if is_answer and roots else None
        row = NewItem(
            Kind.COMMENT if root else Kind.POST,
            author,
            audience,
            NOW + dt.timedelta(days=days),
            place=place,
            title="" if root else title,
            body=f"<p>{body}</p>",
            root=root,
            in_feeds=root is None,
        )
        (made,) = create_items([row])
        if root is None:
            roots.append(made)


def test_words_weigh_as_published_and_the_publication_counts_only_what_everyone_sees() -> None:
    from parvis.insight.search.rarity import system_publish

    network = create_network("monde", "Monde", NOW)
    (author,) = create_people(network, [NewPerson("P")], NOW)
    (board,) = create_groups(network, GroupKind.TEAM, ["B"], NOW)
    common = [("", "le laser de la ligne est prêt pour nous", 0, False)] * 100
    _say(author, audience_of(network, [EVERYONE]), board, [*common, ("", "le canari est rare pour nous", 0, False)])
    _say(author, audience_of(network, [board.pk]), board, [("", "le canari et la perruche pour nous", 0, False)] * 30)
    assert rarity_of(network.pk).version == 0
    assert system_publish(network.pk, NOW) == 20261118
    table = rarity_of(network.pk).table("fr", "post")
    assert table.items == 101 and "canar" not in table.counts and "perruch" not in table.counts
    assert table.weight("las") < 0.05 < table.weight("canar") == table.weight("perruch") == 1
    _say(author, audience_of(network, [EVERYONE]), board, [("", "le canari pour nous", 0, False)] * 30)
    assert system_publish(network.pk, NOW + dt.timedelta(hours=5)) == 20261118  # once a day
    assert rarity_of(network.pk).table("fr", "post").items == 101
    assert system_publish(network.pk, NOW + dt.timedelta(days=1)) == 20261119
    assert rarity_of(network.pk).table("fr", "post").items == 131
