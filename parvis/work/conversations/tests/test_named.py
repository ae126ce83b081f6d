"""Writing to a few people by name: who can be chosen, who reads it, who is told."""

import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from parvis.core.items.audiences import principals_of
from parvis.core.items.models import Item, Kind, Part, PartRole
from parvis.core.items.queries import newest_threads
from parvis.core.people.actions import NewPerson, create_people
from parvis.core.people.models import Person
from parvis.work.conversations.actions import publish_comment
from parvis.work.conversations.queries import MOST_NAMED, people_of_keys
from tests.cast import NOW, Cast, as_, at

Browser = Callable[[Person | None], Client]
WRITE = "/vauban/write"


def chosen(page: str) -> list[tuple[str, bool]]:
    """The people of the picker and whether each is chosen."""
    boxes = re.findall(r'<input type="checkbox" name="to" value="(\w+)"( checked)?>', page)
    return [(key, bool(mark)) for key, mark in boxes]


def place(page: str) -> str:
    found = re.search(r'<option value="([^"]*)" selected', page)
    return found.group(1) if found else ""


def sent(client_of: Browser, who: Person, *to: Person, **more: str) -> Item:
    given = {"place": "people", "to": [p.key for p in to], "body": "Bonjour", **more}
    answer = client_of(who).post(WRITE, given)
    assert answer.status_code == 302, answer.content.decode()
    return Item.objects.filter(kind=Kind.POST).latest("pk")


def test_a_message_to_people_is_read_by_them_alone(cast: Cast, client_of: Browser) -> None:
    made = sent(client_of, cast.claire, cast.paul, cast.gaspard)
    assert principals_of(made.audience_id) == {-cast.claire.pk, -cast.paul.pk, -cast.gaspard.pk}
    assert made.place is None
    for who in (cast.claire, cast.paul, cast.gaspard):
        assert newest_threads(as_(who)) == [made]
        page = client_of(who).get(f"/vauban/t/{made.key}").content.decode()
        assert "Bonjour" in page and "Lue par" in page
    home = client_of(cast.paul).get("/vauban/").content.decode()
    assert "à quelques personnes" in home
    assert (
        f'href="{WRITE}?to={cast.paul.key}"'
        in client_of(cast.claire).get(f"/vauban/people/{cast.paul.key}").content.decode()
    )
    assert "?to=" not in client_of(cast.claire).get(f"/vauban/people/{cast.celine.key}").content.decode()
    for who in (cast.nadia, cast.denise):
        assert client_of(who).get(f"/vauban/t/{made.key}").status_code == 404


def test_people_are_looked_for_by_name_without_a_script(cast: Cast, client_of: Browser) -> None:
    given = {"place": "people", "to": [cast.paul.key], "find": "bena", "look": "1", "title": "T", "body": "déjà écrit"}
    page = client_of(cast.claire).post(WRITE, given)
    assert page.status_code == 200
    text = page.content.decode()
    assert chosen(text) == [(cast.paul.key, True), (cast.nadia.key, False)]
    assert place(text) == "people" and "déjà écrit" in text and 'value="T"' in text
    assert not Item.objects.filter(kind=Kind.POST).exists()


def test_people_are_looked_for_by_name_with_a_script(cast: Cast, client_of: Browser) -> None:
    page = client_of(cast.claire).get(f"{WRITE}/people", {"find": "renaud", "to": cast.nadia.key}).content.decode()
    assert chosen(page) == [(cast.nadia.key, True), (cast.paul.key, False)] and "<html" not in page
    nobody = client_of(cast.claire).get(f"{WRITE}/people", {"find": "zzz"}).content.decode()
    assert chosen(nobody) == [] and "Personne d’autre" in nobody


