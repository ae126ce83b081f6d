"""Initials and tints."""

import pytest

from parvis.core.ui import faces


@pytest.mark.parametrize(
    ("name", "initials"),
    [
        ("Claire Martin", "CM"),
        ("  claire   martin ", "CM"),
        ("Anne-Sophie de La Rochefoucauld", "AR"),
        ("Éric O’Brien", "ÉO"),
        ("Ali (atelier 3)", "A"),
        ("claire.martin@example.org", "CM"),
        ("李小龍", "李"),
        ("3M France", "3F"),
        ("🙂", ""),
        ("", ""),
    ],
)
def test_initials_are_of_the_first_and_the_last_word(name, initials):
    assert faces.initials(name) == initials


def test_a_tint_stays_with_its_key_and_all_are_used():
    assert faces.tint("abc") == faces.tint("abc")
    assert {faces.tint(f"key{n}") for n in range(500)} == {f"t{n}" for n in range(faces.TINTS)}
