"""The rules of the house that no linter knows. Each says what to do instead."""

import ast
import re
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "parvis"
MOST_LINES = 500
MOST_LINES_OF_JS = 150

# What an app shows to the others. The kernel of `core` shows more, by name.
OPEN = {"models", "access", "queries", "actions", "kinds", "viewer"}
OPEN_BESIDES = {
    "core.runtime": None,  # all of it: it knows no noun
    "core.items": {
        "audiences",
        "clean",
        "feeds",
        "log",
        "merging",
        "opening",
        "places",
        "plain",
        "reach",
        "reading",
        "readers",
    },
    "core.people": {"doors", "limits", "prepared", "requests"},
    "core.files": {"blobs", "fields"},
    "core.mail": None,
    "core.ui": None,
}
# Where the present enters: jobs, commands, views (they pass it on; with a viewer, `viewer.now`), and these. Everywhere else
# it is an argument `now`.
CLOCKS = {
    "parvis/core/people/adapter.py",  # these three are called by allauth and Django, which pass none
    "parvis/core/people/backends.py",
    "parvis/core/people/door_forms.py",
    "parvis/experience/live/hub.py",
    "parvis/core/mail/backend.py",
    "parvis/core/runtime/jobs.py",
    "parvis/core/runtime/own_jobs.py",
    "parvis/core/runtime/queue.py",
    "parvis/core/people/viewer.py",
    "parvis/core/ui/templatetags/ui.py",  # pages without a viewer: signing in
    "parvis/web/health.py",
    "parvis/web/middleware.py",
    "parvis/web/worker.py",
}
VIEWS = ("views", "doorways")
OTHERS_DOORS = {"UserSession.objects"}  # allauth's own, which take the request
Findings = Iterator[tuple[int, str]]


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def app_of(path: Path) -> str:
    """`core.items`, or `web` for all of that room."""
    room, app = path.relative_to(PACKAGE).parts[:2]
    return room if room == "web" else f"{room}.{app}"


def is_furniture(path: Path, *names: str) -> bool:
    """Whether `path` is a file of an app with one of these names, or stands in its folder of that name."""
    return path.stem in names or not set(names).isdisjoint(path.relative_to(PACKAGE).parts[:-1])


