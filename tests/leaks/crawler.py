"""A crawler that opens every address that the installation declares, with every key that exists, as one reader."""

from __future__ import annotations

import dataclasses
import html
import itertools
import re
from collections.abc import Iterator
from urllib.parse import unquote, urljoin, urlsplit

from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from parvis.core.items.models import Item
from parvis.core.people.models import Group, Network, Organisation, Person
from parvis.web.readers import READERS
from parvis.work.communities.models import Community

_HREF = re.compile(r"""(?:href|src|action|hx-get|data-url|data-more)=["']([^"'#]+)""")
_VARIANTS = 24  # of one address by its query: filters of filters say nothing new
_FEW = 6  # keys tried in a network where the reader has nobody: the door is one and the same for all
_NOT_FOLLOWED = ("/accounts/", "/static/", "/-/")


@dataclasses.dataclass(frozen=True)
class Address:
    """A declared address: its route, the names of its parameters, and whether it stands under a network."""

    route: str
    name: str
    parameters: tuple[tuple[str, str], ...]  # (name, converter class)


def declared() -> list[Address]:
    """Every address in `web/urls.py` and what it includes."""
    return list(_walk(get_resolver(), ""))


def _walk(resolver: URLResolver, before: str) -> Iterator[Address]:
    for entry in resolver.url_patterns:
        route = before + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _walk(entry, route)
        elif isinstance(entry, URLPattern):
            found = re.findall(r"<(?:(\w+):)?(\w+)>", route)
            yield Address(route, entry.name or route, tuple((name, kind or "str") for kind, name in found))


def addresses_of(address: Address, home: str) -> Iterator[str]:
    """The address with every value that its parameters may take in the database; fewer outside the network `home`."""
    if any(name == "network" for name, _ in address.parameters):
        for network in Network.objects.values_list("slug", flat=True):
            yield from _filled(address, network, None if network == home else _FEW)
    else:
        yield from _filled(address, home, None)


def _filled(address: Address, network: str, most: int | None) -> Iterator[str]:
    values = [[network] if name == "network" else _values(name, kind)[:most] for name, kind in address.parameters]
    for chosen in itertools.islice(itertools.product(*values), 3000):
        path = address.route
        for (name, _), value in zip(address.parameters, chosen, strict=True):
            path = re.sub(rf"<(?:\w+:)?{name}>", value, path, count=1)
        yield "/" + re.sub(r"[\^$]|\\Z", "", path)


def _values(name: str, kind: str) -> list[str]:
    if name == "slug":
        return list(Community.objects.values_list("slug", flat=True))
    if name == "reader":
        return [reader.name for reader in READERS]
    if kind == "int":
        return ["1", "2", "3"]
    if kind == "path":
        return ["x"]
    keys = list(Item.objects.values_list("key", flat=True))
    for model in (Person, Group, Organisation):
        keys += list(model.objects.values_list("key", flat=True))
    return keys


def crawl(client: Client, home: str, words: list[str]) -> Iterator[tuple[str, str]]:
    """(address, what it answered) for all declared addresses, for searches of `words`, and for links found on the way."""
    seen: set[str] = set()
    waiting = [path for address in declared() for path in addresses_of(address, home)]
    for network in Network.objects.values_list("slug", flat=True):
        for word in words:
            waiting += [f"/{network}/search/?q={word}", f"/{network}/search/suggestions?q={word}"]
            waiting += [f"/{network}/people/?q={word}", f"/{network}/?q={word}"]
        waiting += [f"/{network}/?since=0", f"/{network}/?before=x"]
    variants: dict[str, int] = {}
    while waiting:
        path = waiting.pop()
        if path in seen or path.startswith(_NOT_FOLLOWED):
            continue
        seen.add(path)
        bare = path.split("?")[0]
        variants[bare] = variants.get(bare, 0) + ("?" in path)
        if variants[bare] > _VARIANTS:
            continue
        answer = client.get(path)
        text = _text(answer)
        yield path, text
        if answer.status_code != 200:
            continue
        yield path, _text(client.get(path, headers={"HX-Request": "true"}))
        for link in _HREF.findall(text):
            target = urljoin(path, html.unescape(link))
            parts = urlsplit(target)
            if not parts.netloc and len(seen) + len(waiting) < 20_000 and target not in seen:
                waiting.append(target)


def _text(answer) -> str:  # type: ignore[no-untyped-def]
    """All that an answer tells: headers, and the body."""
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    headers = "\n".join(f"{k}: {unquote(v)}" for k, v in answer.items())
    return f"{headers}\n{unquote(body.decode('utf-8', 'replace'))}"
