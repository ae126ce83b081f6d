"""A world full of canaries: each hidden thing holds a word of its own, and we know by construction who may read it.

A canary is `zq` and letters, found nowhere else. `everywhere` is a word that all of them stand beside, so that one
search finds every item which the searcher may see.
"""

from __future__ import annotations

import dataclasses
import itertools
import random
from collections.abc import Iterator

from parvis.core.files.actions import keep_file
from parvis.core.items.actions import (
    NewItem,
    create_item,
    delete_item,
    edit_item,
    publish,
    remove_item,
    save_draft,
    set_audience,
    widen,
)
from parvis.core.items.audiences import audience_of
from parvis.core.items.kinds import all_specs
from parvis.core.items.models import Item, Kind
from parvis.core.people.actions import application_of
from parvis.core.people.models import Person
from parvis.core.people.viewer import EVERYONE
from parvis.work.communities.actions import NewCommunity, create_communities
from parvis.work.communities.models import Community, Visibility
from parvis.work.communities.queries import widest_audience
from parvis.work.conversations.actions import publish_comment, publish_post, save_post, share
from tests.cast import Cast, as_, at

EVERYWHERE = "partoutici"
MEMBERS = frozenset({"claire", "paul", "nadia", "denise"})


@dataclasses.dataclass
class World:
    cast: Cast
    canaries: dict[str, tuple[str, frozenset[str]]]  # word → (what holds it, names of those who may read it)

    def readers(self) -> list[str]:
        """Everybody who looks: the cast, and nobody in particular."""
        return ["claire", "paul", "nadia", "denise", "gaspard", "otto", "yann", "anonymous"]


def _words() -> Iterator[str]:
    """Canaries far from one another, so that a spelling proposed for one is never another."""
    luck = random.Random(11)
    while True:
        yield "zq" + "".join(luck.choices("bcdfgklmnprtvx", k=10))


