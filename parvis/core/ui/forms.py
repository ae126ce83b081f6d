"""How every form of the project looks. `FORM_RENDERER` names `Renderer`; `{{ form }}` is then all that a page writes."""

from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    """Django's own forms in our markup: label, help and errors tied to the control, a summary of errors on top."""

    form_template_name = "ui/forms/form.html"
    field_template_name = "ui/forms/field.html"
