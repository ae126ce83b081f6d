"""Two persons turn out to be one: everything that names the one names the other from now on."""

from __future__ import annotations

from django.db import transaction

from parvis.core.items.audiences import audience_of, principals_of
from parvis.core.items.models import Audience, AudiencePrincipal, Item, Part, Pending, Revision, SealedAuthor, Seen
from parvis.core.people.models import Person


@transaction.atomic
def move_items(gone: Person, kept: Person) -> None:
    """Give `kept` the items, parts and reading positions of `gone`, and its place in every audience."""
    Item.objects.filter(author=gone).update(author=kept)
    Revision.objects.filter(editor=gone).update(editor=kept)
    SealedAuthor.objects.filter(person=gone).update(person=kept)
    doubled = Part.objects.filter(person=kept).values_list("item_id", "role")
    for item, role in doubled.filter(item__in=Part.objects.filter(person=gone).values("item")):
        Part.objects.filter(person=gone, item=item, role=role).delete()
    Part.objects.filter(person=gone).update(person=kept)
    Seen.objects.filter(person=gone, thread__in=Seen.objects.filter(person=kept).values("thread")).delete()
    Seen.objects.filter(person=gone).update(person=kept)
    for old in Audience.objects.filter(principals__principal=gone.principal).select_related("network"):
        new = audience_of(old.network, (principals_of(old.pk) - {gone.principal}) | {kept.principal})
        newest = AudiencePrincipal.objects.filter(audience=old).values_list("newest_at", flat=True).first()
        if newest is not None:
            AudiencePrincipal.objects.filter(audience=new).exclude(newest_at__gte=newest).update(newest_at=newest)
        Item.objects.filter(audience=old).update(audience=new)
        Pending.objects.filter(audience=old).update(audience=new)
