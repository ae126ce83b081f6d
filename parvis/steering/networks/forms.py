"""Forms of the first run, of administration and of the desk."""

from __future__ import annotations

import re
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import password_validators_help_text_html, validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from parvis.core.people.models import Account, InvitationKind, Network, Person
from parvis.core.people.models.network import RESERVED_SLUGS
from parvis.core.runtime.keys import is_key
from parvis.steering.networks.queries import system_find_person
from parvis.work.communities.models import Community


def _text(
    label: Any, *, required: bool = True, help_text: Any = "", autocomplete: str = "off", limit: int = 160
) -> forms.CharField:
    widget = forms.TextInput(attrs={"autocomplete": autocomplete})
    return forms.CharField(label=label, required=required, help_text=help_text, max_length=limit, widget=widget)


def _zones() -> list[tuple[str, str]]:
    return [
        (z, z.replace("_", " "))
        for z in sorted(available_timezones())
        if "/" in z and not z.startswith(("Etc/", "SystemV/"))
    ] + [("UTC", "UTC")]


class NetworkForm(forms.ModelForm[Network]):
    """Name, language and zone of a network."""

    zone = forms.ChoiceField(label=_("Time zone"))

    class Meta:
        model = Network
        fields = ["name", "language", "zone"]
        labels = {"name": _("Name of the network")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
        self.fields["language"] = language
        zone = self.fields["zone"]
        assert isinstance(zone, forms.ChoiceField)
        zone.choices = _zones()


class SetupForm(forms.Form):
    """The first network and its administrator."""

    name = _text(
        _("Name of the network"), help_text=_("Usually that of the company."), autocomplete="organization", limit=120
    )
    slug = _text(
        _("Its address"),
        required=False,
        help_text=_("Small letters, digits and dashes; made from the name if you leave it empty."),
        limit=40,
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    person = _text(_("Your first and last name"), autocomplete="name")
    email = forms.EmailField(label=_("Your e-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "email"}))
    password = forms.CharField(
        label=_("Choose a password"),
        strip=False,
        max_length=256,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].help_text = password_validators_help_text_html()

    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"].strip().lower()
        if slug and not re.fullmatch(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?", slug):
            raise ValidationError(_("Small letters, digits and dashes only."))
        if slug in RESERVED_SLUGS:
            raise ValidationError(_("This word is taken by Parvis itself."))
        return slug

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password, Account(email=self.cleaned_data.get("email")))
        return password


class DomainForm(forms.Form):
    domain = _text(_("Mail domain"), help_text=_("As in company.example: what stands after the @."), limit=253)


class PersonForm(forms.Form):
    """What the company knows of somebody."""

    personnel_number = _text(_("Personnel number"), required=False, limit=40)
    title = _text(_("Job"), required=False)
    department = _text(_("Department"), required=False, limit=120)
    site = _text(_("Site"), required=False, limit=120)
    manager = _text(
        _("Manager"), required=False, help_text=_("Their e-mail address or personnel number, or nothing."), limit=254
    )

    def __init__(self, *args: Any, network: Network, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.network = network

    def clean_manager(self) -> Person | None:
        return _find(self.network, self.cleaned_data["manager"])


class WhoForm(forms.Form):
    """Somebody, by address, personnel number or key."""

    who = _text(_("Who is the same person?"), help_text=_("Their e-mail address or personnel number."), limit=254)

    def __init__(self, *args: Any, network: Network, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.network = network

    def clean_who(self) -> Person | None:
        return _find(self.network, self.cleaned_data["who"])


class ReviewForm(forms.Form):
    """A conversation to open, and why."""

    thread = _text(_("Address of the conversation"), help_text=_("As the complaint gives it."), limit=400)
    reason = forms.CharField(label=_("Why"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))

    def clean_thread(self) -> str:
        keys = [part for part in re.split(r"[^0-9A-Za-z]+", self.cleaned_data["thread"]) if is_key(part)]
        if not keys:
            raise ValidationError(_("This is not the address of a conversation."))
        return keys[-1]


class WorkerForm(forms.Form):
    """Somebody without e-mail."""

    name = _text(_("First and last name"))
    personnel_number = _text(_("Personnel number"), limit=40)
    department = _text(_("Department"), required=False, limit=120)
    site = _text(_("Site"), required=False, limit=120)


_COME_AS = [
    (InvitationKind.MEMBER.value, _("Members: they see what everyone sees")),
    (InvitationKind.GUEST.value, _("Guests: they see the communities chosen here, nothing else")),
]


class InviteForm(forms.Form):
    """Several addresses at once."""

    emails = forms.CharField(
        label=_("E-mail addresses"),
        help_text=_("One or several, as they come: one a line, or with commas between."),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=20_000,
    )
    kind = forms.ChoiceField(
        label=_("They come as"),
        initial=InvitationKind.MEMBER.value,
        widget=forms.RadioSelect,
        choices=_COME_AS,
    )
    communities = forms.MultipleChoiceField(
        label=_("Into these communities"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, communities: list[Community], may_invite_members: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["communities"]
        assert isinstance(field, forms.MultipleChoiceField)
        field.choices = [(str(c.group_id), c.name) for c in communities]
        if not communities:
            del self.fields["communities"]
        if not may_invite_members:
            kind = self.fields["kind"]
            assert isinstance(kind, forms.ChoiceField)
            kind.choices = [
                (InvitationKind.GUEST.value, _("Guests: they see the communities chosen here, nothing else"))
            ]
            kind.initial = InvitationKind.GUEST

    def clean_emails(self) -> list[str]:
        found = [
            part.split("<")[-1].strip(" \t<>\"'").lower()
            for part in re.split(r"[,;\n\r]+", self.cleaned_data["emails"])
        ]
        emails = list(dict.fromkeys(e for e in found if e))
        wrong = [e for e in emails if not _is_email(e)]
        if wrong:
            raise ValidationError(_("Not an address: %(wrong)s"), params={"wrong": ", ".join(wrong[:5])})
        if len(emails) > 200:
            raise ValidationError(_("At most 200 at a time, please."))
        return emails


def _find(network: Network, who: str) -> Person | None:
    if not who.strip():
        return None
    found = system_find_person(network, who)
    if found is None:
        raise ValidationError(_("Nobody here has this address or number."))
    return found


def _is_email(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True
