"""What people send: a post, an answer, an edit, a share, a wider audience."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from parvis.core.files.fields import FilesField, WordsField
from parvis.core.people.models import Person
from parvis.core.runtime.keys import new_key
from parvis.work.conversations.queries import MOST_NAMED

FILES: dict[str, Any] = {
    "label": _("Files"),
    "help_text": _("Ten at most, 200 MB each. They are seen by those who read this."),
}


class AnswerForm(forms.Form):
    """An answer.  to: key of the comment that it answers, empty for the thread itself."""

    body = WordsField(label=_("Your answer"), required=False)
    files = FilesField(**FILES)  # type: ignore[assignment]  # Django takes it off the class
    to = forms.CharField(required=False, max_length=12, widget=forms.HiddenInput)
    once = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput, initial=new_key)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.errors and not (given.get("body") or given.get("files")):
            self.add_error("body", _("Please write something."))
        return given


PEOPLE = "people"  # in the place of a place's key: those named


class PostForm(forms.Form):
    """A new conversation, in one of one's places or with a few people.

    places: those that the writer may choose from.  people: who is named so far, as far as they may be.
    """

    place = forms.ChoiceField(label=_("To whom"))
    to = forms.MultipleChoiceField(label=_("People"), required=False, widget=forms.CheckboxSelectMultiple)
    title = forms.CharField(
        label=_("Title"), max_length=200, required=False, help_text=_("If it helps to find it again.")
    )
    body = WordsField(label=_("Text"), required=False, widget=forms.Textarea(attrs={"rows": 9, "data-grow": ""}))
    files = FilesField(**FILES)  # type: ignore[assignment]  # Django takes it off the class
    once = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput, initial=new_key)

    def __init__(self, *args: Any, places: list[tuple[str, str]], people: Sequence[Person] = (), **more: Any) -> None:
        super().__init__(*args, **more)
        self.people = people
        choices = [*places, (PEOPLE, _("A few people, by name"))]
        first = [("", _("Choose…"))] if len(places) > 1 else []
        self.fields["place"].choices = first + choices  # type: ignore[attr-defined]
        self.fields["to"].choices = [(p.key, p.name) for p in people]  # type: ignore[attr-defined]
        if len(choices) <= 2:
            self.fields["place"].initial = choices[0][0]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("place") == PEOPLE and "to" not in self.errors:
            if not self.people:
                self.add_error("to", _("Choose at least one person."))
            elif len(self.people) > MOST_NAMED:
                said = _("You can name at most %(n)s people: for more, write in a community.") % {"n": MOST_NAMED}
                self.add_error("to", said)
        if not self.errors and not (given.get("body") or given.get("title") or given.get("files")):
            self.add_error("body", _("Please write something."))
        return given


class EditForm(forms.Form):
    """Other words for a post (with a title) or a comment.  revision: the one that the edit started from."""

    title = forms.CharField(label=_("Title"), max_length=200, required=False)
    body = WordsField(label=_("Text"), required=False, widget=forms.Textarea(attrs={"rows": 9, "data-grow": ""}))
    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def __init__(self, *args: Any, has_title: bool, **more: Any) -> None:
        super().__init__(*args, **more)
        if not has_title:
            del self.fields["title"]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if not self.errors and not (given.get("body") or given.get("title")):
            self.add_error("body", _("Please write something, or delete it."))
        return given


class ShareForm(forms.Form):
    """Telling another place of something."""

    place = forms.ChoiceField(label=_("Where"))
    body = WordsField(label=_("Why it matters to them"), required=False)

    def __init__(self, *args: Any, places: list[tuple[str, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        first = [("", _("Choose…"))] if len(places) > 1 else []
        self.fields["place"].choices = first + places  # type: ignore[attr-defined]


class AudienceForm(forms.Form):
    """Who is added to those who read a thread: "everyone", or the key of a place."""

    more = forms.ChoiceField(label=_("Who should read it too?"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, choices: list[tuple[str, str]], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["more"].choices = choices  # type: ignore[attr-defined]
