"""The messages of an archive, made posts and comments with their own authors, dates and readers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from urllib.parse import unquote

from parvis.core.files.actions import NewFile, attach
from parvis.core.items.actions import NewItem
from parvis.core.items.audiences import audiences_of
from parvis.core.items.models import Audience, Item, Kind, Origin
from parvis.core.people.models import Membership, Person
from parvis.exchange.imports.models import ImportRun, KnownThread
from parvis.exchange.imports.people import people_of
from parvis.exchange.imports.places import audience_in, communities_of, refusal
from parvis.exchange.imports.records import GroupRecord, MessageRecord, Problem, Visibility, gettext_noop
from parvis.work.communities.models import Community
from parvis.work.conversations.actions import publish_posts

_AT_ONCE = 500
_MAX_BODY = 400_000  # characters of HTML
_INNER_LINK = re.compile(r'<a href="(person|group):([^"]*)">(.*?)</a>')
_TALK = (Kind.POST, Kind.COMMENT)

NO_PLACE = gettext_noop("The archive does not say where this message belongs. It was skipped.")
NO_AUTHOR = gettext_noop("The archive does not say who wrote this message. It was skipped.")
TOO_LONG = gettext_noop("This message has more than %(limit)d characters. Its end was cut off.")


@dataclass(frozen=True, slots=True)
class Written:
    """What a chunk of messages came to."""

    threads: int = 0
    answers: int = 0
    files: int = 0
    known: int = 0
    problems: tuple[Problem, ...] = ()


@dataclass(slots=True)
class _Plan:
    """A message to be made. head, parent: what it answers, already here or planned before; level: after how many others."""

    message: MessageRecord
    audience: Audience
    community: Community | None
    head: Item | _Plan | None = None
    parent: Item | _Plan | None = None
    level: int = 0
    item: Item | None = None


def known_messages(run: ImportRun, source_ids: Iterable[str]) -> dict[str, Item]:
    """What these messages of the source are here, deleted ones too.  Queries: 1 for every 500."""
    found: dict[str, Item] = {}
    wanted = sorted(set(source_ids))
    for start in range(0, len(wanted), _AT_ONCE):
        rows = Item.objects.filter(
            network=run.network_id, source=run.source, source_id__in=wanted[start : start + _AT_ONCE]
        ).select_related("audience", "place", "root__audience", "root__place")
        found |= {row.source_id: row for row in rows.defer("body", "text", "root__body", "root__text")}
    return found


def write_messages(
    run: ImportRun,
    messages: Sequence[MessageRecord],
    places: Mapping[str, GroupRecord],
    files: Mapping[str, Sequence[NewFile]],
) -> Written:
    """Make the messages that are not here yet.  files: those kept for each message.

    An answer goes into the thread that it names if that is in the same place, and has the same readers where there is no
    place; else it begins one. So nobody reads what they could not read in the archive.
    """
    chunk = _Chunk(run, messages, places)
    for message in messages:
        chunk.plan(message)
    for level in range(max((plan.level for plan in chunk.plans), default=-1) + 1):
        plans = [plan for plan in chunk.plans if plan.level == level]
        rows = [chunk.row(plan) for plan in plans]
        for plan, item in zip(plans, publish_posts(rows, origin=Origin.IMPORT, batch=run.key), strict=True):
            plan.item = item
    chunk.remember_threads()
    attached = 0
    for plan in chunk.plans:
        if (kept := files.get(plan.message.source_id)) and plan.item is not None:
            attached += len(attach(plan.item.author, plan.item, kept, origin=Origin.IMPORT, batch=run.key))
    threads = sum(plan.head is None for plan in chunk.plans)
    return Written(threads, len(chunk.plans) - threads, attached, chunk.known_count, tuple(chunk.problems))


class _Chunk:
    """What writing a chunk needs to know, read in a fixed number of queries."""

    def __init__(self, run: ImportRun, messages: Sequence[MessageRecord], places: Mapping[str, GroupRecord]) -> None:
        self._run = run
        self.plans: list[_Plan] = []
        self.problems: list[Problem] = []
        self.known_count = 0
        named = {one for m in messages for one in (m.source_id, m.parent, m.thread) if one is not None}
        self._items = known_messages(run, named)
        aliases = KnownThread.objects.filter(network=run.network_id, source=run.source, source_id__in=named)
        self._aliases: dict[str, Item | _Plan] = {
            row.source_id: row.head
            for row in aliases.select_related(
                "head__audience", "head__place", "head__root__audience", "head__root__place"
            )
        }
        self._planned: dict[str, _Plan] = {}
        self._people = people_of(
            run, [one for m in messages for one in (m.author, *m.mentions, *m.recipients, *(m.private_to or ()))]
        )
        self._places = {key: places[key] for key in {m.group for m in messages if m.group is not None} if key in places}
        self._communities = communities_of(run, self._places)
        self._audiences = {
            key: audience_in(community, self._places[key].visibility)
            for key, community in self._communities.items()
            if refusal(community, self._places[key]) is None
        }
        direct = list({m.private_to for m in messages if m.private_to is not None})
        sets = [[self._people[one].principal for one in members if one in self._people] for members in direct]
        self._direct = dict(zip(direct, audiences_of(run.network, sets), strict=True))
        self._readers = self._members_named(messages)

    def _members_named(self, messages: Sequence[MessageRecord]) -> set[tuple[int, int]]:
        """(group, person) for those mentioned in places that not everyone reads.  Queries: 0 or 1."""
        closed = [
            community.group_id
            for key, community in self._communities.items()
            if self._places[key].visibility is not Visibility.PUBLIC
        ]
        mentioned = {self._people[one].pk for m in messages for one in m.mentions if one in self._people}
        if not closed or not mentioned:
            return set()
        rows = Membership.objects.filter(group__in=closed, person__in=mentioned, until=None)
        return set(rows.values_list("group_id", "person_id"))

    def plan(self, message: MessageRecord) -> None:
        if message.source_id in self._items or message.source_id in self._planned:
            self.known_count += 1
            return
        if message.author not in self._people:
            self.problems.append(Problem(message.source_id, NO_AUTHOR))
            return
        if message.private_to is not None:
            plan = _Plan(message, self._direct[message.private_to], None)
        elif message.group in self._audiences:
            plan = _Plan(message, self._audiences[message.group], self._communities[message.group])
        else:
            if message.group not in self._communities:  # of others the reason was told with the place
                self.problems.append(Problem(message.source_id, NO_PLACE))
            return
        self._place_in_thread(plan)
        self.plans.append(plan)
        self._planned[message.source_id] = plan

    def _place_in_thread(self, plan: _Plan) -> None:
        message = plan.message
        for key in (message.parent, message.thread):
            if key is None or key == message.source_id:
                continue
            found = self._planned.get(key) or self._items.get(key) or self._aliases.get(key)
            head = _head_of(found)
            if found is None or head is None or not _same_readers(plan, head):
                continue
            plan.head, plan.parent = head, None if found is head else found
            if not (isinstance(head, Item) and head.deleted_at is not None):  # of a deleted head the answers stay
                plan.audience = head.audience
            plan.level = max((one.level + 1 for one in (head, found) if isinstance(one, _Plan)), default=0)
            return
        if message.thread is not None and message.thread != message.source_id:
            self._aliases[message.thread] = plan

    def remember_threads(self) -> None:
        """Keep which message became the head of a thread whose own head is missing."""
        rows = [
            KnownThread(network=self._run.network, source=self._run.source, source_id=key, head=plan.item)
            for key, plan in self._aliases.items()
            if isinstance(plan, _Plan) and plan.item is not None
        ]
        KnownThread.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["network", "source", "source_id"], update_fields=["head"]
        )

    def row(self, plan: _Plan) -> NewItem:
        message, community = plan.message, plan.community
        return NewItem(
            kind=Kind.POST if plan.head is None else Kind.COMMENT,
            author=self._people[message.author],
            audience=plan.audience,
            at=message.at,
            place=community.group if community is not None else None,
            title=message.title if plan.head is None else "",
            body=self._body(message),
            root=_item(plan.head),
            parent=_item(plan.parent),
            in_feeds=plan.head is None,
            mentions=self._mentioned(plan),
            recipients=[self._people[one] for one in message.recipients if one in self._people],
            edited_at=message.edited_at,
            source=self._run.source,
            source_id=message.source_id,
        )

    def _mentioned(self, plan: _Plan) -> list[Person]:
        """Those named in the message who may see it."""
        message = plan.message
        named = [self._people[one] for one in message.mentions if one in self._people]
        if message.private_to is not None:
            readers = {self._people[one].pk for one in message.private_to if one in self._people}
            return [person for person in named if person.pk in readers]
        if plan.community is None or self._places[message.group or ""].visibility is Visibility.PUBLIC:
            return named
        return [person for person in named if (plan.community.group_id, person.pk) in self._readers]

    def _body(self, message: MessageRecord) -> str:
        body = message.body
        if len(body) > _MAX_BODY:
            body = body[:_MAX_BODY]
            self.problems.append(Problem(message.source_id, TOO_LONG, {"limit": _MAX_BODY}))
        body = _INNER_LINK.sub(self._mention, body)
        links = [f'<li><a href="{escape(file.url)}">{escape(file.name)}</a></li>' for file in message.files if file.url]
        return body + (f"<ul>{''.join(links)}</ul>" if links else "")

    def _mention(self, match: re.Match[str]) -> str:
        """Somebody by the name that they have here; others as the archive calls them."""
        kind, source_id, label = match[1], unquote(match[2]), match[3]
        if kind == "person" and source_id in self._people:
            label = f"@{escape(self._people[source_id].name, quote=False)}"
        return f'<span class="mention">{label}</span>'


def _head_of(found: Item | _Plan | None) -> Item | _Plan | None:
    if isinstance(found, _Plan):
        return found.head or found
    if found is None or found.kind not in _TALK:
        return None
    return found.root or found


def _same_readers(plan: _Plan, head: Item | _Plan) -> bool:
    """Whether a thread is in the place of `plan`, or where there is none for the same people."""
    if isinstance(head, _Plan):
        place_id = head.community.group_id if head.community is not None else None
        audience_id = head.audience.pk
    else:
        place_id, audience_id = head.place_id, head.audience_id
    if plan.community is not None:
        return place_id == plan.community.group_id
    return place_id is None and audience_id == plan.audience.pk


def _item(found: Item | _Plan | None) -> Item | None:
    return found.item if isinstance(found, _Plan) else found