class Builder:
    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.canaries: dict[str, tuple[str, frozenset[str]]] = {}
        self._words = _words()
        self._minute = itertools.count(2)

    def word(self, what: str, *readers: str) -> str:
        word = next(self._words)
        self.canaries[word] = (what, frozenset(readers))
        return word

    def build(self) -> World:
        for what, community, author, readers in self._places():
            self._conversation(what, community, author, readers)
        self._secret_community()
        self._states()
        self._shares()
        self._every_kind()
        self._other_network()
        return World(self.cast, self.canaries)

    def _places(self) -> list[tuple[str, Community, Person, frozenset[str]]]:
        c = self.cast
        return [
            ("public", c.soudure, c.claire, MEMBERS),
            ("private", c.direction, c.denise, frozenset({"denise", "paul"})),
            ("with guests", c.achats, c.claire, frozenset({"claire", "gaspard"})),
        ]

    def _now(self):  # type: ignore[no-untyped-def]
        return at(hours=1, minutes=next(self._minute))

    def _post(self, community: Community, author: Person, what: str, *readers: str, **more) -> Item:  # type: ignore[no-untyped-def]
        title, body = self.word(f"title, {what}", *readers), self.word(f"body, {what}", *readers)
        return publish_post(
            as_(author, self._now()),
            community.group,
            more.pop("audience", None) or widest_audience(community),
            title=f"{EVERYWHERE} {title}",
            body=f"<p>{EVERYWHERE} {body}</p>",
            **more,
        )

    def _file(self, what: str, *readers: str):  # type: ignore[no-untyped-def]
        name, text = self.word(f"file name, {what}", *readers), self.word(f"file bytes, {what}", *readers)
        return keep_file(f"{EVERYWHERE} {name}.txt", [f"{EVERYWHERE} {text}".encode()])

    def _conversation(self, what: str, community: Community, author: Person, who: frozenset[str]) -> None:
        post = self._post(community, author, what, *who, files=[self._file(what, *who)])
        old, new = self.word(f"old revision, {what}", *who), self.word(f"new revision, {what}", *who)
        viewer = as_(author, self._now())
        comment = publish_comment(
            viewer, post, body=f"<p>{EVERYWHERE} {old}</p>", files=[self._file(f"comment, {what}", *who)]
        )
        edit_item(viewer, comment, title="", body=f"<p>{EVERYWHERE} {new}</p>", revision=1)

    def _secret_community(self) -> None:
        c = self.cast
        name = self.word("name of a secret community", "denise", "nadia")
        purpose = self.word("purpose of a secret community", "denise", "nadia")
        (secret,) = create_communities(
            c.vauban,
            [NewCommunity(f"{EVERYWHERE} {name}", c.denise, f"<p>{purpose}</p>", Visibility.SECRET, members=[c.nadia])],
            self._now(),
        )
        self._conversation("secret", secret, c.denise, frozenset({"denise", "nadia"}))
        told = self._post(secret, c.denise, "widened out of a secret community", *MEMBERS)
        widen(as_(c.denise, self._now()), told, [EVERYONE])

    def _states(self) -> None:
        c = self.cast
        claire, place = c.claire, c.soudure
        for what, later in (("draft", None), ("scheduled", at(days=30)), ("grace", at(hours=9))):
            title, body = self.word(f"title, {what}", "claire"), self.word(f"body, {what}", "claire")
            row = NewItem(
                Kind.POST,
                claire,
                widest_audience(place),
                self._now(),
                place=place.group,
                title=f"{EVERYWHERE} {title}",
                body=f"<p>{EVERYWHERE} {body}</p>",
                in_feeds=True,
            )
            save_draft(as_(claire), row, publish_at=later)
        published = save_post(
            as_(claire),
            place.group,
            widest_audience(place),
            title=self.word("published draft", *MEMBERS),
            body="<p>x</p>",
        )
        publish(published, self._now())
        removed = self._post(place, c.paul, "removed", "claire", files=[self._file("removed", "claire")])
        body = self.word("comment of a removed post", "claire")
        publish_comment(as_(c.nadia, self._now()), removed, body=f"<p>{EVERYWHERE} {body}</p>")
        remove_item(as_(claire, self._now()), removed)
        gone = self._post(place, c.paul, "deleted", files=[self._file("deleted")])
        edit_item(as_(c.paul, self._now()), gone, title="x", body=f"<p>{self.word('edit, deleted')}</p>", revision=1)
        gone.refresh_from_db()
        stays = self.word("answer to a deleted post", *MEMBERS)
        publish_comment(as_(claire, self._now()), gone, body=f"<p>{EVERYWHERE} {stays}</p>")
        delete_item(as_(c.paul, self._now()), gone)
        narrowed = self._post(
            place, claire, "narrowed", "claire", "nadia", files=[self._file("narrowed", "claire", "nadia")]
        )
        answer = self.word("comment of a narrowed post", "claire", "nadia")
        publish_comment(as_(c.nadia, self._now()), narrowed, body=f"<p>{EVERYWHERE} {answer}</p>")
        set_audience(as_(claire, self._now()), narrowed, audience_of(c.vauban, [-claire.pk, -c.nadia.pk]))
        self._post(
            place,
            claire,
            "two persons",
            "claire",
            "gaspard",
            audience=audience_of(c.vauban, [-claire.pk, -c.gaspard.pk]),
        )
        author = self.word("sealed", *MEMBERS)
        create_item(
            NewItem(
                Kind.POST,
                application_of(c.vauban),
                widest_audience(place),
                self._now(),
                place=place.group,
                body=f"<p>{author}</p>",
                in_feeds=True,
                sealed_for=c.nadia,
            )
        )

    def _shares(self) -> None:
        c = self.cast
        original = self._post(c.direction, c.denise, "shared original", "denise", "paul")
        words = self.word("share of a hidden original", *MEMBERS)
        share(
            as_(c.paul, self._now()),
            original,
            c.soudure.group,
            widest_audience(c.soudure),
            body=f"<p>{EVERYWHERE} {words}</p>",
        )

    def _every_kind(self) -> None:
        """One private item of each declared kind: a kind that is added later is crawled from its first day."""
        c = self.cast
        for spec in all_specs():
            if spec.kind in (Kind.COMMUNITY, Kind.COMMENT):
                continue  # made above: they need more than an item
            title = self.word(f"title of a {spec.kind}", "denise", "paul")
            body = self.word(f"body of a {spec.kind}", "denise", "paul")
            create_item(
                NewItem(
                    spec.kind,
                    c.denise,
                    audience_of(c.vauban, [c.direction.group.pk]),
                    self._now(),
                    place=c.direction.group,
                    title=f"{EVERYWHERE} {title}",
                    body=f"<p>{EVERYWHERE} {body}</p>",
                    in_feeds=True,
                )
            )

    def _other_network(self) -> None:
        c = self.cast
        name = self.word("community of another network", "otto")
        (north,) = create_communities(c.nord, [NewCommunity(f"{EVERYWHERE} {name}", c.otto)], self._now())
        self._conversation("another network", north, c.otto, frozenset({"otto"}))
