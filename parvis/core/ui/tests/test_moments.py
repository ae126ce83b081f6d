"""Times and days in words, in both languages, on each side of every threshold."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from parvis.core.ui import moments

PARIS = ZoneInfo("Europe/Paris")
NOW = dt.datetime(2026, 11, 18, 10, 42, tzinfo=PARIS)  # a Wednesday


def at(*parts):
    return dt.datetime(*parts, tzinfo=PARIS)


@pytest.mark.parametrize(
    ("moment", "french", "english"),
    [
        (NOW, "à l’instant", "just now"),
        (NOW - dt.timedelta(seconds=59), "à l’instant", "just now"),
        (NOW + dt.timedelta(seconds=60), "à l’instant", "just now"),  # the server's clock is a little ahead
        (NOW - dt.timedelta(seconds=60), "il y a 1 min", "1 min ago"),
        (NOW - dt.timedelta(minutes=5), "il y a 5 min", "5 min ago"),
        (NOW - dt.timedelta(minutes=59, seconds=59), "il y a 59 min", "59 min ago"),
        (NOW - dt.timedelta(minutes=60), "ce matin, 9 h 42", "this morning, 9:42"),
        (at(2026, 11, 18, 9, 5), "ce matin, 9 h 05", "this morning, 9:05"),
        (at(2026, 11, 18, 9, 0), "ce matin, 9 h", "this morning, 9:00"),
        (at(2026, 11, 18, 0, 10), "aujourd’hui, 0 h 10", "today, 0:10"),
        (at(2026, 11, 18, 16, 0), "aujourd’hui, 16 h", "today, 16:00"),
        (at(2026, 11, 17, 23, 59), "hier, 23 h 59", "yesterday, 23:59"),
        (at(2026, 11, 17, 14, 0), "hier, 14 h", "yesterday, 14:00"),
        (at(2026, 11, 16, 14, 0), "lundi", "Monday"),
        (at(2026, 11, 12, 0, 0), "jeudi", "Thursday"),
        (at(2026, 11, 11, 23, 59), "11 nov.", "11 Nov"),
        (at(2026, 11, 3, 8, 0), "3 nov.", "3 Nov"),
        (at(2026, 11, 1, 8, 0), "1er nov.", "1 Nov"),
        (at(2026, 1, 1, 0, 0), "1er jan.", "1 Jan"),
        (at(2025, 12, 31, 23, 59), "31 déc. 2025", "31 Dec 2025"),
        (at(2024, 11, 3, 8, 0), "3 nov. 2024", "3 Nov 2024"),
        (at(2026, 11, 19, 9, 30), "demain, 9 h 30", "tomorrow, 9:30"),
        (at(2026, 11, 23, 14, 0), "lundi 23 novembre, 14 h", "Monday 23 November, 14:00"),
    ],
)
def test_an_instant_is_said_as_people_say_it(moment, french, english):
    with translation.override("fr"):
        assert moments.moment_words(moment, NOW, PARIS).replace("\u00a0", " ") == french
    with translation.override("en"):
        assert moments.moment_words(moment, NOW, PARIS) == english


@pytest.mark.parametrize(
    ("hour", "french", "english"),
    [
        (12, "cet après-midi, 12 h", "this afternoon, 12:00"),
        (17, "cet après-midi, 17 h", "this afternoon, 17:00"),
        (18, "ce soir, 18 h", "this evening, 18:00"),
    ],
)
def test_each_part_of_today_has_its_name(hour, french, english):
    moment, now = at(2026, 11, 18, hour, 0), at(2026, 11, 18, 21, 0)
    with translation.override("fr"):
        assert moments.moment_words(moment, now, PARIS).replace("\u00a0", " ") == french
    with translation.override("en"):
        assert moments.moment_words(moment, now, PARIS) == english


def test_the_hour_is_never_cut_from_its_minutes():
    with translation.override("fr"):
        assert moments.clock_words(dt.time(9, 30)) == "9\u00a0h\u00a030"
        assert moments.clock_words(dt.time(14)) == "14\u00a0h"


def test_days_change_at_midnight_of_the_reader_not_of_the_server():
    moment = dt.datetime(2026, 11, 17, 23, 30, tzinfo=dt.UTC)  # half past midnight in Paris
    with translation.override("en"):
        assert moments.moment_words(moment, NOW, PARIS) == "today, 0:30"
        assert moments.moment_words(moment, NOW, dt.UTC) == "yesterday, 23:30"


def test_yesterday_is_a_day_of_the_calendar_across_a_change_of_clock():
    now = at(2026, 10, 26, 0, 30)  # summer time ended on the 25th, a day of 25 hours
    with translation.override("en"):
        assert moments.moment_words(at(2026, 10, 25, 0, 10), now, PARIS) == "yesterday, 0:10"


@pytest.mark.parametrize(
    ("days", "french", "english"),
    [
        (-1, "hier", "yesterday"),
        (0, "aujourd’hui", "today"),
        (1, "demain", "tomorrow"),
        (5, "lundi 23 novembre", "Monday 23 November"),
        (13, "mardi 1er décembre", "Tuesday 1 December"),
        (60, "dimanche 17 janvier 2027", "Sunday 17 January 2027"),
    ],
)
def test_a_day_is_named_or_dated(days, french, english):
    day = NOW.date() + dt.timedelta(days=days)
    with translation.override("fr"):
        assert moments.day_words(day, NOW.date()) == french
    with translation.override("en"):
        assert moments.day_words(day, NOW.date()) == english


def test_even_today_can_be_dated():
    with translation.override("fr"):
        assert moments.day_words(NOW.date(), NOW.date(), named=False) == "mercredi 18 novembre"


def test_the_full_date_has_day_year_and_time():
    with translation.override("fr"):
        assert moments.full_words(NOW, PARIS) == "mercredi 18 novembre 2026, 10\u00a0h\u00a042"
    with translation.override("en"):
        assert moments.full_words(NOW, PARIS) == "Wednesday 18 November 2026, 10:42"
