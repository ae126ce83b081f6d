"""Threads of mails: RFC 5256's rules, and headers meant to do harm."""

from __future__ import annotations

import datetime as dt
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parvis.exchange.imports.formats.threading import Envelope, Gather, Node, base_subject, thread, walk

START = dt.datetime(2025, 3, 3, tzinfo=dt.UTC)


def envelope(key: str, references: str = "", subject: str = "", minute: int = 0) -> Envelope:
    return Envelope(key, tuple(references.split()), subject, START + dt.timedelta(minutes=minute))


def drawn(heads: list[Node]) -> list[object]:
    """Threads as nested lists; a missing mail is None."""
    return [[head.envelope.id if head.envelope else None, *drawn(head.children)] for head in heads]


def test_an_answer_stands_below_what_it_answers() -> None:
    assert drawn(thread([envelope("a"), envelope("b", "a", minute=1)])) == [["a", ["b"]]]


def test_an_answer_that_came_first_finds_its_place() -> None:
    assert drawn(thread([envelope("b", "a", minute=1), envelope("a")])) == [["a", ["b"]]]


def test_the_last_reference_is_the_parent() -> None:
    found = thread([envelope("c", "a b", minute=2), envelope("a"), envelope("b", "a", minute=1)])
    assert drawn(found) == [["a", ["b", ["c"]]]]


def test_a_missing_mail_between_two_is_passed_over() -> None:
    assert drawn(thread([envelope("a"), envelope("c", "a b", minute=1)])) == [["a", ["c"]]]


def test_a_missing_head_with_one_answer_gives_it_its_place() -> None:
    assert drawn(thread([envelope("c", "gone")])) == [["c"]]


def test_a_missing_head_with_several_answers_keeps_them_together() -> None:
    found = thread([envelope("c", "gone", minute=2), envelope("b", "gone", minute=1)])
    assert drawn(found) == [[None, ["b"], ["c"]]]
    assert found[0].id == "gone"


def test_missing_mails_in_a_row_vanish() -> None:
    found = thread([envelope("x", "p q r"), envelope("y", "p q s", minute=1)])
    assert drawn(found) == [[None, ["x"], ["y"]]]


def test_what_a_mail_says_of_itself_goes_before_what_others_guessed() -> None:
    found = thread(
        [envelope("c", "a b", minute=3), envelope("b", "z", minute=2), envelope("a"), envelope("z", minute=1)]
    )
    assert drawn(found) == [["a"], ["z", ["b", ["c"]]]]


def test_siblings_are_in_the_order_of_their_dates() -> None:
    found = thread([envelope("a"), envelope("late", "a", minute=9), envelope("early", "a", minute=1)])
    assert drawn(found) == [["a", ["early"], ["late"]]]


def test_one_subject_is_one_thread_as_the_rfc_says() -> None:
    found = thread(
        [envelope("a", "", "Roadmap"), envelope("b", "", "Re: roadmap", 1), envelope("c", "", "RE: Roadmap (fwd)", 2)]
    )
    assert drawn(found) == [["a", ["b"], ["c"]]]


def test_two_answers_without_their_head_become_brothers() -> None:
    found = thread([envelope("b", "", "Re: Roadmap", 1), envelope("c", "", "Re: Roadmap", 2)])
    assert drawn(found) == [[None, ["b"], ["c"]]]


def test_two_mails_of_one_subject_become_brothers_as_the_rfc_says() -> None:
    assert drawn(thread([envelope("a", "", "Report"), envelope("b", "", "Report", 1)])) == [[None, ["a"], ["b"]]]


def test_two_independent_mails_of_one_subject_stay_two_in_an_import() -> None:
    found = thread([envelope("a", "", "Report"), envelope("b", "", "Report", 1)], Gather.ANSWERS)
    assert drawn(found) == [["a"], ["b"]]


def test_an_answer_without_headers_joins_its_subject_in_an_import() -> None:
    found = thread([envelope("a", "", "Report"), envelope("b", "", "RE : Report", 1)], Gather.ANSWERS)
    assert drawn(found) == [["a", ["b"]]]