def imports(node: ast.AST) -> list[str]:
    """The modules that a statement imports; for `from a import b` both `a` and `a.b`."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module:
        return [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return []


def a_view_does_not_query(path: Path) -> Findings:
    if not is_furniture(path, *VIEWS):
        return
    for node in ast.walk(tree_of(path)):
        if (
            isinstance(node, ast.Attribute)
            and node.attr in {"objects", "_default_manager"}
            and ast.unparse(node) not in OTHERS_DOORS
        ):
            yield node.lineno, "a view does not query: call a function of queries.py (with the viewer first)"
        if any("transaction" in name.split(".") for name in imports(node)):
            yield node.lineno, "a view opens no transaction: call one action, which does"


def an_action_knows_no_request(path: Path) -> Findings:
    if not is_furniture(path, "actions", "queries"):
        return
    for node in ast.walk(tree_of(path)):
        name = node.arg if isinstance(node, ast.arg) else node.id if isinstance(node, ast.Name) else ""
        if name == "request" or {"django.http.HttpRequest", "django.http.HttpResponse"} & set(imports(node)):
            yield (
                getattr(node, "lineno", 1),
                "no request here: take the viewer and plain values; the view reads the request",
            )


def nothing_happens_behind_a_save(path: Path) -> Findings:
    for node in ast.walk(tree_of(path)):
        if any(found.startswith(("django.db.models.signals", "django.dispatch")) for found in imports(node)):
            yield (
                node.lineno,
                "no model signals: record() the deed in its action, and react in a reader (web/readers.py)",
            )
        if is_furniture(path, "models") and isinstance(node, ast.FunctionDef) and node.name in {"save", "delete"}:
            yield node.lineno, "no save() or delete() of our own: write an action, so that the call says what happens"


def imports_stand_at_the_top(path: Path) -> Findings:
    if app_of(path) == "web":  # it composes; its commands import Django's parts once Django is set up
        return
    for function in ast.walk(tree_of(path)):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) and function.name != "ready":
            for node in ast.walk(function):
                for found in imports(node)[:1]:
                    if found.startswith("parvis.") and not found.startswith(f"parvis.{app_of(path)}."):
                        yield (
                            node.lineno,
                            f"{found} inside a function: a cycle between apps; move what both need below both",
                        )


def another_app_is_entered_by_its_doors(path: Path) -> Findings:
    here = app_of(path)
    if here == "web":
        return
    for node in ast.walk(tree_of(path)):
        for found in imports(node)[:1]:
            _, _, inside = found.partition("parvis.")
            there, part = ".".join(inside.split(".")[:2]), (inside.split(".") + [""] * 3)[2]
            if not inside or there == here or inside.count(".") < 2:
                continue
            besides = OPEN_BESIDES.get(there, set())
            if besides is not None and part not in OPEN | besides:
                doors = ", ".join(sorted(OPEN | besides))
                yield node.lineno, f"{found} is inside another app: import only {doors}, or put the function there"


def a_file_is_split_by_noun(path: Path) -> Findings:
    lines = len(path.read_text().splitlines())
    if lines > MOST_LINES and "migrations" not in path.parts:
        yield lines, f"{lines} lines: split it by noun (asked for at 300, required at {MOST_LINES})"


def now_is_passed_in(path: Path) -> Findings:
    if str(path.relative_to(ROOT)) in CLOCKS or is_furniture(path, "jobs", "cli", *VIEWS):
        return
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(
            (
                "datetime.now",
                "datetime.utcnow",
                "datetime.today",
                "date.today",
                "timezone.now",
                "localdate",
                "localtime",
            )
        ):
            # `localtime(instant)` only converts; without an argument it asks the clock.
            if ast.unparse(node.func).endswith(("localdate", "localtime")) and node.args:
                continue
            yield (
                node.lineno,
                "the present is passed in: viewer.now, or an argument `now` (it enters where CLOCKS says)",
            )


RULES = [
    a_view_does_not_query,
    an_action_knows_no_request,
    nothing_happens_behind_a_save,
    imports_stand_at_the_top,
    another_app_is_entered_by_its_doors,
    a_file_is_split_by_noun,
    now_is_passed_in,
]


def sources(folder: Path) -> list[Path]:
    return [
        path for path in sorted(folder.rglob("*.py")) if not {"tests", "migrations"} & set(path.relative_to(ROOT).parts)
    ]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_rule(rule: Callable[[Path], Findings]) -> None:
    apps = [path for path in sources(PACKAGE) if len(path.relative_to(PACKAGE).parts) > 2 or path.parent.name == "web"]
    broken = [f"{path.relative_to(ROOT)}:{line}: {told}" for path in apps for line, told in rule(path)]
    assert not broken, "\n" + "\n".join(broken)


def test_tests_do_not_sleep() -> None:
    found = []
    for path in [*PACKAGE.rglob("tests/**/*.py"), *(ROOT / "tests").rglob("*.py")]:
        # The one loop that may: it waits for another process, and looks again and again.
        allowed = {node for f in ast.walk(tree_of(path)) if getattr(f, "name", "") == "until" for node in ast.walk(f)}
        found += [
            f"{path.relative_to(ROOT)}:{node.lineno}: step the background (drain_log()), or wait with installation.until(…)"
            for node in ast.walk(tree_of(path))
            if isinstance(node, ast.Call) and ast.unparse(node.func) in {"time.sleep", "sleep"} and node not in allowed
        ]
    assert not found, "\n" + "\n".join(sorted(found))


def test_each_javascript_module_is_small_and_is_one() -> None:
    broken = []
    for path in sorted(PACKAGE.rglob("static/**/*.js")):
        if "vendor" in path.parts:
            continue
        lines = path.read_text().splitlines()
        if len(lines) > MOST_LINES_OF_JS:
            broken.append(
                f"{path.relative_to(ROOT)}: {len(lines)} lines: one behaviour a module, under {MOST_LINES_OF_JS}"
            )
        if any(
            re.search(r"\b((inner|outer)HTML\s*=[^=]|insertAdjacentHTML|eval\(|document\.write)", line)
            for line in lines
        ):
            broken.append(f"{path.relative_to(ROOT)}: no HTML from text: clone a <template> or set textContent")
    assert not broken, "\n" + "\n".join(broken)


def test_each_style_sheet_has_its_layer() -> None:
    broken = [
        f"{path.relative_to(ROOT)}: say which layer: @layer reset, base, components or utilities"
        for path in sorted(PACKAGE.rglob("static/**/*.css"))
        if "vendor" not in path.parts
        and not re.search(r"@layer\s+(reset|base|components|utilities)\b", path.read_text())
    ]
    assert not broken, "\n" + "\n".join(broken)


TEMPLATE_RULES = {
    r"\son[a-z]+=(?![^{]*?%\})": "no handler in an attribute: the Content-Security-Policy refuses it; bind by data-… in a module",
    r"\sstyle=": "no style in an attribute: the Content-Security-Policy refuses it; a class in a component's sheet",
    r"<script(?![^>]*\s(?:src=|type=\"application/json\"))": "no script in a page: the Content-Security-Policy refuses it; a module in static/",
    r"<style\b": "no style in a page: the Content-Security-Policy refuses it; a sheet in static/",
    r"""(?:src|href)=["']https?://""": "nothing from elsewhere: every file is our own",
    r"<(?!form\b|a\b|button\b|input\b)[a-z-]+[^>{}]*\shx-(?:post|put|patch|delete)=": (
        "what changes something stands on a form (or its button), which works without htmx"
    ),
    r"(?<!\.body)(?<!help_text)(?<!totp_svg)\|safe\b|\{%\s*autoescape off": "only the body of an item is |safe: it was cleaned on its way in (core/items/clean.py)",
}


