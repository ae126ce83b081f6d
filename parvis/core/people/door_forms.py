"""The forms of the doors."""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.account import forms as account_forms
from allauth.account.forms import LoginForm, SignupForm
from allauth.mfa.base import forms as second_step_forms
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django import forms
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import password_validators_help_text_html, validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from parvis.core.people.actions.entry import system_may_sign_up
from parvis.core.people.actions.letters import check_own_code
from parvis.core.people.adapter import NAME_IN_SESSION
from parvis.core.people.models import Account, Person


def _password(label: Any, autocomplete: str) -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
    return forms.CharField(label=label, widget=widget, strip=False, max_length=256)


class InOurWords(forms.Form):
    """A form of allauth's with our labels, and no placeholder that says the label again."""

    words: ClassVar[dict[str, Any]] = {}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.label = self.words.get(name, field.label)
            field.widget.attrs.pop("placeholder", None)
            if name in ("password", "oldpassword"):
                field.help_text = ""  # its link to a new password stood between two fields: the page has it, after them


class SignInForm(InOurWords, LoginForm):
    """Address and password."""

    words: ClassVar = {"login": _("E-mail address")}


class AddAddressForm(InOurWords, account_forms.AddEmailForm):
    words: ClassVar = {"email": _("E-mail address")}


class OtherAddressForm(InOurWords, account_forms.ChangeEmailForm):
    words: ClassVar = {"email": _("E-mail address")}


class AskPasswordForm(InOurWords, account_forms.ResetPasswordForm):
    words: ClassVar = {"email": _("E-mail address")}


class ChangePasswordForm(InOurWords, account_forms.ChangePasswordForm):
    words: ClassVar = {
        "oldpassword": _("Current password"),
        "password1": _("New password"),
        "password2": _("The new password again"),
    }


class SetPasswordForm(InOurWords, account_forms.SetPasswordForm):
    words: ClassVar = {"password1": _("New password"), "password2": _("The new password again")}


class NewPasswordForm(InOurWords, account_forms.ResetPasswordKeyForm):
    words: ClassVar = {"password1": _("New password"), "password2": _("The new password again")}


class IsItYouForm(InOurWords, account_forms.ReauthenticateForm):
    words: ClassVar = {"password": _("Your password")}


class MailedCodeForm(InOurWords, account_forms.ConfirmEmailVerificationCodeForm):
    words: ClassVar = {"code": _("Code of the mail")}


class SecondStepForm(InOurWords, second_step_forms.AuthenticateForm):
    words: ClassVar = {"code": _("Code")}


class SecondStepAgainForm(InOurWords, second_step_forms.ReauthenticateForm):
    words: ClassVar = {"code": _("Code of your authenticator app")}


class BeginSecondStepForm(InOurWords, ActivateTOTPForm):
    words: ClassVar = {"code": _("Number that the app shows")}


class RenamePasskeyForm(InOurWords, EditWebAuthnForm):
    words: ClassVar = {"name": _("Name of the key")}


class PasskeyForm(InOurWords, AddWebAuthnForm):
    """A key that signs in by itself, unless one wants it as a second step only."""

    words: ClassVar = {"name": _("Name of the key")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["passwordless"].label = _("Sign in with this key alone, without a password")
        self.fields["passwordless"].help_text = _("The device then asks for a finger, a face or a PIN.")
        self.fields["passwordless"].initial = True


class SignUpForm(InOurWords, SignupForm):
    """Opens an account for an address that may have one. What the visitor is told is the same for any address."""

    name = forms.CharField(
        label=_("First and last name"), max_length=160, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    field_order = ["name", "email", "password1"]
    words: ClassVar = {"email": _("E-mail address")}

    def validate_unique_email(self, value: str) -> str:
        email: str = super().validate_unique_email(value)
        if not system_may_sign_up(email, timezone.now()):
            self.account_already_exists = True  # the way on which nothing is made
        return email

    def try_save(self, request: HttpRequest) -> tuple[Account | None, HttpResponse | None]:
        if self.account_already_exists:
            make_password(self.cleaned_data.get("password1"))  # as long as making a real one takes
        request.session[NAME_IN_SESSION] = self.cleaned_data["name"]
        return super().try_save(request)  # type: ignore[no-any-return]


class LinkForm(forms.Form):
    """Asks for a link by mail."""

    email = forms.EmailField(
        label=_("E-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "email"}), max_length=254
    )


class AcceptForm(forms.Form):
    """Somebody new comes in by an invitation."""

    name = forms.CharField(
        label=_("First and last name"), max_length=160, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    password = _password(_("Choose a password"), "new-password")

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email
        self.fields["password"].help_text = password_validators_help_text_html()

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password, Account(email=self.email))
        return password


class CodeForm(forms.Form):
    """Personnel number and code."""

    number = forms.CharField(
        label=_("Personnel number"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )
    code = forms.CharField(
        label=_("Code"),
        help_text=_("Your own code, or the one of the letter that you were given."),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}, render_value=False),
    )
    shared = forms.BooleanField(
        label=_("Shared tablet"),
        help_text=_("You are signed out after 15 minutes without use, and nothing is kept on it."),
        required=False,
    )


class ChooseCodeForm(forms.Form):
    """The code of one's own, twice."""

    code = _password(_("Your own code"), "new-password")
    again = _password(_("The same code again"), "new-password")

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person
        self.fields["code"].help_text = _("At least 6 digits or letters. Not your number, a date or a row of keys.")

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        check_own_code(code, self.person)
        return code

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "code" in data and "again" in data and data["code"] != data["again"]:
            self.add_error("again", ValidationError(_("The two codes are not the same."), code="differ"))
        return data


class ChangeCodeForm(ChooseCodeForm):
    """The code of one's own, changed by whoever still knows it."""

    current = _password(_("Your current code"), "current-password")
    field_order = ["current", "code", "again"]
