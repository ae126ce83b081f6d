"""What one says of oneself."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.utils.functional import lazystr
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


def _zones() -> list[tuple[str, StrOrPromise]]:
    places = sorted(
        z for z in available_timezones() if "/" in z and not z.startswith(("Etc/", "SystemV/", "posix", "right"))
    )
    return [("", lazystr(_("The network's"))), *((z, z.replace("_", " ")) for z in places)]


def _languages() -> list[tuple[str, StrOrPromise]]:
    return [("", lazystr(_("The network's"))), *settings.LANGUAGES]


class ProfileForm(forms.Form):
    """One's own page, and how Parvis speaks to one."""

    title = forms.CharField(label=_("What you do"), max_length=160, required=False)
    department = forms.CharField(label=_("Department"), max_length=120, required=False)
    site = forms.CharField(label=_("Site"), max_length=120, required=False)
    phone = forms.CharField(label=_("Phone at work"), max_length=40, required=False)
    about = forms.CharField(
        label=_("About you"),
        max_length=2000,
        required=False,
        help_text=_("What colleagues can ask you, in your own words."),
        widget=forms.Textarea(attrs={"rows": 4, "data-grow": ""}),
    )
    language = forms.ChoiceField(label=_("Language"), required=False, choices=_languages)
    zone = forms.ChoiceField(label=_("Time zone"), required=False, choices=_zones)
