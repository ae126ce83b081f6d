"""Texts are found as Django looks them up, and every one is translated."""

import gettext
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from django.template import Context, Engine
from django.utils import translation
from pytest_django.fixtures import Settings

from parvis.web.i18n import catalogues, checks
from parvis.web.i18n.extract import Text, from_template

TEMPLATES = {
    '{% load i18n %}{% trans "Home" %}': Text("Home"),
    '{% load i18n %}{% translate \'It is %d\' context "a \\"day\\"" as it %}{{ it }}': Text(
        "It is %%d", context='a "day"'
    ),
    "{% load i18n %}{% blocktranslate trimmed %}\n  Hello {{ name }},\n  50% done\n{% endblocktranslate %}": Text(
        "Hello %(name)s, 50%% done"
    ),
    "{% load i18n %}{% blocktrans count n=n context 'x' %}one{% plural %}{{ n }} of them{% endblocktrans %}": Text(
        "one", "%(n)s of them", "x"
    ),
    '{% if 1 %}{{ _("Calm")|upper }}{% endif %}': Text("Calm"),
    '{% load i18n %}{% with a=_("As it comes") %}{{ a }}{% endwith %}': Text("As it comes"),
}


@pytest.mark.parametrize("source", TEMPLATES)
def test_a_text_of_a_template_is_found(source: str) -> None:
    assert list(from_template(source)) == [TEMPLATES[source]]


@pytest.mark.parametrize("source", TEMPLATES)
def test_what_is_found_is_what_django_asks_for(source: str, tmp_path: Path, settings: Settings) -> None:
    text = TEMPLATES[source]
    catalog = Catalog(locale="fr")
    message = (text.text, text.plural) if text.plural else text.text
    catalog.add(message, ("seul", "plusieurs") if text.plural else "traduit", context=text.context or None)
    catalogues.write(tmp_path / "locale" / "fr" / "LC_MESSAGES" / "django.po", catalog)
    catalogues.compile_all(tmp_path)
    settings.LOCALE_PATHS = [tmp_path / "locale"]
    with translation.override("fr"):
        engine = Engine(libraries={"i18n": "django.templatetags.i18n"})
        shown = engine.from_string(source).render(Context({"name": "Ada", "n": 3}))
    assert shown.lower() == ("plusieurs" if text.plural else "traduit")


def test_comments_and_variables_hold_no_text() -> None:
    assert list(from_template('{% comment %}{% trans "a" %}{% endcomment %}{# {% trans "b" %} #}{% trans c %}')) == []


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package of one app with two texts."""
    app = tmp_path / "core" / "people"
    (app / "templates" / "people").mkdir(parents=True)
    (app / "__init__.py").touch()
    (tmp_path / "web").mkdir()
    (app / "models.py").write_text('label = gettext_lazy("Person")\nmany = ngettext("%(n)d day", "%(n)d days", n)\n')
    (app / "templates" / "people" / "a.html").write_text('{% trans "Are you sure?" %}')
    return tmp_path


def po(package: Path) -> Path:
    return catalogues.po_path(package / "core" / "people", "fr")


def translate(package: Path, **texts: str) -> None:
    source = po(package).read_text()
    for text, string in texts.items():
        source = source.replace(
            f'msgid "{text.replace("_", " ")}"\nmsgstr ""', f'msgid "{text.replace("_", " ")}"\nmsgstr "{string}"'
        )
    po(package).write_text(source)


def test_extract_adds_what_is_new_drops_what_is_dead_and_keeps_the_rest(package: Path) -> None:
    assert checks.update_all(package) == {"core.people": 3}
    translate(package, Person="Personne")
    before = po(package).read_text()
    checks.update_all(package)
    assert po(package).read_text() == before
    (package / "core" / "people" / "models.py").write_text('a = gettext("Person"), gettext("Group")')
    assert checks.update_all(package) == {"core.people": 2}
    after = po(package).read_text()
    assert 'msgid "Person"\nmsgstr "Personne"' in after
    assert 'msgid "Group"\nmsgstr ""' in after
    assert "day" not in after
    assert "20" not in after, "a catalogue holds no date"


def test_check_names_each_thing_that_is_wrong(package: Path) -> None:
    def problems() -> str:
        return "\n".join(checks.find_problems(package))

    assert "missing" in problems()
    checks.update_all(package)
    assert problems().count("not translated") == 3
    whole = po(package).read_text()
    whole = whole.replace('msgid "Person"\nmsgstr ""', 'msgid "Person"\nmsgstr "Personne"')
    whole = whole.replace('msgid "Are you sure?"\nmsgstr ""', 'msgid "Are you sure?"\nmsgstr "Le voulez-vous\u202f?"')
    whole = whole.replace('msgstr[0] ""\nmsgstr[1] ""', 'msgstr[0] "un jour"\nmsgstr[1] "%(n)d jours"')
    po(package).write_text(whole)
    assert problems() == ""
    for good, bad, problem in [
        ("%(n)d jours", "%(m)d jours", "placeholders"),
        ("%(n)d jours", "jours", "placeholders"),
        ("vous\u202f?", "vous ?", "ordinary space"),
        ("vous\u202f?", "vous?", "no-break space is missing"),
        ("vous\u202f?", "vous\u202f!", "no exclamation"),
        ("Personne", "<b>Personne", "markup"),
        ('msgid "Person"', '#, fuzzy\nmsgid "Person"', "fuzzy"),
        ('msgid "Person"', 'msgid "Persons"', "no longer in the code"),
    ]:
        po(package).write_text(whole.replace(good, bad))
        assert problem in problems(), problem


def test_two_apps_translate_one_text_alike(package: Path) -> None:
    other = package / "core" / "items"
    other.mkdir()
    (other / "__init__.py").touch()
    (other / "models.py").write_text('gettext("Person")')
    checks.update_all(package)
    translate(package, Person="Personne")
    path = catalogues.po_path(other, "fr")
    path.write_text(
        path.read_text()
        .replace('msgstr ""\n\n', 'msgstr "Quelqu’un"\n\n')
        .replace('"Person"\nmsgstr ""', '"Person"\nmsgstr "Gens"')
    )
    assert any("translated otherwise" in problem for problem in checks.find_problems(package))


def test_compile_makes_what_gettext_reads_and_only_when_it_changed(package: Path) -> None:
    checks.update_all(package)
    translate(package, Person="Personne")
    catalogues.compile_all(package)
    mo = po(package).with_suffix(".mo")
    made = mo.stat().st_ino
    with mo.open("rb") as file:
        assert gettext.GNUTranslations(file).gettext("Person") == "Personne"
    catalogues.compile_all(package)
    assert mo.stat().st_ino == made
    translate(package, **{"Are_you_sure?": "Certain"})
    catalogues.compile_all(package)
    assert mo.stat().st_ino != made


def test_every_text_of_parvis_is_translated() -> None:
    assert not (problems := checks.find_problems()), "\n".join(problems)
