"""@Full Name in what people write: a link to the person, for those who may read it. Nobody else is ever mentioned."""

from __future__ import annotations

import html as _html
import re
from collections.abc import Collection

from django.db.models import Q
from django.urls import reverse

from parvis.core.people.actions import sort_name_of
from parvis.core.people.models import Membership, Person, PersonKind, PersonState
from parvis.core.people.viewer import EVERYONE, Viewer

_AT = re.compile(r"(?<![\w@])@(?=\w)")
_NAME = re.compile(r"[\w’'.-]+(?: [\w’'.-]+){0,4}")
_TAG = re.compile(r"(<[^>]*>)")
_UNTOUCHED = {"a", "code", "pre"}
MOST = 20  # mentions looked up in one text


def with_mentions(viewer: Viewer, body: str, principals: Collection[int]) -> tuple[str, list[Person]]:
    """Clean HTML with its mentions as links, and the persons mentioned, each once.

    A name is a mention when exactly one person whom the viewer may know, and who is among `principals`, bears it
    (capitals and accents aside); the longest name wins; anything else stays text.  Queries: at most 2.
    """
    wanted = _names_in(body)
    if not wanted:
        return body, []
    by_name = _people_named(viewer, wanted, principals)
    found: dict[int, Person] = {}
    depth, out = 0, []
    for part in _TAG.split(body):
        if part.startswith("<"):
            tag = part.strip("</>").split()[0].lower() if part.strip("</> ") else ""
            if tag in _UNTOUCHED:
                depth += -1 if part.startswith("</") else 1
            out.append(part)
        else:
            out.append(part if depth > 0 else _linked(viewer, part, by_name, found))
    return "".join(out), list(found.values())


def _names_in(body: str) -> set[str]:
    """Every run of one to five words that follows an @, folded as the directory's order is."""
    text = _html.unescape(_TAG.sub("\n", body))
    names: set[str] = set()
    for match in list(_AT.finditer(text))[:MOST]:
        run = _NAME.match(text, match.end())
        if run is not None:
            names |= {sort_name_of(name) for name in _prefixes(run.group())}
    return names


def _prefixes(run: str) -> list[str]:
    """The beginnings of a run of words, longest first, each also without a closing full stop."""
    words = run.split(" ")
    starts = [" ".join(words[:n]) for n in range(len(words), 0, -1)]
    return list(dict.fromkeys(name for start in starts for name in (start, start.rstrip(".'’-")) if name))


def _people_named(viewer: Viewer, names: set[str], principals: Collection[int]) -> dict[str, Person]:
    """Folded name → the only person of that name who may read."""
    groups = [p for p in principals if p > 0]
    may_read = Q(pk__in=[-p for p in principals if p < 0]) | Q(
        pk__in=Membership.objects.active(viewer.now).filter(group__in=groups).values("person")
    )
    if EVERYONE in principals:
        may_read |= Q(kind=PersonKind.MEMBER)
    people = Person.objects.visible_to(viewer).filter(may_read, sort_name__in=names).exclude(state=PersonState.LEFT)
    by_name: dict[str, list[Person]] = {}
    for person in people:
        by_name.setdefault(person.sort_name, []).append(person)
    return {name: found[0] for name, found in by_name.items() if len(found) == 1}


def _linked(viewer: Viewer, escaped: str, by_name: dict[str, Person], found: dict[int, Person]) -> str:
    text = _html.unescape(escaped)
    out, last = [], 0
    for match in _AT.finditer(text):
        if match.start() < last:
            continue
        run = _NAME.match(text, match.end())
        name = next((n for n in _prefixes(run.group()) if sort_name_of(n) in by_name), "") if run else ""
        if not name:
            continue
        person = by_name[sort_name_of(name)]
        found[person.pk] = person
        address = reverse("person", args=[viewer.network.slug, person.key])
        said = _html.escape(person.name, quote=False)
        out.append(_html.escape(text[last : match.start()], quote=False))
        out.append(f'<span class="mention"><a href="{address}">@{said}</a></span>')
        last = match.end() + len(name)
    out.append(_html.escape(text[last:], quote=False))
    return "".join(out)