def test_an_answer_that_names_what_it_answers_stays_apart_in_an_import() -> None:
    found = thread([envelope("a", "", "Report"), envelope("b", "gone", "Re: Report", 1)], Gather.ANSWERS)
    assert drawn(found) == [["a"], ["b"]]


def test_mails_without_subject_are_not_gathered() -> None:
    assert drawn(thread([envelope("a"), envelope("b", minute=1)])) == [["a"], ["b"]]


@pytest.mark.parametrize(
    ("subject", "base", "answers"),
    [
        ("Roadmap", "Roadmap", False),
        ("Re: Roadmap", "Roadmap", True),
        ("RE : Réunion", "Réunion", True),
        ("[equipe] Re[2]: [equipe] Fwd: Roadmap (fwd)", "Roadmap", True),
        ("TR: Congés", "Congés", True),
        ("[fwd: Roadmap]", "Roadmap", True),
        ("[equipe] Roadmap", "Roadmap", False),
        ("[equipe]", "[equipe]", False),
        ("Re:", "", True),
        ("Report: all is well", "Report: all is well", False),
        ("Retour: demain", "Retour: demain", False),
    ],
)
def test_the_base_subject_drops_marks_of_answers_and_lists(subject: str, base: str, answers: bool) -> None:
    assert base_subject(subject) == (base, answers)


def ids(heads: list[Node]) -> list[str]:
    return [node.id for head in heads for node in walk(head) if node.envelope is not None]


def test_mails_that_answer_one_another_in_a_circle_are_all_kept() -> None:
    found = thread([envelope("a", "b"), envelope("b", "c", minute=1), envelope("c", "a", minute=2)])
    assert sorted(ids(found)) == ["a", "b", "c"]


def test_a_mail_that_answers_itself_is_kept() -> None:
    assert drawn(thread([envelope("a", "a"), envelope("b", "a b a", minute=1)])) == [["a", ["b"]]]


def test_references_in_opposite_orders_make_no_loop() -> None:
    found = thread([envelope("x", "a b c"), envelope("y", "c b a", minute=1), envelope("b", "x y", minute=2)])
    assert sorted(ids(found)) == ["b", "x", "y"]


@given(
    st.lists(
        st.tuples(
            st.sampled_from("abcdefgh"),
            st.lists(st.sampled_from("abcdefgh"), max_size=6),
            st.sampled_from(["", "S", "Re: S"]),
        ),
        max_size=12,
        unique_by=lambda row: row[0],
    ),
    st.sampled_from(Gather),
)
@pytest.mark.slow
def test_every_mail_is_kept_exactly_once(rows: list[tuple[str, list[str], str]], gather: Gather) -> None:
    envelopes = [Envelope(key, tuple(references), subject, START) for key, references, subject in rows]
    found = thread(envelopes, gather)
    assert sorted(ids(found)) == sorted(row[0] for row in rows)
    assert all(child.parent is node for head in found for node in walk(head) for child in node.children)


@pytest.mark.slow
@pytest.mark.parametrize("shape", ["chain", "backwards", "shuffled", "star", "combs"])
def test_forty_thousand_mails_become_one_thread_in_any_order(shape: str) -> None:
    count = 40_000
    if shape == "star":
        mails = [envelope(str(n), "0" if n else "") for n in range(count)]
    elif shape == "combs":  # a chain of missing mails with a real one on each
        mails = [envelope(str(n), f"m{n} m{n + 1}") for n in range(count)]
    else:
        mails = [envelope(str(n), str(n - 1) if n else "") for n in range(count)]
    if shape == "backwards":
        mails.reverse()
    if shape == "shuffled":
        random.Random(7).shuffle(mails)
    assert len(ids(thread(mails))) == count


def test_ten_thousand_references_of_one_mail_are_cut() -> None:
    references = " ".join(f"r{n}" for n in range(10_000))
    assert drawn(thread([envelope("a", references)])) == [["a"]]
