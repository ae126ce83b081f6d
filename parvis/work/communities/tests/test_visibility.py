"""Changing who reads a community: what was said follows, for those who gain and those who lose sight of it."""

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from parvis.core.items.access import Forbidden
from parvis.core.items.actions import delete_item, remove_item, restore_item, set_audience, widen
from parvis.core.items.audiences import audience_of, principals_of
from parvis.core.items.models import Item, Kind, Pending
from parvis.core.items.queries import newest_threads
from parvis.core.people.models import Person
from parvis.core.people.viewer import EVERYONE
from parvis.insight.search.queries import communities_about, search, suggestions
from parvis.work.communities.actions import change_visibility
from parvis.work.communities.models import Community, Visibility
from parvis.work.communities.queries import change_to, communities, widest_audience
from parvis.work.conversations.actions import publish_comment, publish_post, save_post
from tests.cast import Cast, as_, at

Browser = Callable[[Person | None], Client]
PUBLIC, PRIVATE, SECRET = Visibility.PUBLIC, Visibility.PRIVATE, Visibility.SECRET


def say(community: Community, who: Person, title: str, **more) -> Item:
    return publish_post(
        as_(who), community.group, widest_audience(community), title=title, body="<p>Canari</p>", **more
    )


def become(cast: Cast, community: Community, visibility: str, who: Person | None = None) -> Community:
    change_visibility(as_(who or cast.denise), community, visibility)
    return Community.objects.select_related("item", "group").get(pk=community.pk)


def sees(client_of: Browser, person: Person, item: Item) -> bool:
    """Whether somebody sees a thread, by every door; all doors must agree."""
    viewer = as_(person, at(hours=2))
    root = item.root or item
    by_link = client_of(person).get(f"/vauban/t/{root.key}").status_code == 200
    in_feed = root in newest_threads(viewer)
    found = any(hit.item.pk == item.pk or hit.also for hit in search(viewer, "canari").hits)
    completed = any(hit.item.pk == root.pk for hit in suggestions(viewer, root.title[:5]).threads)
    on_home = root.title in client_of(person).get("/vauban/").content.decode()
    assert by_link == in_feed == found == completed == on_home, (by_link, in_feed, found, completed, on_home)
    return by_link


def test_what_was_said_opens_with_the_community_and_closes_with_it(
    cast: Cast, client_of: Browser, drain_log: Callable[[], int]
) -> None:
    post = say(cast.direction, cast.paul, "Projet Aurore")
    drain_log()
    publish_comment(as_(cast.denise), post, body="<p>Oui</p>")
    for visibility, nadia in ((PRIVATE, False), (PUBLIC, True), (PRIVATE, False), (PUBLIC, True), (SECRET, False)):
        become(cast, cast.direction, visibility)
        drain_log()
        for person, expected in ((cast.paul, True), (cast.denise, True), (cast.nadia, nadia), (cast.gaspard, False)):
            assert sees(client_of, person, post) == expected, (visibility, person.name)


def test_who_wrote_there_without_being_a_member_no_longer_reads_it(
    cast: Cast, client_of: Browser, drain_log: Callable[[], int]
) -> None:
    post = say(cast.soudure, cast.claire, "Buse usée")
    own = publish_comment(as_(cast.nadia), post, body="<p>La mienne</p>")
    change = change_to(as_(cast.claire), cast.soudure, PRIVATE)
    assert change.writers == ("Nadia Benali",) and change.threads == 1
    assert change.lost == 2 and change.added == 0  # Nadia and Denise; Yann left
    become(cast, cast.soudure, PRIVATE, cast.claire)
    drain_log()
    assert not sees(client_of, cast.nadia, post)
    assert not Item.objects.visible_to(as_(cast.nadia)).filter(pk=own.pk).exists()


def test_a_secret_community_leaves_lists_search_and_completion(
    cast: Cast, client_of: Browser, drain_log: Callable[[], int]
) -> None:
    def known(person: Person) -> set[bool]:
        viewer = as_(person, at(hours=2))
        return {
            cast.direction in communities(viewer),
            any(hit.item.pk == cast.direction.item_id for hit in communities_about(viewer, "direction")),
            any(hit.item.pk == cast.direction.item_id for hit in suggestions(viewer, "direct").communities),
            client_of(person).get("/vauban/communities/direction").status_code == 200,
        }

    drain_log()
    assert known(cast.nadia) == {True} == known(cast.paul)
    become(cast, cast.direction, SECRET)
    drain_log()
    assert known(cast.nadia) == {False} and known(cast.paul) == {True}
    become(cast, cast.direction, PUBLIC)
    drain_log()
    assert known(cast.nadia) == {True} and known(cast.gaspard) == {False}


