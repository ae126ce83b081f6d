"""Instants and dates in the words that people use: « il y a 5 min », « hier, 14 h », "this morning, 9:30".

Pure functions over the active language. Instants are converted to the reader's zone; `now` is always passed in.
English keeps to the form that is read alike everywhere in Europe: "3 Nov 2024", and 24 hours.
"""

import datetime as dt
import functools
from collections.abc import Callable

from django.utils.dateformat import format as format_date
from django.utils.translation import get_language, gettext, pgettext

MINUTE_S = 60
HOUR_S = 3600
CLOCK_DRIFT_S = 90  # a server whose clock is a little ahead has not posted in the future


def _kept(words: Callable[..., str]) -> Callable[..., str]:
    """Keeps what a function said lately: the cards of a page are those of many pages, and dates are slow to put in words."""

    @functools.lru_cache(maxsize=4096)
    def in_language(_: str | None, *arguments: object) -> str:
        return words(*arguments)

    return functools.wraps(words)(lambda *arguments: in_language(get_language(), *arguments))


def moment_words(at: dt.datetime, now: dt.datetime, zone: dt.tzinfo) -> str:
    """When `at` was, or will be, for somebody who reads it at `now` in `zone`. Both instants are aware."""
    age_s = (now - at).total_seconds()
    if -CLOCK_DRIFT_S < age_s < MINUTE_S:
        return gettext("just now")
    if 0 <= age_s < HOUR_S:
        return gettext("%(n)s min ago") % {"n": int(age_s // MINUTE_S)}
    return settled_words(at, now, zone)


def settled_words(at: dt.datetime, now: dt.datetime, zone: dt.tzinfo) -> str:
    """As `moment_words`, but in words that stay true until the day ends: never "just now" nor minutes."""
    return _settled_words(at, zone, now.astimezone(zone).date(), at > now)


@_kept
def _settled_words(at: dt.datetime, zone: dt.tzinfo, today: dt.date, ahead: bool) -> str:
    local = at.astimezone(zone)
    time = {"time": clock_words(local)}
    days = (local.date() - today).days
    if days == 0:
        return _part_of_today(local, ahead=ahead) % time
    if days == -1:
        return gettext("yesterday, %(time)s") % time
    if days == 1:
        return gettext("tomorrow, %(time)s") % time
    if -7 < days < 0:
        return format_date(local, "l")
    if days > 0:
        return gettext("%(day)s, %(time)s") % {"day": day_words(local.date(), today), **time}
    return date_words(local.date(), today)


def _part_of_today(local: dt.datetime, *, ahead: bool) -> str:
    if ahead or local.hour < 5:
        return gettext("today, %(time)s")
    if local.hour < 12:
        return gettext("this morning, %(time)s")
    if local.hour < 18:
        return gettext("this afternoon, %(time)s")
    return gettext("this evening, %(time)s")


@_kept
def full_words(at: dt.datetime, zone: dt.tzinfo) -> str:
    """Day, date, year and time: what the title of a short form says."""
    local = at.astimezone(zone)
    day = {"weekday": format_date(local, "l"), "date": f"{_day_number(local)} {format_date(local, 'F Y')}"}
    return gettext("%(weekday)s %(date)s, %(time)s") % {**day, "time": clock_words(local)}


def clock_words(at: dt.datetime | dt.time) -> str:
    """« 9 h 30 », « 14 h »; "9:30", "14:00"."""
    if at.minute:
        return gettext("%(hour)s:%(minute)s") % {"hour": at.hour, "minute": f"{at.minute:02}"}
    return pgettext("on the hour", "%(hour)s:00") % {"hour": at.hour}


def date_words(date: dt.date, today: dt.date) -> str:
    """« 3 nov. », and with its year where that is not this year: « 3 nov. 2024 »."""
    month = format_date(date, pgettext("short month, in Django's date format", "M"))
    words = f"{_day_number(date)} {month}"
    return words if date.year == today.year else f"{words} {date.year}"


def day_words(date: dt.date, today: dt.date, *, named: bool = True) -> str:
    """A whole day: « aujourd’hui », « demain », « lundi 30 novembre », with its year where that is not this year.

    named: whether the days around `today` are said by their names or, like the others, by their dates.
    """
    names = {-1: gettext("yesterday"), 0: gettext("today"), 1: gettext("tomorrow")}
    if named and (name := names.get((date - today).days)):
        return name
    words = f"{format_date(date, 'l')} {_day_number(date)} {format_date(date, 'F')}"
    return words if date.year == today.year else f"{words} {date.year}"


def _day_number(date: dt.date) -> str:
    return pgettext("first day of a month", "1") if date.day == 1 else str(date.day)
