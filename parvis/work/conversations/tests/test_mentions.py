"""@Full Name: whom it names, and whom never."""

import pytest

from parvis.core.items import clean
from parvis.core.items.audiences import principals_of
from parvis.core.items.plain import is_typed, to_plain
from parvis.core.people.actions import NewPerson, create_people
from parvis.work.communities.queries import principals_of_place, widest_audience
from parvis.work.conversations.mentions import with_mentions
from tests.cast import NOW, Cast, as_


def named(cast: Cast, text: str, community=None) -> tuple[str, list[str]]:
    body, people = with_mentions(
        as_(cast.claire), clean.from_plain(text), principals_of_place(community or cast.soudure)
    )
    return body, [p.name for p in people]


def test_a_full_name_becomes_a_link(cast: Cast) -> None:
    body, people = named(cast, "Merci @paul renaud, et @Denise Roy.")
    assert people == ["Paul Renaud", "Denise Roy"]
    assert f'<span class="mention"><a href="/vauban/people/{cast.paul.key}">@Paul Renaud</a></span>, et' in body
    assert clean.html(body).count('class="mention"') == 2


@pytest.mark.parametrize(
    "text", ["@Paul", "paul@renaud.example", "`@Paul Renaud`", "@Personne Inconnue", "@ Paul Renaud", "@@Paul Renaud"]
)
def test_anything_else_stays_text(cast: Cast, text: str) -> None:
    body, people = named(cast, text)
    assert people == [] and "mention" not in body


def test_those_who_may_not_read_are_never_mentioned(cast: Cast) -> None:
    assert named(cast, "@Nadia Benali", cast.direction)[1] == []
    assert named(cast, "@Gaspard Hervé")[1] == []
    assert named(cast, "@Gaspard Hervé", cast.achats)[1] == ["Gaspard Hervé"]
    assert named(cast, "@Yann Le Goff")[1] == []
    assert named(cast, "@Otto Lang")[1] == []


def test_a_name_that_two_people_bear_stays_text(cast: Cast) -> None:
    create_people(cast.vauban, [NewPerson("Paul Renaud")], NOW)
    assert named(cast, "@Paul Renaud")[1] == []


def test_the_longest_name_wins(cast: Cast) -> None:
    create_people(cast.vauban, [NewPerson("Paul Renaud Dupont")], NOW)
    assert named(cast, "@Paul Renaud Dupont arrive")[1] == ["Paul Renaud Dupont"]


def test_a_mention_survives_editing(cast: Cast) -> None:
    body, _people = named(cast, "Merci @Paul Renaud & **bravo** <b>")
    assert to_plain(body) == "Merci @Paul Renaud & **bravo** <b>"
    assert is_typed(body)


def test_names_with_markup_are_only_text(cast: Cast) -> None:
    create_people(cast.vauban, [NewPerson("Zoé O'Brien-Łuk")], NOW)
    body, people = named(cast, "@Zoé O'Brien-Łuk, <script>@Paul Renaud</script>")
    assert people == ["Zoé O'Brien-Łuk", "Paul Renaud"] and "<script" not in body
    assert principals_of(widest_audience(cast.soudure).pk) == {0}


@pytest.mark.parametrize(
    "text",
    [
        "Un\ndeux\n\ntrois",
        "- a\n- b",
        "3. c\n4. d",
        "> cité\n> deux",
        "```\nx < y\n  z\n```",
        "**a** *b* `c` https://parvis.example/x?a=1&b=2",
    ],
)
def test_what_is_typed_comes_back_as_it_was_typed(text: str) -> None:
    assert to_plain(clean.from_plain(text)) == text
    assert is_typed(clean.from_plain(text))


def test_a_table_is_said_to_be_lost_by_typing() -> None:
    assert not is_typed("<table><tbody><tr><td>a</td></tr></tbody></table>")


def test_a_quotation_of_several_paragraphs_keeps_its_lines() -> None:
    assert to_plain("<p>a</p><blockquote><p>b</p><p>c</p></blockquote>") == "a\n\n> b\n> c"