def test_whom_it_was_shown_to_besides_keeps_it_and_what_was_narrowed_stays_so(cast: Cast) -> None:
    wide, narrow = say(cast.direction, cast.paul, "Large"), say(cast.direction, cast.paul, "Étroit")
    widen(as_(cast.paul), wide, [cast.achats.group.principal])
    set_audience(as_(cast.paul), narrow, audience_of(cast.vauban, {-cast.paul.pk, -cast.denise.pk}))
    become(cast, cast.direction, PUBLIC)
    wide.refresh_from_db()
    narrow.refresh_from_db()
    assert principals_of(wide.audience_id) == {EVERYONE, cast.achats.group.principal}
    assert principals_of(narrow.audience_id) == {-cast.paul.pk, -cast.denise.pk}
    become(cast, cast.direction, PRIVATE)
    wide.refresh_from_db()
    assert principals_of(wide.audience_id) == {cast.direction.group.principal, cast.achats.group.principal}


def test_guests_of_an_open_community_read_it_whatever_it_becomes(
    cast: Cast, client_of: Browser, drain_log: Callable[[], int]
) -> None:
    post = say(cast.achats, cast.claire, "Commande")
    for visibility, nadia in ((PUBLIC, True), (PRIVATE, False), (SECRET, False)):
        become(cast, cast.achats, visibility, cast.claire)
        drain_log()
        assert sees(client_of, cast.gaspard, post)
        assert sees(client_of, cast.nadia, post) == nadia


def test_drafts_removed_messages_files_and_answers_of_the_deleted_follow(
    cast: Cast, client_of: Browser, drain_log: Callable[[], int]
) -> None:
    sent = {"place": cast.direction.group.key, "body": "x", "files": [SimpleUploadedFile("plan.txt", b"x")]}
    client_of(cast.paul).post("/vauban/write", sent)
    file = Item.objects.get(kind=Kind.DOCUMENT)
    audience = widest_audience(cast.direction)
    draft = save_post(as_(cast.paul), cast.direction.group, audience, title="Brouillon", body="<p>x</p>")
    removed, deleted = say(cast.direction, cast.paul, "Retiré"), say(cast.direction, cast.paul, "Effacé")
    answer = publish_comment(as_(cast.denise), deleted, body="<p>Perroquet</p>")
    remove_item(as_(cast.denise), removed)
    delete_item(as_(cast.paul), deleted)
    drain_log()  # the index knows them as they were
    become(cast, cast.direction, PUBLIC)
    drain_log()
    nadia = as_(cast.nadia, at(hours=2))
    assert set(Item.objects.visible_to(nadia).filter(pk__in=[file.pk, draft.pk, removed.pk, answer.pk])) == {
        file,
        answer,
    }
    assert [hit.item for hit in search(nadia, "perroquet").hits] == [answer]
    assert principals_of(Pending.objects.get(item=draft).audience_id) == {EVERYONE}
    restore_item(as_(cast.denise), Item.objects.get(pk=removed.pk))
    assert Item.objects.visible_to(nadia).filter(pk=removed.pk).exists()


def test_owners_alone_change_it_and_no_administrator_opens_it_to_themselves(cast: Cast, client_of: Browser) -> None:
    for person in (cast.paul, cast.nadia):
        with pytest.raises(Forbidden):
            change_visibility(as_(person), cast.direction, PUBLIC)
    with pytest.raises(Forbidden):  # Denise administers the network
        change_visibility(as_(cast.denise), cast.achats, PUBLIC)
    assert client_of(cast.denise).get("/vauban/communities/achats/visibility").status_code == 403
    assert client_of(cast.claire).get("/vauban/communities/achats/visibility").status_code == 200


def test_the_page_says_what_changes_before_it_is_done(cast: Cast, client_of: Browser) -> None:
    say(cast.direction, cast.paul, "Un")
    say(cast.direction, cast.paul, "Deux")
    address = "/vauban/communities/direction/visibility"
    browser = client_of(cast.denise)
    assert 'value="private"' not in browser.get(address).content.decode()
    page = browser.get(address, {"visibility": "public"}).content.decode()
    assert "2 personnes de plus la liront" in page and "Conversations déjà tenues\u00a0: 2." in page
    assert Community.objects.get(pk=cast.direction.pk).visibility == PRIVATE
    assert browser.post(address, {"visibility": "public"}).status_code == 302
    assert Community.objects.get(pk=cast.direction.pk).visibility == PUBLIC
    page = browser.get(address, {"visibility": "secret"}).content.decode()
    assert "2 personnes ne la liront plus" in page and "ne sait qu’elle existe" in page
    assert browser.get(address, {"visibility": "public"}).status_code == 422
    assert browser.post(address, {"visibility": "nothing"}).status_code == 422


def test_counts_are_of_what_one_may_see_now(cast: Cast, client_of: Browser, drain_log: Callable[[], int]) -> None:
    for n in range(3):
        say(cast.direction, cast.paul, f"Point {n}")
    drain_log()
    viewer = as_(cast.nadia, at(hours=2))
    assert search(viewer, "canari").count == 0
    become(cast, cast.direction, PUBLIC)
    drain_log()
    assert search(viewer, "canari").count == 3
    become(cast, cast.direction, PRIVATE)
    assert search(viewer, "canari").count == 0  # at once, whatever the index says
