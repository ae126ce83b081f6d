"""What a ticket needs to know."""

from __future__ import annotations

from allauth.usersessions.models import UserSession

from parvis.core.items.queries import thread_for
from parvis.core.people.viewer import Viewer


def session_id(viewer: Viewer, session_key: str) -> int:
    """The id of the viewer's session's row; 0 where it has none.  Queries: 1."""
    account = viewer.person.account_id if viewer.person else None
    row = UserSession.objects.filter(session_key=session_key, user_id=account).values_list("pk", flat=True).first()
    return row or 0


def thread_id(viewer: Viewer, key: str) -> int:
    """The id of a thread that the viewer may see. Raises Missing (404).  Queries: 1."""
    return int(thread_for(viewer, key).pk)
