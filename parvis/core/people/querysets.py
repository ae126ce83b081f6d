"""The door to people: whom a viewer may know of."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models import Exists, OuterRef, Q

if TYPE_CHECKING:
    from parvis.core.people.models import Membership, Person
    from parvis.core.people.viewer import Viewer


def active_at(now: dt.datetime) -> Q:
    """Memberships in force at `now`."""
    return Q(since__lte=now) & (Q(until=None) | Q(until__gt=now))


class MembershipQuerySet(models.QuerySet["Membership"]):
    def active(self, now: dt.datetime) -> MembershipQuerySet:
        """Those in force at `now`."""
        return self.filter(active_at(now))

    def system_active_of(self, person: Person, now: dt.datetime) -> list[tuple[int, str, str]]:
        """(group id, role, group kind) of each membership of `person` in force at `now`.  Queries: 1."""
        return list(self.active(now).filter(person=person).values_list("group_id", "role", "group__kind"))


class PersonQuerySet(models.QuerySet["Person"]):
    def with_ways_in(self, now: dt.datetime) -> PersonQuerySet:
        """Each with `has_address` and `administers`, here or in any other network of their account.

        For neither may a letter be printed: it would let the desk in as somebody who has another way.
        """
        serving: Any = self.model._meta.get_field("memberships").related_model
        known: Any = self.model._meta.get_field("addresses").related_model
        signs_in: Any = self.model._meta.get_field("account").related_model
        same = Q(person=OuterRef("pk")) | Q(person__account=OuterRef("account"))
        return self.annotate(
            has_address=Exists(known.objects.filter(same))
            | Exists(signs_in.objects.filter(Q(emailaddress__verified=True) | Q(email__gt=""), pk=OuterRef("account"))),
            administers=Exists(serving.objects.active(now).filter(same, group__kind="administrators")),
        )

    def visible_to(self, viewer: Viewer) -> PersonQuerySet:
        """The persons whom `viewer` may know of.

        A member knows the whole network; a guest only those with whom a group is shared, and themselves;
        nobody else knows anyone. Merged rows are never shown: their `merged_into` is.
        """
        people = self.filter(network=viewer.network).exclude(state="merged")
        if viewer.is_member:
            return people
        if viewer.person is None or not viewer.principals:
            return people.none()
        shared: Any = self.model._meta.get_field("memberships").related_model
        together = shared.objects.active(viewer.now).filter(person=OuterRef("pk"), group__in=viewer.group_ids)
        return people.filter(Q(pk=viewer.person_id) | Exists(together))
