"""The tags, as they are written in pages."""

import datetime as dt
from types import SimpleNamespace
from zoneinfo import ZoneInfo

from django.template import Context, Template
from django.utils import translation

NOW = dt.datetime(2026, 11, 18, 9, 42, tzinfo=dt.UTC)
VIEWER = SimpleNamespace(now=NOW, zone=ZoneInfo("Europe/Paris"))


def render(source, **context):
    with translation.override("en"):
        return Template("{% load ui %}" + source).render(Context({"viewer": VIEWER, **context}))


def test_a_recent_time_carries_the_words_that_follow():
    html = render("{% when at %}", at=NOW - dt.timedelta(minutes=5))
    assert html == (
        '<time datetime="2026-11-18T09:37:00Z" title="Wednesday 18 November 2026, 10:37" data-when '
        'data-later="this morning, 10:37">5 min ago</time>'
    )


def test_an_older_time_has_nothing_to_follow():
    assert "data-later" not in render("{% when at %}", at=NOW - dt.timedelta(days=3))


def test_no_time_is_nothing():
    assert render("{% when at %}{% day at %}", at=None) == ""


def test_now_comes_from_the_context_without_a_viewer():
    assert "just now" in render("{% when at %}", at=NOW, now=NOW, viewer=None)


def test_a_day_of_an_instant_is_the_readers():
    late = dt.datetime(2026, 11, 18, 23, 30, tzinfo=dt.UTC)
    assert render("{% day at %}", at=late) == '<time datetime="2026-11-19">tomorrow</time>'


def test_an_icon_is_decoration_unless_labelled():
    assert 'aria-hidden="true"' in render('{% icon "lock" %}')
    assert 'role="img" aria-label="private &amp; closed"' in render('{% icon "lock" label %}', label="private & closed")
    assert "ui/icons.svg#lock" in render('{% icon "lock" %}')


def test_a_face_is_decoration_and_escaped():
    html = render("{% avatar p %}", p=SimpleNamespace(name="<b> &amp", key="k"))
    assert 'aria-hidden="true"' in html
    assert "<b>" not in html
    assert 'alt=""' in render("{% avatar p %}", p=SimpleNamespace(name="A B", key="k", picture_url='/x"y'))
    assert "x&quot;y" in render("{% avatar p %}", p=SimpleNamespace(name="A B", key="k", picture_url='/x"y'))


def test_nobody_has_a_face_too():
    assert "#person" in render("{% avatar p %}", p=None)


def test_a_square_bears_the_initial_of_its_place():
    assert ">Q</span>" in render("{% square p %}", p={"name": "qualité", "key": "k"})


def test_an_excerpt_is_escaped_again():
    assert render("{{ t|plain_text_excerpt:20 }}", t="<p>3 &lt; 4</p>") == "3 &lt; 4"
