"""The pages of conversations: who gets in, what they do, what they refuse."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from parvis.core.items.actions import NewItem, create_items, delete_item, edit_item, remove_item, widen
from parvis.core.items.models import Item, Kind, Part, PartRole
from parvis.core.items.reading import flush
from parvis.core.people.actions import remove_members
from parvis.core.people.models import Person
from parvis.work.communities.actions import NewCommunity, create_communities
from parvis.work.communities.models import Community, Visibility
from parvis.work.communities.queries import widest_audience
from parvis.work.conversations.actions import publish_comment, publish_post, save_post
from tests.cast import Cast, as_, at

Browser = Callable[[Person | None], Client]
HTMX = {"HX-Request": "true"}


def post(cast: Cast, person: Person, community: Community, body: str = "<p>Bonjour</p>", now=None, **more) -> Item:
    return publish_post(as_(person, now), community.group, widest_audience(community), body=body, **more)


def url(name: str, *keys: str) -> str:
    return reverse(name, args=["vauban", *keys])


# Every page of one item: (name, who may, who sees it but may not, methods). The item is Paul's post in `direction`
# (owner: Denise); Nadia does not see it.
PAGES = [
    ("thread", "denise", None, "get"),
    ("thread_answers", "denise", None, "get post"),
    ("thread_audience", "denise", None, "get post"),
    ("item_edit", "paul", "denise", "get post"),
    ("item_deletion", "paul", "denise", "get post"),
    ("item_removal", "denise", "paul", "get post"),
    ("item_restoration", "denise", "paul", "get post"),
    ("item_revisions", "denise", None, "get"),
    ("item_share", "denise", None, "get post"),
]


@pytest.mark.parametrize(("name", "allowed", "refused", "methods"), PAGES)
def test_each_page_of_an_item_answers_those_who_may_and_nobody_else(
    cast: Cast, client_of: Browser, name: str, allowed: str, refused: str | None, methods: str
) -> None:
    made = post(cast, cast.paul, cast.direction)
    address = url(name, made.key) + ("?after=0" if name == "thread_answers" else "")
    assert client_of(getattr(cast, allowed)).get(address).status_code == 200
    assert client_of(cast.nadia).get(address).status_code == 404
    assert client_of(cast.gaspard).get(address).status_code == 404
    assert client_of(cast.otto).get(address).status_code == 404
    assert client_of(None).get(address).status_code == 302
    if refused:
        assert client_of(getattr(cast, refused)).get(address).status_code == 403
        assert client_of(getattr(cast, refused)).post(address).status_code == 403
    assert client_of(getattr(cast, allowed)).put(address).status_code == 405
    if "post" not in methods:
        assert client_of(getattr(cast, allowed)).post(address).status_code == 405


def test_only_the_author_or_a_moderator_may_widen(cast: Cast, client_of: Browser) -> None:
    made = post(cast, cast.denise, cast.direction)
    assert client_of(cast.paul).get(url("thread_audience", made.key)).status_code == 403
    assert client_of(cast.paul).post(url("thread_audience", made.key), {"more": "everyone"}).status_code == 403


def test_one_writes_and_reads_it_back(cast: Cast, client_of: Browser) -> None:
    sent = {
        "place": cast.soudure.group.key,
        "title": "Buse de 1,4",
        "body": "Qui l’a **réglée** ?\n\n- moi\n- toi",
        "files": [SimpleUploadedFile("relevé.csv", b"a;b\n"), SimpleUploadedFile("vide.txt", b"x")],
    }
    answer = client_of(cast.claire).post(url("write"), sent)
    assert answer.status_code == 302
    page = client_of(cast.nadia).get(answer["Location"]).content.decode()
    assert "<strong>réglée</strong>" in page and "<li>moi</li>" in page and "relevé.csv" in page and "vide.txt" in page


def test_a_conversation_sent_twice_is_made_once(cast: Cast, client_of: Browser) -> None:
    browser = client_of(cast.claire)
    once = re.search(r'name="once" value="(\w+)"', browser.get(url("community", "soudure-laser")).content.decode())
    assert once is not None
    sent = {"place": cast.soudure.group.key, "body": "Bonjour", "once": once.group(1)}
    first, again = browser.post(url("write"), sent), browser.post(url("write"), sent)
    assert first["Location"] == again["Location"]
    assert Item.objects.filter(kind=Kind.POST).count() == 1


def test_one_writes_in_the_places_to_which_one_belongs(cast: Cast, client_of: Browser) -> None:
    answer = client_of(cast.nadia).post(url("write"), {"place": cast.soudure.group.key, "body": "x"})
    assert answer.status_code == 422
    assert client_of(cast.otto).get(url("write")).status_code == 404
    assert client_of(cast.claire).put(url("write")).status_code == 405


def test_before_sending_one_reads_who_will_read(cast: Cast, client_of: Browser) -> None:
    page = client_of(cast.claire).get(url("write")).content.decode()
    assert "Soudure &amp; laser" in page and "lue par tout le réseau" in page
    assert "lue par ses 2 membres, invités compris" in page


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"body": ""}, 422),
        ({"body": "   \n "}, 422),
        ({"body": "x" * 30_001}, 422),
        ({"body": "x" * 10_000_000}, 400),
        ({"body": "x", "to": "rien"}, 404),
        ({"body": "x", "to": "x" * 13}, 422),
        ({"body": "\0\u202eabc"}, 302),
    ],
)
def test_answers_that_are_no_answers_are_refused(cast: Cast, client_of: Browser, sent: dict, status: int) -> None:
    made = post(cast, cast.claire, cast.soudure)
    before = Item.objects.filter(kind=Kind.COMMENT).count()
    answer = client_of(cast.paul).post(url("thread_answers", made.key), sent)
    assert answer.status_code in (status, 422 if "\0" in sent["body"] else status)
    assert Item.objects.filter(kind=Kind.COMMENT).count() == before + (answer.status_code == 302)


def test_too_many_files_are_refused(cast: Cast, client_of: Browser) -> None:
    made = post(cast, cast.claire, cast.soudure)
    files = [SimpleUploadedFile(f"{n}.txt", b"x") for n in range(11)]
    answer = client_of(cast.paul).post(url("thread_answers", made.key), {"body": "x", "files": files})
    assert answer.status_code == 422 and "10 fichiers" in answer.content.decode()


@pytest.mark.parametrize("query", ["?from=zz", "?from=" + "A" * 4000, "?from=bnVsbA"])
def test_a_broken_cursor_is_a_bad_request(cast: Cast, client_of: Browser, query: str) -> None:
    made = post(cast, cast.claire, cast.soudure)
    assert client_of(cast.paul).get(url("thread", made.key) + query).status_code == 400


@pytest.mark.parametrize("after", ["", "x", "-1", "9" * 30, "١"])
def test_a_broken_position_is_a_bad_request(cast: Cast, client_of: Browser, after: str) -> None:
    made = post(cast, cast.claire, cast.soudure)
    assert client_of(cast.paul).get(url("thread_answers", made.key), {"after": after}).status_code == 400


def test_an_answer_by_script_comes_back_alone_and_without_script_leads_to_itself(
    cast: Cast, client_of: Browser
) -> None:
    made = post(cast, cast.claire, cast.soudure)
    part = client_of(cast.paul).post(url("thread_answers", made.key), {"body": "Oui"}, headers=HTMX).content.decode()
    assert "<html" not in part and part.count("<article") == 1
    plain = client_of(cast.paul).post(url("thread_answers", made.key), {"body": "Encore"})
    key = plain["Location"].split("#")[1]
    assert f'id="{key}"' in client_of(cast.claire).get(plain["Location"]).content.decode()


def test_an_answer_to_an_answer_stands_under_it_at_one_level(cast: Cast, client_of: Browser) -> None:
    made = post(cast, cast.claire, cast.soudure)
    first = publish_comment(as_(cast.paul), made, body="<p>Un</p>")
    second = publish_comment(as_(cast.claire), made, body="<p>Deux</p>", parent=first)
    sent = {"body": "Trois", "to": second.key}
    part = client_of(cast.nadia).post(url("thread_answers", made.key), sent, headers=HTMX).content.decode()
    assert f'hx-swap-oob="beforeend:#under-{first.key}"' in part
    assert Item.objects.get(text="Trois").parent == first


def test_what_came_since_the_last_visit_is_marked(cast: Cast, client_of: Browser) -> None:
    made = post(cast, cast.claire, cast.soudure)
    browser = client_of(cast.paul)
    browser.get(url("thread", made.key))
    flush()
    publish_comment(as_(cast.nadia), made, body="<p>Nouveau</p>")
    page = browser.get(url("thread", made.key)).content.decode()
    assert 'id="new"' in page and 'class="comment new"' in page
    flush()
    assert 'id="new"' not in browser.get(url("thread", made.key)).content.decode()


def test_a_deleted_post_keeps_its_answers_and_a_deleted_answer_its_own(cast: Cast, client_of: Browser) -> None:
    made = post(cast, cast.claire, cast.soudure, title="Secret")
    first = publish_comment(as_(cast.paul), made, body="<p>Perdu</p>")
    publish_comment(as_(cast.nadia), made, body="<p>Gardé</p>", parent=first)
    assert client_of(cast.paul).post(url("item_deletion", first.key))["Location"] == url("thread", made.key)
    delete_item(as_(cast.claire), made)
    page = client_of(cast.denise).get(url("thread", made.key)).content.decode()
    assert "Secret" not in page and "Perdu" not in page and "Gardé" in page
    assert "Cette réponse n’est plus là." in page and "supprimé par son auteur" in page


def test_an_edit_that_came_too_late_shows_both_texts(cast: Cast, client_of: Browser) -> None:
    made = post(cast, cast.claire, cast.soudure, body="<p>Avant</p>")
    browser = client_of(cast.claire)
    assert 'name="revision" value="1"' in browser.get(url("item_edit", made.key)).content.decode()
    edit_item(as_(cast.claire), made, title="", body="<p>Entre-temps</p>", revision=1)
    answer = browser.post(url("item_edit", made.key), {"body": "Le mien", "revision": "1"})
    page = answer.content.decode()
    assert answer.status_code == 409 and "Entre-temps" in page and "Le mien" in page
    assert 'name="revision" value="2"' in page
    assert browser.post(url("item_edit", made.key), {"body": "Le mien", "revision": "2"}).status_code == 302
    history = client_of(cast.paul).get(url("item_revisions", made.key)).content.decode()
    assert "Avant" in history and "Entre-temps" in history and "Le mien" in history


@pytest.mark.parametrize("sent", [{"body": "", "revision": "1"}, {"body": "x"}, {"body": "x", "revision": "deux"}])
def test_an_edit_without_words_or_revision_is_refused(cast: Cast, client_of: Browser, sent: dict) -> None:
    made = post(cast, cast.claire, cast.soudure)
    assert client_of(cast.claire).post(url("item_edit", made.key), sent).status_code == 422


def test_moderation_hides_and_gives_back(cast: Cast, client_of: Browser) -> None:
    made = post(cast, cast.paul, cast.soudure)
    assert client_of(cast.claire).post(url("item_removal", made.key)).status_code == 302
    assert client_of(cast.paul).get(url("thread", made.key)).status_code == 404
    page = client_of(cast.claire).get(url("thread", made.key)).content.decode()
    assert url("item_restoration", made.key) in page
    assert client_of(cast.claire).post(url("item_restoration", made.key)).status_code == 302
    assert client_of(cast.paul).get(url("thread", made.key)).status_code == 200


def test_a_removed_answer_is_seen_by_moderators_alone(cast: Cast, client_of: Browser) -> None:
    made = post(cast, cast.claire, cast.soudure)
    answer = publish_comment(as_(cast.paul), made, body="<p>Grossier</p>")
    remove_item(as_(cast.claire), answer)
    assert "Grossier" not in client_of(cast.nadia).get(url("thread", made.key)).content.decode()
    assert "Grossier" in client_of(cast.claire).get(url("thread", made.key)).content.decode()


def test_a_draft_is_found_again_and_published(cast: Cast, client_of: Browser) -> None:
    browser = client_of(cast.claire)
    sent = {"place": cast.soudure.group.key, "title": "Brouillon", "body": "Pas fini", "keep": "1"}
    sent["files"] = SimpleUploadedFile("note.txt", b"mots")
    assert browser.post(url("write"), sent)["Location"] == url("drafts")
    draft = Item.objects.get(title="Brouillon")
    page = browser.get(url("drafts")).content.decode()
    assert "Brouillon" in page
    assert "note.txt" in browser.get(url("draft", draft.key)).content.decode()
    assert "Brouillon" not in client_of(cast.paul).get(url("drafts")).content.decode()
    for address in (url("draft", draft.key), url("thread", draft.key), url("item_share", draft.key)):
        assert client_of(cast.paul).get(address).status_code == 404
    changed = {"place": cast.achats.group.key, "title": "Fini", "body": "Voilà @Gaspard Hervé"}
    assert browser.post(url("draft", draft.key), changed)["Location"] == url("thread", draft.key)
    page = client_of(cast.gaspard).get(url("thread", draft.key)).content.decode()
    assert "Fini" in page and "note.txt" in page
    assert client_of(cast.paul).get(url("thread", draft.key)).status_code == 404
    assert Part.objects.filter(item=draft, role=PartRole.MENTIONED, person=cast.gaspard).exists()
    assert browser.get(url("draft", draft.key)).status_code == 404


def test_drafts_are_only_for_their_author(cast: Cast, client_of: Browser) -> None:
    draft = save_post(as_(cast.claire), cast.soudure.group, widest_audience(cast.soudure), title="x", body="<p>y</p>")
    assert client_of(cast.denise).post(url("draft", draft.key), {"body": "x"}).status_code == 404
    assert client_of(cast.otto).get(url("drafts")).status_code == 404
    assert client_of(cast.claire).post(url("drafts")).status_code == 405
    assert client_of(cast.claire).put(url("draft", draft.key)).status_code == 405
    assert client_of(cast.claire).get(url("item_edit", draft.key))["Location"] == url("draft", draft.key)


def test_widening_says_who_is_added_before_it_does(cast: Cast, client_of: Browser) -> None:
    made = post(cast, cast.denise, cast.direction)
    browser = client_of(cast.denise)
    page = browser.get(url("thread_audience", made.key), {"more": "everyone"}).content.decode()
    assert "2 personnes de plus la liront" in page
    assert "Claire Martin" in page and "Nadia Benali" in page and "Paul Renaud" not in page
    assert client_of(cast.nadia).get(url("thread", made.key)).status_code == 404
    assert browser.post(url("thread_audience", made.key), {"more": "everyone"}).status_code == 302
    assert client_of(cast.nadia).get(url("thread", made.key)).status_code == 200
    assert browser.post(url("thread_audience", made.key), {"more": "nobody"}).status_code == 422


def test_a_share_shows_its_original_only_to_those_who_may_open_it(cast: Cast, client_of: Browser) -> None:
    made = post(cast, cast.denise, cast.direction, title="Rachat")
    sent = {"place": cast.soudure.group.key, "body": "À lire"}
    address = client_of(cast.paul).post(url("item_share", made.key), sent)["Location"]
    assert "Rachat" in client_of(cast.denise).get(address).content.decode()
    page = client_of(cast.nadia).get(address).content.decode()
    assert "À lire" in page and "Rachat" not in page and made.key not in page
    sent = {"place": cast.direction.group.key, "body": "x"}
    assert client_of(cast.claire).post(url("item_share", made.key), sent).status_code == 404


def test_a_widened_thread_does_not_name_a_community_that_one_may_not_know(cast: Cast, client_of: Browser) -> None:
    (secret,) = create_communities(
        cast.vauban, [NewCommunity("Projet Licorne", cast.denise, visibility=Visibility.SECRET)], at(hours=1)
    )
    made = post(cast, cast.denise, secret, body="<p>Ouvert</p>", now=at(hours=2))
    widen(as_(cast.denise), made, [0])
    for address in (url("thread", made.key), url("home")):
        page = client_of(cast.nadia).get(address).content.decode()
        assert "Ouvert" in page and "Licorne" not in page


def test_a_thread_costs_the_same_for_one_answer_and_for_thirty(
    cast: Cast, client_of: Browser, django_assert_num_queries
) -> None:
    made = post(cast, cast.claire, cast.soudure)
    publish_comment(as_(cast.paul), made, body="<p>Un</p>")
    browser = client_of(cast.nadia)
    browser.get(url("thread", made.key))
    with CaptureQueriesContext(connection) as one:
        browser.get(url("thread", made.key))
    for n in range(30):
        publish_comment(as_(cast.paul if n % 2 else cast.claire), made, body=f"<p>{n}</p>")
    with django_assert_num_queries(len(one)):
        assert browser.get(url("thread", made.key)).content.count(b'class="comment') > 30
    assert len(one) <= 18


def test_long_threads_go_on_from_page_to_page(cast: Cast, client_of: Browser) -> None:
    made = post(cast, cast.claire, cast.soudure)
    rows = [
        NewItem(
            Kind.COMMENT,
            cast.paul,
            made.audience,
            at(hours=2, seconds=n),
            place=made.place,
            body=f"<p>mot{n}fin</p>",
            root=made,
        )
        for n in range(250)
    ]
    create_items(rows)
    browser = client_of(cast.nadia)
    first = browser.get(url("thread", made.key)).content.decode()
    assert "mot199fin" in first and "mot200fin" not in first
    more = re.search(r'href="(\?from=[^"]+)"', first)
    assert more is not None
    second = browser.get(url("thread", made.key) + more.group(1)).content.decode()
    assert "mot199fin" not in second and "mot200fin" in second and "mot249fin" in second


def test_edited_leads_to_what_it_said_before(cast: Cast, client_of: Browser) -> None:
    made = post(cast, cast.claire, cast.soudure)
    first = publish_comment(as_(cast.paul), made, body="<p>a</p>")
    second = publish_comment(as_(cast.paul), made, body="<p>b</p>")
    edit_item(as_(cast.paul), first, title="", body="<p>c</p>", revision=1)
    Item.objects.filter(pk=second.pk).update(edited_at=at())  # as imported: no history is kept of it
    page = client_of(cast.nadia).get(url("thread", made.key)).content.decode()
    assert re.findall(r'<a href="([^"]*revisions)">modifié', page) == [url("item_revisions", first.key)]
    edit_item(as_(cast.claire), made, title="", body="<p>d</p>", revision=1)
    for address in (url("thread", made.key), url("community", "soudure-laser")):
        page = client_of(cast.nadia).get(address).content.decode()
        assert f'<a href="{url("item_revisions", made.key)}">modifié' in page
        assert url("item_revisions", second.key) not in page


def test_a_contact_is_called_so_and_a_guest_is_not_told_to_make_a_community(cast: Cast, client_of: Browser) -> None:
    row = NewItem(
        Kind.POST,
        cast.celine,
        widest_audience(cast.soudure),
        at(),
        place=cast.soudure.group,
        body="<p>x</p>",
        in_feeds=True,
    )
    (made,) = create_items([row])
    page = client_of(cast.nadia).get(url("thread", made.key)).content.decode()
    assert ">contact</span>" in page and ">invité</span>" not in page
    mine = post(cast, cast.gaspard, cast.achats)
    assert ">invité</span>" in client_of(cast.claire).get(url("thread", mine.key)).content.decode()
    remove_members(cast.achats.group, [cast.gaspard], at(hours=2), actor=cast.claire)
    page = client_of(cast.gaspard).get(url("communities")).content.decode()
    assert "peut vous ajouter" in page and "Créez" not in page and "communities/new" not in page
