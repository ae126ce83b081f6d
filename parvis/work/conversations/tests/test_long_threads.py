"""A thread of more answers than a page holds: each of them can be reached, and stands where it belongs."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from parvis.core.items.actions import NewItem, create_items, delete_item, mark_seen
from parvis.core.items.models import Item, Kind
from parvis.core.items.queries import seen_positions, thread_for
from parvis.core.items.reading import flush
from parvis.core.people.models import Person
from parvis.work.communities.queries import widest_audience
from parvis.work.conversations.actions import publish_comment, publish_post
from parvis.work.conversations.kinds import thread_url
from parvis.work.conversations.queries import PAGE, ThreadPage, thread_page
from tests.cast import Cast, as_, at

Browser = Callable[[Person | None], Client]
COUNT = 2 * PAGE + 50


@pytest.fixture
def thread(cast: Cast) -> tuple[Item, list[Item]]:
    """A thread and its 450 answers, oldest first."""
    root = publish_post(as_(cast.claire), cast.soudure.group, widest_audience(cast.soudure), body="<p>Long</p>")
    rows = [
        NewItem(
            Kind.COMMENT, cast.paul, root.audience, at(minutes=n), place=root.place, body=f"<p>N° {n}.</p>", root=root
        )
        for n in range(COUNT)
    ]
    return root, create_items(rows)


def shown(page: ThreadPage) -> list[str]:
    return [branch.key for branch in page.branches]


def test_the_link_of_an_answer_opens_the_page_where_it_stands(cast: Cast, client_of: Browser, thread) -> None:
    _root, answers = thread
    for n in (0, PAGE - 1, PAGE, 2 * PAGE, COUNT - 1):
        address = thread_url(answers[n], as_(cast.nadia))
        assert address.endswith(f"#{answers[n].key}")
        page = client_of(cast.nadia).get(address).content.decode()
        assert f'id="{answers[n].key}"' in page, n
        assert ("Réponses suivantes" in page) == (n < COUNT - PAGE // 2)
        assert ("Réponses précédentes" in page) == (n >= PAGE)


def test_pages_follow_each_other_without_a_gap_in_both_directions(cast: Cast, thread) -> None:
    root, answers = thread
    viewer, keys = as_(cast.nadia), [a.key for a in answers]
    middle = thread_page(viewer, root, at=keys[PAGE + 60])
    first = keys.index(shown(middle)[0])
    assert shown(middle) == keys[first : first + PAGE] and first <= PAGE + 60
    assert middle.earlier and middle.more
    assert shown(thread_page(viewer, root, before=middle.earlier)) == keys[max(0, first - PAGE) : first]
    rest = thread_page(viewer, root, start=middle.more)
    assert shown(rest) == keys[first + PAGE :] and rest.more is None and rest.earlier is not None
    back = thread_page(viewer, root, before=rest.earlier)
    assert shown(back) == shown(middle)
    start = thread_page(viewer, root)
    assert start.earlier is None and shown(start) == keys[:PAGE]
    assert shown(thread_page(viewer, root, start=start.more)) == keys[PAGE : 2 * PAGE]


def test_an_answer_to_one_of_an_earlier_page_stands_under_it(cast: Cast, thread) -> None:
    root, answers = thread
    late = publish_comment(as_(cast.claire, at(hours=9)), root, body="<p>Tard</p>", parent=answers[3])
    page = thread_page(as_(cast.nadia), thread_for(as_(cast.nadia), root.key), at=late.key)
    assert [(b.key, [r.key for r in b.replies]) for b in page.branches if b.replies] == [(answers[3].key, [late.key])]
    assert page.branches[0].key == answers[3].key
    assert all(branch.card for branch in page.branches)


def test_the_link_of_an_answer_that_is_gone_opens_the_beginning(cast: Cast, client_of: Browser, thread) -> None:
    _root, answers = thread
    address = thread_url(answers[300], as_(cast.nadia))
    delete_item(as_(cast.paul), answers[300])
    page = client_of(cast.nadia).get(address)
    assert page.status_code == 200 and f'id="{answers[0].key}"' in page.content.decode()


def test_answering_from_a_page_that_is_not_the_last_shows_the_answer_in_its_place(
    cast: Cast, client_of: Browser, thread
) -> None:
    root, _answers = thread
    browser = client_of(cast.nadia)
    page = browser.get(f"/vauban/t/{root.key}").content.decode()
    assert "data-cut" in page and 'hx-post="' not in page.split('class="composer"')[1].split(">")[0]
    sent = browser.post(f"/vauban/t/{root.key}/answers", {"body": "Tout en bas"})
    assert sent.status_code == 302
    assert "Tout en bas" in browser.get(sent["Location"]).content.decode()


def test_a_later_page_costs_no_query_for_each_answer(cast: Cast, thread) -> None:
    root, answers = thread
    viewer = as_(cast.nadia)
    counts = []
    for key in (answers[PAGE].key, answers[COUNT - 1].key):
        with CaptureQueriesContext(connection) as made:
            thread_page(viewer, root, at=key)
        counts.append(len(made))
    assert counts[0] == counts[1] <= 12


def test_a_long_thread_opens_where_it_is_new_and_is_read_as_far_as_it_was_shown(
    cast: Cast, client_of: Browser, thread
) -> None:
    root, answers = thread
    keys = [a.key for a in answers]
    mark_seen(cast.nadia, root, answers[220].position)
    page = thread_page(as_(cast.nadia), root)
    assert next(b.key for b in page.branches if b.starts_new) == keys[221]
    assert shown(page) == keys[216 : 216 + PAGE] and page.earlier
    browser = client_of(cast.nadia)
    text = browser.get(f"/vauban/t/{root.key}").content.decode()
    assert "Nouveau depuis votre dernière visite" in text
    flush()
    assert seen_positions(as_(cast.nadia), [root])[root.pk] == answers[215 + PAGE].position
    assert keys[216 + PAGE] in shown(thread_page(as_(cast.nadia), root))
    browser.get(f"/vauban/t/{root.key}")
    flush()
    assert seen_positions(as_(cast.nadia), [root])[root.pk] >= answers[-1].position
    assert shown(thread_page(as_(cast.nadia), root)) == keys[:PAGE]  # nothing is new: from the beginning
    assert shown(thread_page(as_(cast.denise), root)) == keys[:PAGE]  # a first visit
