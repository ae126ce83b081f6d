"""Working days in France, and where a story's moments fall when it ends `now`.

A story counts days back from its reference day, J0: today once the morning is well begun, else the last working day.
"""

from __future__ import annotations

import datetime as dt
import random
from functools import cache
from zoneinfo import ZoneInfo

START, END = dt.time(6, 30), dt.time(18, 40)  # nobody writes outside these hours
LUNCH = (dt.time(12, 20), dt.time(13, 30))  # nor in this one
_BEGUN = dt.time(9, 30)  # from then on, today is J0


def easter(year: int) -> dt.date:
    """Easter Sunday, by the anonymous Gregorian computus (Nature, 20 April 1876)."""
    golden, century, rest = year % 19, year // 100, year % 100
    epact = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (rest // 4) - epact - rest % 4) % 7
    shift = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * shift + 114, 31)
    return dt.date(year, month, day + 1)


@cache
def holidays(year: int) -> frozenset[dt.date]:
    """The public holidays of metropolitan France (Code du travail, L3133-1)."""
    fixed = [(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)]
    sunday = easter(year)
    moving = [sunday + dt.timedelta(days=days) for days in (1, 39, 50)]
    return frozenset([*(dt.date(year, month, day) for month, day in fixed), *moving])


def is_working(day: dt.date) -> bool:
    """Monday to Friday, public holidays excepted."""
    return day.weekday() < 5 and day not in holidays(day.year)


def shifted(day: dt.date, working_days: int) -> dt.date:
    """The day that many working days after `day` (before it, if negative)."""
    step = dt.timedelta(days=1 if working_days > 0 else -1)
    for _ in range(abs(working_days)):
        day += step
        while not is_working(day):
            day += step
    return day


class Calendar:
    """Turns the days and hours of a story into instants, none after `now`; `seed` moves each by a few minutes."""

    def __init__(self, now: dt.datetime, zone: str = "Europe/Paris", seed: int = 0) -> None:
        self.now, self.zone, self.seed = now, ZoneInfo(zone), seed
        local = now.astimezone(self.zone)
        begun = is_working(local.date()) and local.time() >= _BEGUN
        self.reference = local.date() if begun else shifted(local.date(), -1)
        self._until = local.time() if begun else END  # J0 is told in this much of a day

    def day(self, offset: int) -> dt.date:
        """J0 plus `offset` working days."""
        return shifted(self.reference, offset)

    def instant(self, offset: int, at: dt.time, name: str) -> dt.datetime:
        """When the entry `name`, told at `at` on day J`offset`, was written (UTC). The hours of J0 are drawn together
        so that all of them are over by now."""
        minutes = _minutes_worked(at) + random.Random(f"{self.seed}/{name}").uniform(-2, 2)
        whole = _minutes_worked(END)
        if offset == 0:
            minutes *= min(1, _minutes_worked(self._until) / whole)
        local = dt.datetime.combine(self.day(offset), _time_after(min(max(minutes, 0), whole)), self.zone)
        return min(local.astimezone(dt.UTC), self.now.astimezone(dt.UTC))


_MORNING = (LUNCH[0].hour - START.hour) * 60 + LUNCH[0].minute - START.minute


def _minutes_worked(at: dt.time) -> float:
    """Working minutes of a day before `at`."""
    since = (at.hour - START.hour) * 60 + at.minute - START.minute
    pause = (LUNCH[1].hour - LUNCH[0].hour) * 60 + LUNCH[1].minute - LUNCH[0].minute
    ends = (END.hour - START.hour) * 60 + END.minute - START.minute
    return float(max(0, min(since, _MORNING) if since < _MORNING + pause else min(since, ends) - pause))


def _time_after(minutes: float) -> dt.time:
    """The time of day once this many minutes were worked."""
    begin = dt.datetime.combine(dt.date.min, START if minutes < _MORNING else LUNCH[1])
    return (begin + dt.timedelta(minutes=minutes - (0 if minutes < _MORNING else _MORNING))).time()
