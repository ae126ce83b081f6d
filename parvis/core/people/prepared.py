"""Queries that every page asks: the ORM writes their SQL once, not at each visit.

Building and compiling a query of ours takes the ORM five times longer than the database takes to answer it. `prepared`
keeps the statement, and puts in the values of each call. What it answers is what the query itself answers; what one may
see is still decided by `visible_to`, inside the query.
"""

from __future__ import annotations

import copy
import dataclasses
import datetime as dt
import functools
from collections.abc import Callable, Collection, Iterator
from typing import Any, ParamSpec, TypeVar, cast

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from parvis.core.people.models import Network, Person
from parvis.core.people.viewer import EVERYONE, Viewer

P = ParamSpec("P")
Row = TypeVar("Row")
_FIRST = 1_900_000_000  # the first of the numbers that stand for values while a statement is written


class NotPrepared(Exception):
    """A query that cannot be prepared: it used a value otherwise than as a parameter, or what stands for none."""


def prepared(build: Callable[P, QuerySet[Any, Row]]) -> Callable[P, list[Row]]:
    """`build` makes a query of its positional arguments; the function that is returned gives its rows.

    They are a Viewer, whole numbers, instants, texts, and collections of those, used as parameters only: the
    query must have the same form whatever they are. Keyword arguments may change its form: each value is kept for itself.
    Raises NotPrepared at the first call of a form that breaks this.  Queries: 1; 0 for an empty collection.
    """
    statements: dict[Any, _Statement | None] = {}

    @functools.wraps(build)
    def rows(*given: P.args, **form: P.kwargs) -> list[Row]:
        values = _Values()
        shape = (connection.vendor, *(values.take(value) for value in given), *sorted(form.items()))
        if shape not in statements:
            marks = _Marks()
            query = build(*map(marks.stand_for, given), **form)
            statements[shape] = _Statement.of(query, marks)
        statement = statements[shape]
        return [] if statement is None else cast("list[Row]", list(statement.run(values.taken)))

    return cast("Callable[P, list[Row]]", rows)


class _Values:
    """The values of a call, one after the other, collections filled up to a power of two with their last."""

    def __init__(self) -> None:
        self.taken: list[Any] = []

    def take(self, value: Any) -> Any:
        """Adds the values of an argument. Returns what of it belongs to the form of the statement."""
        if isinstance(value, Viewer):
            flags = (value.is_member, value.person is None, value.is_administrator, value.is_desk)
            parts = (value.network.pk, value.person_id, value.now, _principals(value), value.community_ids)
            return (*flags, *map(self.take, parts))
        if isinstance(value, Collection) and not isinstance(value, str):
            values = list(value)
            length = _length(len(values))
            self.taken += values + values[-1:] * (length - len(values))
            return length, type(values[0]) if values else None
        self.taken.append(value)
        return type(value)


class _Marks:
    """Stand-ins for the values of a call, in the same order, that are found again in what the ORM wrote."""

    def __init__(self) -> None:
        self.made: list[Any] = []

    def stand_for(self, value: Any) -> Any:
        if isinstance(value, Viewer):
            network, person, now = map(self.stand_for, (value.network.pk, value.person_id, value.now))
            return dataclasses.replace(
                value,
                network=Network(pk=network),
                person=None if value.person is None else Person(pk=person, network_id=network),
                now=now,
                principals=frozenset(self.stand_for(_principals(value))) | value.principals & {EVERYONE},
                community_ids=frozenset(self.stand_for(value.community_ids)),
                **dict.fromkeys(("roles", "zone", "language"), cast("Any", _Absent())),
            )
        if isinstance(value, Collection) and not isinstance(value, str):
            like = next(iter(value), None)
            return [self.stand_for(like) for _ in range(_length(len(value)))]
        number = _FIRST + len(self.made)
        mark: Any = number
        if isinstance(value, dt.datetime):
            mark = dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=number)
        elif isinstance(value, str):
            mark = str(number)
        elif type(value) is not int:
            raise NotPrepared(f"a parameter of type {type(value).__name__}")
        self.made.append(mark)
        return mark


class _Absent:
    """What of a viewer no prepared query may use."""

    def _refuse(self, *_: Any) -> Any:
        raise NotPrepared("a prepared query uses roles, zone or language of the viewer")

    __getattr__ = __getitem__ = __iter__ = __len__ = __contains__ = __str__ = _refuse


def _principals(viewer: Viewer) -> frozenset[int]:
    return viewer.principals - {EVERYONE}


def _length(count: int) -> int:
    """The power of two in which `count` values fit; 0 for none."""
    return 1 << (count - 1).bit_length() if count else 0


class _Statement:
    """A compiled query, and which of its parameters are which values."""

    def __init__(self, query: Any, compiler: Any, sql: str, places: list[tuple[int, Any]]) -> None:
        self._query, self._compiler, self._sql, self._places = query, compiler, sql, places

    @classmethod
    def of(cls, query: QuerySet[Any], marks: _Marks) -> _Statement | None:
        """None for a query that can find nothing."""
        if query._prefetch_related_lookups:  # type: ignore[attr-defined]
            raise NotPrepared("it prefetches")
        compiler = query.query.get_compiler(connection=connection)
        try:
            sql, parameters = compiler.as_sql()
        except EmptyResultSet:
            return None
        where = {_of_database(mark): (n, 1) for n, mark in enumerate(marks.made)}
        where |= {-mark: (n, -1) for n, mark in enumerate(marks.made) if isinstance(mark, int)}
        places = [where.get(value, (-1, value)) for value in parameters]
        return cls(query, compiler, sql, places)

    def run(self, values: list[Any]) -> Iterator[Any]:
        # A thread has its own connection; the rest of a compiler is only read once it has compiled.
        compiler = copy.copy(self._compiler)
        compiler.connection, compiler.using = connection, connection.alias
        parameters = tuple(
            value if n < 0 else -values[n] if value == -1 else _of_database(values[n]) for n, value in self._places
        )
        compiler.as_sql = lambda *_, **__: (self._sql, parameters)
        query = _Overlaid(self._query.query, get_compiler=lambda *_, **__: compiler)
        rows: Iterator[Any] = iter(self._query._iterable_class(_Overlaid(self._query, query=query)))
        return rows


def _of_database(value: Any) -> Any:
    """A value as the ORM gives it to the database."""
    return connection.ops.adapt_datetimefield_value(value) if isinstance(value, dt.datetime) else value


class _Overlaid:
    """An object with some attributes replaced."""

    def __init__(self, under: Any, **over: Any) -> None:
        self.__dict__.update(over, _under=under)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._under, name)
