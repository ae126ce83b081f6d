"""What is counted, what is not, and who may look."""

import datetime as dt

import pytest
from django.urls import reverse

from parvis.core.items import reading
from parvis.core.items.actions import NewItem, create_items, delete_item
from parvis.core.items.models import Item, Origin, ReaderCursor
from parvis.core.items.readers import drain, rebuild
from parvis.steering.measures.models import Count
from parvis.steering.measures.queries import measures
from parvis.steering.measures.readers import COUNT
from parvis.work.communities.queries import widest_audience
from parvis.work.conversations.actions import publish_comment, publish_post
from tests.cast import Cast, as_, at


def _deeds(cast: Cast) -> None:
    place, audience = cast.soudure.group, widest_audience(cast.soudure)
    post = publish_post(as_(cast.claire), place, audience, body="<p>x</p>")
    for _ in range(7):
        publish_comment(as_(cast.paul), post, body="<p>x</p>")
    reading.note_read(as_(cast.paul), post, post.position)
    reading.flush()
    late = NewItem(
        "post", cast.paul, audience, at(days=-1, hours=14, minutes=29), place=place, body="<p>x</p>", in_feeds=True
    )
    early = NewItem(
        "post", cast.paul, audience, at(days=-1, hours=14, minutes=31), place=place, body="<p>x</p>", in_feeds=True
    )
    create_items([late, early], origin=Origin.IMPORT)
    delete_item(as_(cast.claire), post)


def _counts() -> set[tuple]:
    return set(Count.objects.values_list("network", "day", "verb", "place", "origin", "count"))


def test_deeds_are_counted_by_day_of_utc_verb_place_and_origin(cast: Cast) -> None:
    _deeds(cast)
    drain([COUNT], at(hours=2))
    day, place = at().date(), cast.soudure.group_id
    here = {(d, v, o, n) for _, d, v, p, o, n in _counts() if p == place and v != "Add"}
    assert {(day, "Create", "live", 9), (day, "Delete", "live", 1)} <= here  # with the community itself
    assert {(day - dt.timedelta(days=1), "Create", "import", 1), (day, "Create", "import", 1)} <= here
    assert not [c for c in _counts() if c[2] == "View"]


def test_a_rebuild_gives_what_reading_gave_however_it_was_cut(cast: Cast) -> None:
    _deeds(cast)
    import dataclasses

    drain([dataclasses.replace(COUNT, batch=3)], at(hours=2))
    incremental = _counts()
    rebuild(COUNT, at(hours=3))
    assert _counts() == incremental
    publish_post(as_(cast.claire), cast.soudure.group, widest_audience(cast.soudure), body="<p>x</p>")
    drain([COUNT], at(hours=3))
    after = _counts()
    rebuild(COUNT, at(hours=4))
    assert _counts() == after != incremental


def test_what_is_gone_stays_counted(cast: Cast) -> None:
    _deeds(cast)
    Item.objects.filter(kind="comment").delete()
    drain([COUNT], at(hours=2))
    assert ReaderCursor.objects.get(pk=COUNT.name).position and max(c[5] for c in _counts()) == 9


def test_the_table_says_no_small_number(cast: Cast) -> None:
    _deeds(cast)
    drain([COUNT], at(hours=2))
    table = {m.verb: (m.week, m.month, m.year) for m in measures(as_(cast.denise))}
    assert table["Delete"] == (None, None, None) and table["Create"][0] >= 9


def _url(cast: Cast) -> str:
    return reverse("measures", args=[cast.vauban.slug])


def test_an_administrator_reads_the_table_in_french(cast: Cast, client_of) -> None:
    _deeds(cast)
    drain([COUNT], at(hours=2))
    page = client_of(cast.denise).get(_url(cast)).content.decode()
    assert "Messages, réponses et documents" in page
    assert client_of(cast.denise).post(_url(cast)).status_code == 405


@pytest.mark.parametrize(("who", "status"), [("paul", 403), ("gaspard", 403), ("otto", 404), (None, 302)])
def test_others_do_not(cast: Cast, client_of, who: str | None, status: int) -> None:
    assert client_of(getattr(cast, who) if who else None).get(_url(cast)).status_code == status
