"""What a viewer may do, beside seeing. Seeing is `visible_to`, and nothing else."""

from __future__ import annotations

import dataclasses
import enum

from django.core.exceptions import PermissionDenied

from parvis.core.items.models import Item
from parvis.core.people.models import Group, Membership, Role
from parvis.core.people.viewer import Viewer


class Act(enum.StrEnum):
    POST = "post"  # in a group
    COMMENT = "comment"  # on a thread that one sees
    EDIT = "edit"
    DELETE = "delete"  # one's own
    MODERATE = "moderate"  # remove or restore in a group
    MANAGE = "manage"  # a group: its name, its members
    WIDEN = "widen"  # who sees a thread
    ADMINISTER = "administer"  # the network
    HAND_OUT_CODES = "hand_out_codes"  # to people without e-mail


class Forbidden(PermissionDenied):
    """Visible, but not allowed: answered by 403."""


_DESK = (Role.OWNER, Role.MODERATOR)


def can(viewer: Viewer, act: Act, on: Group | Item | None = None) -> bool:
    """Whether the viewer may do this to a group or to an item that they see.  Queries: 0 (item.place loaded)."""
    if viewer.person is None or not viewer.principals:
        return False
    if act is Act.ADMINISTER:
        return viewer.is_administrator
    if act is Act.HAND_OUT_CODES:
        return viewer.is_desk or viewer.is_administrator
    if isinstance(on, Item):
        return _can_item(viewer, act, on)
    return on is not None and _can_group(viewer, act, on, viewer.roles.get(on.pk))


def require(viewer: Viewer, act: Act, on: Group | Item | None = None) -> None:
    """As `can`, with memberships read again inside the deed's transaction. Raises Forbidden.  Queries: at most 2."""
    place = on.place if isinstance(on, Item) else on
    if place is not None and viewer.person is not None:
        viewer = _refreshed(viewer, place)
    if not can(viewer, act, on):
        raise Forbidden(act.value)


def _refreshed(viewer: Viewer, place: Group) -> Viewer:
    row = Membership.objects.active(viewer.now).filter(person_id=viewer.person_id, group=place).first()
    roles = {group: role for group, role in viewer.roles.items() if group != place.pk}
    if row is not None:
        roles[place.pk] = row.role
    return dataclasses.replace(viewer, roles=roles)


def _can_group(viewer: Viewer, act: Act, group: Group, role: str | None) -> bool:
    if group.network_id != viewer.network.pk:
        return False
    if act is Act.MANAGE:
        return role == Role.OWNER or viewer.is_administrator
    if act is Act.MODERATE:
        return role in _DESK or viewer.is_administrator
    if act is Act.POST:
        return role is not None and group.closed_at is None
    return False


def _can_item(viewer: Viewer, act: Act, item: Item) -> bool:
    if item.network_id != viewer.network.pk or item.deleted_at is not None:
        return False
    mine = item.author_id == viewer.person_id
    place = item.place
    closed = place is not None and place.closed_at is not None
    if act is Act.EDIT:
        return mine and not closed and item.removed_at is None
    if act is Act.DELETE:
        return mine
    if act is Act.COMMENT:
        return not closed and item.removed_at is None
    if act is Act.WIDEN:
        return item.root_id is None and (mine or _moderates(viewer, place))
    if act is Act.MODERATE:
        return _moderates(viewer, place)
    return False


def _moderates(viewer: Viewer, place: Group | None) -> bool:
    return place is not None and _can_group(viewer, Act.MODERATE, place, viewer.roles.get(place.pk))
