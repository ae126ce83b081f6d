"""Dates within told text: `{J+2}` reads "demain", "jeudi" or "le 3 décembre", depending on when it is read as written."""

from __future__ import annotations

import datetime as dt
import re

from parvis.exchange.demo.workdays import Calendar

_MACRO = re.compile(r"\{(J|mois|an)([+-]\d+)?(?: (jour|date))?\}")
_DAYS = {
    "fr": ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"],
    "en": ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"],
}
_MONTHS = {
    "fr": [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ],
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
}
_NEAR = {"fr": ["hier", "aujourd'hui", "demain"], "en": ["yesterday", "today", "tomorrow"]}
_ELIDED = re.compile(r"\bde (?=(?:avril|août|octobre)\b)")


def worded(text: str, language: str, calendar: Calendar, written: dt.date) -> str:
    """`text` with its dates in words, as somebody would have written them on the day `written`.

    `{J-3}` by nearness, `{J-3 jour}` the weekday, `{J-3 date}` weekday and date, `{mois+1}` a month, `{an+1}` a year.
    """

    def word(match: re.Match[str]) -> str:
        what, shift, form = match[1], int(match[2] or 0), match[3]
        if what == "an":
            return str(calendar.reference.year + shift)
        if what == "mois":
            return _MONTHS[language][(calendar.reference.month - 1 + shift) % 12]
        found = _day(calendar.day(shift), written, form, language)
        begins = match.start() == 0 or text[match.start() - 1] == "\n"
        return found[0].upper() + found[1:] if begins else found

    told = _MACRO.sub(word, text)
    return _ELIDED.sub("d'", told) if language == "fr" else told


def _day(day: dt.date, written: dt.date, form: str | None, language: str) -> str:
    weekday, month = _DAYS[language][day.weekday()], _MONTHS[language][day.month - 1]
    number = "1er" if language == "fr" and day.day == 1 else str(day.day)
    away = (day - written).days
    if form == "jour":
        return weekday
    if form == "date":
        return f"{weekday} {number} {month}"
    if abs(away) <= 1:
        return _NEAR[language][away + 1]
    if abs(away) <= 6:
        return weekday
    return f"le {number} {month}" if language == "fr" else f"{number} {month}"
