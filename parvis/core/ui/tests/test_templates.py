"""What holds for every template of the project, and for the pages that have no context."""

import re
from pathlib import Path

import pytest
from django.template.loader import get_template, render_to_string
from django.utils import translation

from parvis.core.ui.guide import icon_names
from parvis.core.ui.tests import css

PACKAGE = Path(__file__).parents[3]
TEMPLATES = sorted(path for path in PACKAGE.glob("**/templates/**/*.html") if "email" not in path.parts)
PAGES = [
    path for path in TEMPLATES if not path.name.endswith((".mail.html", "_mail.html")) and "mail" not in path.parts
]
OURS = Path(__file__).parents[1] / "templates"


def _bare(path: Path) -> str:
    """The text without template comments."""
    text = re.sub(r"\{% comment %\}.*?\{% endcomment %\}", "", path.read_text(), flags=re.S)
    return re.sub(r"\{#.*?#\}", "", text)


@pytest.mark.parametrize("path", PAGES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_template_obeys_the_content_security_policy(path):
    text = _bare(path)
    # an e-mail may stand as a partial of a page's file: mail clients know only style attributes
    text = re.sub(r"\{% partialdef mail\b.*?\{% endpartialdef[^%]*%\}", "", text, flags=re.S)
    assert not re.search(r"\sstyle\s*=", text), "a style attribute: use a class"
    assert not re.search(r"<style\b", text), "a style element: use a style sheet"
    html = re.sub(r"\{%.*?%\}", "", text, flags=re.S)  # {% … with one=… %} is no attribute
    assert not re.search(r"\s(?:on[a-z]+|hx-on[:\w-]*)\s*=", html), "an inline handler: bind by data- in a module"
    assert "javascript:" not in text
    for attributes, body in re.findall(r"<script\b([^>]*)>(.*?)</script>", text, flags=re.S):
        assert "src=" in attributes or "application/json" in attributes, "an inline script: use a module"
        assert not body.strip() or "application/json" in attributes


def test_every_icon_in_use_exists():
    known = set(icon_names())
    for path in TEMPLATES:
        for name in re.findall(r"\{% icon [\"']([^\"']+)[\"']", _bare(path)):
            assert name in known, f"{path.name}: {name}"


@pytest.mark.parametrize("path", sorted(OURS.glob("**/*.html")), ids=lambda p: str(p.relative_to(OURS)))
def test_each_of_our_templates_compiles(path):
    get_template(str(path.relative_to(OURS)))


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("page", ["400", "403", "404", "500", "403_csrf"])
def test_an_error_page_needs_nothing_and_says_what_to_do(page, language):
    with translation.override(language):
        html = render_to_string(f"{page}.html")
    assert f'<html lang="{language}" dir="ltr"' in html
    assert "<h1>" in html
    assert "</p>" in html
    assert 'href="/"' in html


def test_the_shell_stands_without_any_context():
    html = render_to_string("ui/shell.html")
    assert '<main id="main"' in html
    assert 'role="search"' not in html  # no question box without its address
    assert "<nav" not in html  # only rooms that exist


def test_the_page_turns_with_its_language():
    with translation.override("ar"):
        assert 'dir="rtl"' in render_to_string("ui/shell.html")


def test_every_class_in_use_is_styled():
    sheets = css.ALL + "".join(path.read_text() for path in PACKAGE.glob("**/static/**/*.css"))
    styled = set(re.findall(r"\.([a-zA-Z][\w-]*)", sheets))
    for path in PAGES:
        text = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "\0", _bare(path), flags=re.S)
        used = {word for words in re.findall(r'class="([^"]*)"', text) for word in words.split() if "\0" not in word}
        assert used <= styled, f"{path.name}: {used - styled}"
