"""Fields, help and errors are tied together for those who hear the page."""

import re

from django import forms
from django.utils import translation

from parvis.core.ui.guide import ExampleForm


def test_help_and_errors_describe_their_control():
    html = str(ExampleForm({"title": ""}))
    control = re.search(r"<input[^>]*name=\"title\"[^>]*>", html)[0]
    assert 'aria-describedby="id_title_helptext id_title_error"' in control
    assert 'aria-invalid="true"' in control
    assert 'id="id_title_helptext"' in html
    assert 'id="id_title_error"' in html
    assert '<label for="id_title">' in html


def test_a_group_of_choices_has_a_legend_and_its_help():
    html = str(ExampleForm())
    assert re.search(r'<fieldset class="field" aria-describedby="id_who_helptext"><legend>Who sees it', html)


def test_a_refused_form_opens_with_links_to_what_to_mend():
    with translation.override("en"):
        html = str(ExampleForm({"address": "claire@"}))
    assert "4 things to correct" in html
    assert '<a href="#id_title">Title: This field is required.</a>' in html
    assert '<a href="#id_who_0">' in html
    assert 'tabindex="-1" autofocus' in html
    assert 'id="id_who_0"' in html


def test_an_error_of_the_whole_form_is_said():
    form = ExampleForm({})
    form.add_error(None, "Too late.")
    assert "<li>Too late.</li>" in str(form)


def test_required_is_said_in_words_once_if_it_is_true_of_all():
    class Both(forms.Form):
        one = forms.CharField()
        two = forms.CharField()

    with translation.override("en"):
        assert str(ExampleForm()).count("(required)") == 3
        assert "All fields are required." in str(Both())
        assert "(required)" not in str(Both())


def test_hidden_fields_are_written():
    class Hidden(forms.Form):
        number = forms.IntegerField(widget=forms.HiddenInput, initial=3)

    assert '<input type="hidden" name="number" value="3" id="id_number">' in str(Hidden())
