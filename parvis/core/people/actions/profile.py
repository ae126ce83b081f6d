"""What one says of oneself."""

from __future__ import annotations

from django.db import transaction

from parvis.core.items.log import record
from parvis.core.items.models import Verb
from parvis.core.people.models import Person
from parvis.core.people.viewer import Viewer


@transaction.atomic
def edit_profile(
    viewer: Viewer,
    *,
    title: str,
    department: str,
    site: str,
    phone: str,
    about: str,
    language: str,
    zone: str,
) -> Person:
    """Change what one says of oneself, one's language and zone (empty: the network's). Returns the person."""
    person = Person.objects.select_for_update(of=("self",)).get(pk=viewer.person_id)
    person.title, person.department, person.site = title, department, site
    person.phone, person.about, person.language, person.zone = phone, about, language, zone
    person.save(update_fields=["title", "department", "site", "phone", "about", "language", "zone"])
    record(person, Verb.UPDATE, at=viewer.now, target=person)
    return person
