"""Visibility on random worlds: the doors agree with the definition, and nothing hidden changes what is shown."""

import datetime as dt

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from parvis.core.items.actions import NewItem, create_items, set_audience
from parvis.core.items.audiences import audience_of
from parvis.core.items.models import Item, Kind
from parvis.core.items.queries import cursor_after, newest_threads, place_threads
from parvis.core.people.actions import (
    NewPerson,
    add_members,
    create_groups,
    create_network,
    create_people,
    remove_members,
)
from parvis.core.people.models import GroupKind, Person, PersonKind
from parvis.core.people.viewer import EVERYONE, viewer_for
from tests.cast import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

PEOPLE, GROUPS = 4, 3
principals = st.sets(st.integers(0, GROUPS + PEOPLE), max_size=4)  # 0 everyone, 1.. groups, then persons
worlds = st.fixed_dictionaries(
    {
        "guests": st.sets(st.integers(0, PEOPLE - 1), max_size=2),
        "members": st.lists(st.tuples(st.integers(0, GROUPS - 1), st.integers(0, PEOPLE - 1)), max_size=8),
        "leavers": st.lists(st.tuples(st.integers(0, GROUPS - 1), st.integers(0, PEOPLE - 1)), max_size=3),
        "posts": st.lists(
            st.tuples(principals, st.integers(0, 40), st.integers(0, GROUPS), st.booleans()), min_size=1, max_size=14
        ),
        "moves": st.lists(st.tuples(st.integers(0, 13), principals), max_size=3),
        "limit": st.integers(1, 5),
    }
)


class World:
    """A network as drawn, and what each of its persons must see of it, computed from the drawing alone."""

    def __init__(self, drawn: dict) -> None:  # type: ignore[type-arg]
        self.network = create_network("monde", "Monde", NOW)
        self.people = create_people(
            self.network,
            [
                NewPerson(f"P{n}", kind=PersonKind.GUEST if n in drawn["guests"] else PersonKind.MEMBER)
                for n in range(PEOPLE)
            ],
            NOW,
        )
        self.groups = create_groups(self.network, GroupKind.TEAM, ["A", "B", "C"], NOW)
        self.inside = set(drawn["members"]) - set(drawn["leavers"])
        for group, person in drawn["members"]:
            add_members(self.groups[group], [self.people[person]], NOW)
        for group, person in drawn["leavers"]:
            remove_members(self.groups[group], [self.people[person]], NOW)
        self.guests = drawn["guests"]
        self.sets: dict[int, set[int]] = {}
        roots: list[Item] = []
        for audience, minutes, place, answers in drawn["posts"]:
            root = None
            if answers and roots:
                root = roots[minutes % len(roots)]
                self._add(None, root, minutes, place)
            else:
                roots.append(self._add(audience, None, minutes, place))
        for which, audience in drawn["moves"]:
            root = Item.objects.get(pk=roots[which % len(roots)].pk)
            author = viewer_for(Person.objects.get(pk=root.author_id), NOW)
            seen = Item.objects.visible_to(author).filter(pk=root.pk).exists()
            if seen:
                set_audience(author, root, self._audience(audience))
                self.sets[root.pk] = audience

    def _add(self, audience: set[int] | None, root: Item | None, minutes: int, place: int) -> Item:
        author = self.people[minutes % PEOPLE]
        row = NewItem(
            Kind.COMMENT if root else Kind.POST,
            author,
            root.audience if root else self._audience(audience or set()),
            NOW + dt.timedelta(minutes=minutes),
            place=(root.place if root else self.groups[place] if place < GROUPS else None),
            body=f"<p>{minutes}</p>",
            root=root,
            in_feeds=root is None,
        )
        (item,) = create_items([row])
        if root is None:
            self.sets[item.pk] = audience or set()
        return item

    def _audience(self, drawn: set[int]):  # type: ignore[no-untyped-def]
        return audience_of(self.network, [self._principal(p) for p in drawn])

    def _principal(self, drawn: int) -> int:
        if drawn == 0:
            return EVERYONE
        return self.groups[drawn - 1].pk if drawn <= GROUPS else -self.people[drawn - GROUPS - 1].pk

    def must_see(self, person: int, root: Item) -> bool:
        drawn = self.sets[root.pk]
        if 0 in drawn and person not in self.guests:
            return True
        return any(
            (p - 1, person) in self.inside if 1 <= p <= GROUPS else p - GROUPS - 1 == person for p in drawn if p > 0
        )


def rolled_back(check) -> None:  # type: ignore[no-untyped-def]
    with transaction.atomic():
        check()
        transaction.set_rollback(True)


@settings(max_examples=30)
@given(worlds)
def test_every_door_shows_exactly_what_the_audiences_say(db: None, drawn: dict) -> None:  # type: ignore[type-arg]
    def check() -> None:
        world = World(drawn)
        everything = list(Item.objects.filter(kind__in=[Kind.POST, Kind.COMMENT]).select_related("root"))
        for number, person in enumerate(world.people):
            viewer = viewer_for(person, NOW + dt.timedelta(hours=2))
            must = {i.pk for i in everything if world.must_see(number, i.root or i)}
            found = set(Item.objects.visible_to(viewer).values_list("pk", flat=True))
            assert found == must
            expected = sorted(
                (i for i in everything if i.root is None and i.pk in must),
                key=lambda i: (i.active_at, i.pk),
                reverse=True,
            )
            assert _paged(viewer, drawn["limit"]) == [i.pk for i in expected]
            for group in world.groups:
                here = [i.pk for i in expected if i.place_id == group.pk]
                assert [i.pk for i in place_threads(viewer, group)] == here

    rolled_back(check)


def _paged(viewer, limit: int) -> list[int]:  # type: ignore[no-untyped-def]
    found: list[int] = []
    before = None
    while page := newest_threads(viewer, before=before, limit=limit):
        found += [i.pk for i in page]
        before = cursor_after(page)
    return found


@settings(max_examples=20)
@given(worlds, st.integers(0, PEOPLE - 1))
def test_what_one_may_not_see_changes_nothing_of_what_one_sees(db: None, drawn: dict, number: int) -> None:  # type: ignore[type-arg]
    def check() -> None:
        world = World(drawn)
        viewer = viewer_for(world.people[number], NOW + dt.timedelta(hours=2))
        before = _paged(viewer, drawn["limit"])
        others = [-p.pk for n, p in enumerate(world.people) if n != number]
        hidden = audience_of(world.network, others)
        create_items(
            [
                NewItem(Kind.POST, world.people[0], hidden, NOW + dt.timedelta(minutes=m), in_feeds=True)
                for m in range(0, 60, 7)
            ]
        )
        assert _paged(viewer, drawn["limit"]) == before

    rolled_back(check)
