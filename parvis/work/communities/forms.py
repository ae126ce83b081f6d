"""Making and changing a community, and choosing whom to add."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from parvis.core.files.fields import WordsField
from parvis.core.people.models import Role
from parvis.work.communities.models import Visibility

VISIBILITIES = [
    (Visibility.PUBLIC, _("All members of the network; anyone may join")),
    (Visibility.PRIVATE, _("Its members alone; everybody knows that it exists, one joins by invitation")),
    (Visibility.SECRET, _("Its members alone, and nobody else knows of it")),
]


class CommunityForm(forms.Form):
    """The name and the purpose of a community."""

    name = forms.CharField(
        label=_("Name"), max_length=100, help_text=_("Two or three words that everybody understands.")
    )
    purpose = WordsField(
        label=_("What it is for"),
        required=False,
        max_length=2000,
        help_text=_("One or two sentences: what one finds here, and who is welcome."),
        widget=forms.Textarea(attrs={"rows": 4, "data-grow": ""}),
    )


class NewCommunityForm(CommunityForm):
    """A community to make."""

    visibility = forms.ChoiceField(
        label=_("Who reads it"),
        widget=forms.RadioSelect,
        initial=Visibility.PUBLIC,
        choices=VISIBILITIES,
    )
    has_guests = forms.BooleanField(
        label=_("People from outside may be invited"),
        required=False,
        help_text=_("Every page then says so, and how many of them read it."),
    )


class VisibilityForm(forms.Form):
    """Who reads a community, from now on.  now: who does, which is no choice."""

    visibility = forms.ChoiceField(label=_("Who should read it?"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, now: str, **more: Any) -> None:
        super().__init__(*args, **more)
        others = [choice for choice in VISIBILITIES if choice[0] != now]
        self.fields["visibility"].choices = others  # type: ignore[attr-defined]


class PeopleForm(forms.Form):
    """Whom to add, by keys."""

    person = forms.CharField(max_length=12)


class RoleForm(forms.Form):
    """What a member may do."""

    role = forms.ChoiceField(choices=Role.choices)


def role_choices() -> list[tuple[str, Any]]:
    """The roles in the words of the pages."""
    return [(Role.MEMBER, _("Member")), (Role.MODERATOR, _("Moderator")), (Role.OWNER, _("Owner"))]
