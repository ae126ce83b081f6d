"""Form fields that the apps of `work` share: words written, files chosen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

MOST_CHARACTERS = 30_000


class WordsField(forms.CharField):
    """What somebody writes, in plain text with a few marks."""

    def __init__(self, **more: Any) -> None:
        more.setdefault("max_length", MOST_CHARACTERS)
        more.setdefault("widget", forms.Textarea(attrs={"rows": 6, "data-grow": ""}))
        super().__init__(**more)


class _SeveralFiles(forms.ClearableFileInput):
    allow_multiple_selected = True
    template_name = "django/forms/widgets/file.html"


class FilesField(forms.FileField):
    """Several files at once. Gives a list, empty when none was chosen."""

    def __init__(self, *, most: int = 10, **more: Any) -> None:
        more.setdefault("required", False)
        more.setdefault("widget", _SeveralFiles())
        super().__init__(**more)
        self.most = most

    def clean(
        self, data: Sequence[UploadedFile[Any]] | UploadedFile[Any] | None, initial: Any = None
    ) -> list[UploadedFile[Any]]:
        files = data if isinstance(data, list | tuple) else [data] if data else []
        if len(files) > self.most:
            raise forms.ValidationError(_("Please attach %(n)s files at most.") % {"n": self.most})
        return [super(FilesField, self).clean(file, initial) for file in files]