def test_templates_keep_to_what_the_browser_may_do() -> None:
    broken = []
    for path in sorted(PACKAGE.rglob("templates/**/*.html")):
        source = path.read_text()
        is_mail = "mail" in path.relative_to(PACKAGE).parts  # mail programs know attributes only
        for pattern, told in TEMPLATE_RULES.items():
            for match in re.finditer(pattern, source):
                if not (is_mail and ("style" in pattern or "https?" in pattern)):
                    broken.append(f"{path.relative_to(ROOT)}:{source.count(chr(10), 0, match.start()) + 1}: {told}")
    assert not broken, "\n" + "\n".join(broken)


@pytest.mark.parametrize(
    ("rule", "where", "source"),
    [
        (a_view_does_not_query, "work/x/views.py", "Item.objects.all()"),
        (a_view_does_not_query, "work/x/views/post.py", "from django.db import transaction"),
        (an_action_knows_no_request, "work/x/actions.py", "def publish(request): ..."),
        (an_action_knows_no_request, "work/x/queries.py", "from django.http import HttpRequest"),
        (nothing_happens_behind_a_save, "work/x/apps.py", "from django.db.models.signals import post_save"),
        (nothing_happens_behind_a_save, "work/x/models.py", "class A:\n    def save(self): ..."),
        (imports_stand_at_the_top, "work/x/queries.py", "def a():\n    from parvis.work.y import models"),
        (another_app_is_entered_by_its_doors, "work/x/views.py", "from parvis.core.people.forms import A"),
        (another_app_is_entered_by_its_doors, "work/x/views.py", "from parvis.work.y.views import a"),
        (a_file_is_split_by_noun, "work/x/models.py", "a = 1\n" * 501),
        (now_is_passed_in, "work/x/queries.py", "timezone.now()"),
        (now_is_passed_in, "web/kinds.py", "dt.datetime.now(dt.UTC)"),
    ],
)
def test_each_rule_finds_what_it_forbids(
    rule: Callable[[Path], Findings], where: str, source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(globals(), "ROOT", tmp_path)
    monkeypatch.setitem(globals(), "PACKAGE", tmp_path / "parvis")
    path = tmp_path / "parvis" / where
    path.parent.mkdir(parents=True)
    path.write_text(source)
    assert list(rule(path))
