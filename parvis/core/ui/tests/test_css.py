"""Colours are read by everybody; what is used is defined."""

import gzip
import re
from pathlib import Path

import django_htmx
import pytest

from parvis.core.ui import faces
from parvis.core.ui.tests import css

BUDGET_BYTES = 45_000


def test_every_tint_bears_its_white_initials():
    tints = dict(re.findall(r"&\.(t\d+) \{ --tint: (#\w+); \}", css.ALL))
    assert set(tints) == {f"t{n}" for n in range(faces.TINTS)}
    for name, colour in tints.items():
        assert css.contrast("#fff", colour) >= 4.5, (name, colour)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_square_bears_its_letter(scheme):
    for colour in re.findall(r"--tint: (#\w+);", css.ALL):
        ground = css.mix(0.16, colour, css.token("stone-0", scheme))
        assert css.contrast(css.token("ink-1", scheme), ground) >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("front", "back", "least"),
    [
        *[(ink, f"stone-{n}", 4.5) for ink in ("ink-1", "ink-2") for n in range(3)],
        *[(colour, f"stone-{n}", 4.5) for colour in ("accent", "why", "note", "danger") for n in range(2)],
        ("accent", "accent-soft", 4.5),
        ("accent-ink", "accent", 4.5),
        ("accent-ink", "accent-deep", 4.5),
        ("danger", "danger-soft", 4.5),
        ("stone-0", "danger", 4.5),
        ("ink-1", "why-soft", 4.5),
        ("ink-1", "note-soft", 4.5),
        ("accent", "note-soft", 4.5),
        ("accent", "why-soft", 4.5),
        ("accent", "danger-soft", 4.5),
        ("stone-0", "ink-1", 4.5),
        ("line-strong", "stone-0", 3),
        ("line-strong", "stone-1", 3),
    ],
)
def test_text_and_controls_have_enough_contrast(front, back, least, scheme):
    assert css.contrast(css.token(front, scheme), css.token(back, scheme)) >= least


def test_every_token_in_use_is_defined():
    defined = set(re.findall(r"(--[\w-]+)\s*:", css.ALL))
    assert set(re.findall(r"var\((--[\w-]+)", css.ALL)) <= defined


def test_every_rule_stands_in_a_layer():
    for name, sheet in css.SHEETS.items():
        depth, outside = 0, ""
        for char in sheet:
            outside += char if depth == 0 else ""
            depth += (char == "{") - (char == "}")
        assert depth == 0, f"{name}: braces"
        starts = [line for line in re.split(r"[{}]", outside) if line.strip()]
        assert all(s.strip().startswith("@layer") for s in starts), (name, starts)


def test_directions_are_logical_so_that_right_to_left_works():
    physical = r"\b(?:margin|padding|border)-(?:left|right)\b|text-align: (?:left|right)|(?<![\w-])(?:left|right)\s*:"
    assert not re.findall(physical, css.ALL)


def test_styles_and_scripts_of_a_page_stay_within_45_kb_on_the_wire():
    static = css.FOLDER.parent
    htmx = Path(django_htmx.__file__).parent / "static/django_htmx/htmx-2.min.js"
    files = [*static.glob("css/*.css"), *static.glob("js/*.js"), static / "icons.svg", htmx]
    assert sum(len(gzip.compress(path.read_bytes())) for path in files) <= BUDGET_BYTES


def test_a_script_is_one_behaviour_of_less_than_150_lines():
    for path in css.FOLDER.parent.glob("js/*.js"):
        assert len(path.read_text().splitlines()) < 150, path.name
