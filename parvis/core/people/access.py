"""Who may change what is said of people."""

from django.core.exceptions import PermissionDenied

from parvis.core.people.models import Person
from parvis.core.people.viewer import Viewer


def require_person(viewer: Viewer) -> Person:
    """The person who looks. Raises PermissionDenied when nobody is signed in."""
    if viewer.person is None:
        raise PermissionDenied
    return viewer.person
