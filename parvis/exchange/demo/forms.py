"""What the page of the demonstration sends."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from parvis.exchange.demo.queries import Guise


class EnterForm(forms.Form):
    """Whom a visitor would be, and which thread to begin with ("": their Home)."""

    part = forms.ChoiceField()
    story = forms.CharField(required=False)

    def __init__(self, guises: Sequence[Guise], data: Any) -> None:
        super().__init__(data)
        self._by_slug = {guise.part.slug: guise for guise in guises}
        self.fields["part"] = forms.ChoiceField(choices=[(slug, slug) for slug in self._by_slug])

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if guise := self._by_slug.get(cleaned.get("part", "")):
            cleaned["guise"] = guise
            if cleaned["story"] and cleaned["story"] not in [story for _, story in guise.part.tries]:
                raise forms.ValidationError("story")
        return cleaned