@pytest.mark.parametrize("name", ["claire", "yann", "celine", "otto", "gaspard"])
def test_those_to_whom_one_cannot_write_are_neither_found_nor_kept(cast: Cast, client_of: Browser, name: str) -> None:
    writer = cast.nadia if name == "gaspard" else cast.claire  # oneself, gone, without account, elsewhere, unknown
    viewer, person = as_(writer), getattr(cast, name)
    words = person.name.split()[0]
    known = name == "gaspard"  # members may know of all guests
    page = client_of(writer).get(f"{WRITE}/people", {"find": words, "to": person.key}).content.decode()
    assert bool(chosen(page)) == known
    assert bool(people_of_keys(viewer, [person.key])) == known
    if not known:
        answer = client_of(writer).post(WRITE, {"place": "people", "to": [person.key], "body": "x"})
        assert answer.status_code == 422 and not Item.objects.filter(kind=Kind.POST).exists()


def test_a_guest_writes_to_those_they_know_alone(cast: Cast, client_of: Browser) -> None:
    assert people_of_keys(as_(cast.gaspard), [cast.claire.key, cast.paul.key]) == [cast.claire]
    assert client_of(cast.gaspard).post(
        WRITE, {"place": "people", "to": [cast.paul.key], "body": "x"}
    ).status_code == 422  # fmt: skip
    sent(client_of, cast.gaspard, cast.claire)


def test_too_many_people_are_refused_in_words(cast: Cast, client_of: Browser) -> None:
    many = create_people(cast.vauban, [NewPerson(f"Personne {n:02}") for n in range(MOST_NAMED + 1)], NOW)
    answer = client_of(cast.claire).post(WRITE, {"place": "people", "to": [p.key for p in many], "body": "x"})
    assert answer.status_code == 422 and "au plus 20 personnes" in answer.content.decode()


def test_the_only_place_is_chosen_at_first(cast: Cast, client_of: Browser) -> None:
    assert place(client_of(cast.gaspard).get(WRITE).content.decode()) == cast.achats.group.key
    assert place(client_of(cast.nadia).get(WRITE).content.decode()) == "people"
    assert place(client_of(cast.claire).get(WRITE).content.decode()) == ""
    page = client_of(cast.claire).get(WRITE, {"place": cast.achats.group.key}).content.decode()
    assert place(page) == cast.achats.group.key
    page = client_of(cast.claire).get(WRITE, {"to": cast.paul.key}).content.decode()
    assert place(page) == "people" and chosen(page) == [(cast.paul.key, True)]
    assert client_of(cast.claire).post(WRITE, {"place": "", "body": "x"}).status_code == 422


def test_a_draft_to_people_keeps_them_and_is_published_to_them(cast: Cast, client_of: Browser) -> None:
    draft = sent(client_of, cast.claire, cast.paul, keep="1")
    assert principals_of(draft.audience_id) == {-cast.claire.pk}
    address = reverse("draft", args=["vauban", draft.key])
    page = client_of(cast.claire).get(address).content.decode()
    assert place(page) == "people" and chosen(page) == [(cast.paul.key, True)]
    looked = client_of(cast.claire).post(
        address, {"place": "people", "to": [cast.paul.key], "find": "nadia", "look": "1", "body": "autre"}
    )
    assert chosen(looked.content.decode()) == [(cast.paul.key, True), (cast.nadia.key, False)]
    given = {"place": "people", "to": [cast.paul.key, cast.nadia.key], "body": "Prêt"}
    assert client_of(cast.claire).post(address, given).status_code == 302
    draft.refresh_from_db()
    assert principals_of(draft.audience_id) == {-cast.claire.pk, -cast.paul.pk, -cast.nadia.pk}
    parts = Part.objects.filter(item=draft, role=PartRole.RECIPIENT)
    assert set(parts.values_list("person", flat=True)) == {cast.paul.pk, cast.nadia.pk}


def test_an_answer_reaches_all_of_them(cast: Cast, client_of: Browser) -> None:
    made = sent(client_of, cast.claire, cast.paul, cast.nadia)
    answer = publish_comment(as_(cast.paul, at(hours=2)), made, body="<p>Oui</p>")
    assert principals_of(answer.audience_id) == principals_of(made.audience_id)
