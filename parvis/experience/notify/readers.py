"""The reader that decides who is told of what. It only writes rows; jobs deliver them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from parvis.core.items.models import Item, Origin, Part, PartRole, Signal, Verb
from parvis.core.items.readers import Reader, Sort
from parvis.core.people.models import Address, GroupKind, Person, PersonKind, PersonState
from parvis.core.people.viewer import viewer_for
from parvis.core.runtime.jobs import enqueue
from parvis.experience.notify.models import Channel, Notification, Reason, Rhythm, Wish

NAME = "notify.route"
GRACE = dt.timedelta(minutes=1)  # time to see it on the page, or for its author to take it back, before a mail leaves


def route(signals: Sequence[Signal]) -> None:
    """Write who is told of these signals, and have the mails of those who want each one sent."""
    live = [s for s in signals if s.origin == Origin.LIVE and s.verb in {Verb.CREATE, Verb.MENTION, Verb.ADD}]
    told = _of_items([s for s in live if s.verb != Verb.ADD and s.item_id]) + _of_places(
        [s for s in live if s.verb == Verb.ADD]
    )
    if not told:
        return
    wishes = dict(Wish.objects.filter(person__in={n.recipient_id for n in told}).values_list("person_id", "mail"))
    verified = Address.objects.filter(person__in={n.recipient_id for n in told}, verified_at__isnull=False)
    reachable = set(verified.values_list("person_id", flat=True))
    mailed = [
        _by_mail(n)
        for n in told
        if n.recipient_id in reachable and wishes.get(n.recipient_id, Rhythm.EACH) != Rhythm.NEVER
    ]
    known = set(
        Notification.objects.filter(
            reader=NAME, channel=Channel.MAIL, position__in={n.position for n in mailed}
        ).values_list("position", "recipient_id")
    )
    Notification.objects.bulk_create(told + mailed, ignore_conflicts=True)
    for n in mailed:
        if (n.position, n.recipient_id) not in known and wishes.get(n.recipient_id, Rhythm.EACH) == Rhythm.EACH:
            enqueue("notify.mail_one", after=n.at + GRACE, position=n.position, recipient=n.recipient_id)


def _by_mail(n: Notification) -> Notification:
    return Notification(
        reader=n.reader, position=n.position, recipient_id=n.recipient_id, channel=Channel.MAIL, network_id=n.network_id,
        reason=n.reason, actor_id=n.actor_id, item_id=n.item_id, place_id=n.place_id, at=n.at,
    )  # fmt: skip


def _row(signal: Signal, recipient: int, reason: Reason) -> Notification:
    return Notification(
        reader=NAME, position=signal.position, recipient_id=recipient, channel=Channel.PAGE, network_id=signal.network_id,
        reason=reason, actor_id=signal.actor_id, item_id=signal.item_id, place_id=signal.place_id, at=signal.recorded_at,
    )  # fmt: skip


def _of_items(signals: Sequence[Signal]) -> list[Notification]:
    """Who was answered or named; only those who may see it now, and never its author. Named once for each item."""
    items = {i.pk: i for i in Item.objects.filter(pk__in=[s.item_id for s in signals]).select_related("root", "parent")}
    roots = [i.thread_id for i in items.values() if i.place_id is None]
    mentioned, recipients = _parts(items, PartRole.MENTIONED), _parts(roots, PartRole.RECIPIENT)
    wanted: list[tuple[Signal, int, Reason]] = []
    edited = [s for s in signals if s.verb == Verb.MENTION]
    before = _named_before(edited)
    for signal in signals:
        if signal.verb == Verb.MENTION:
            named = signal.target_id or 0
            is_still = named in mentioned.get(signal.item_id or 0, [])
            if is_still and (signal.item_id, named) not in before and named != signal.actor_id:
                before.add((signal.item_id or 0, named))
                wanted.append((signal, named, Reason.MENTIONED))
        elif signal.item_id in items:
            item = items[signal.item_id]
            reasons = _reasons(item, mentioned.get(item.pk, []), recipients.get(item.thread_id, []))
            before |= {(signal.item_id, person) for person, why in reasons.items() if why == Reason.MENTIONED}
            wanted += [(signal, person, reason) for person, reason in reasons.items() if person != signal.actor_id]
    people = _people(person for _, person, _ in wanted)
    viewers = {pk: viewer_for(person, max(s.recorded_at for s in signals)) for pk, person in people.items()}
    told = []
    for signal, person, reason in wanted:
        if person in viewers and Item.objects.visible_to(viewers[person]).filter(pk=signal.item_id or 0).exists():
            told.append(_row(signal, person, reason))
    return told


def _named_before(signals: Sequence[Signal]) -> set[tuple[int, int]]:
    """(item, person) of those already told, by an earlier signal, that these items name them.  Queries: 1, 0 for none."""
    if not signals:
        return set()
    rows = Notification.objects.filter(
        recipient__in={s.target_id for s in signals},
        channel=Channel.PAGE,
        item__in={s.item_id for s in signals},
        reason=Reason.MENTIONED,
        position__lt=min(s.position for s in signals),
    )
    return {(item or 0, person) for item, person in rows.values_list("item_id", "recipient_id")}


def _parts(items: Iterable[int], role: str) -> dict[int, list[int]]:
    """Item → the persons who have this part in it.  Queries: 1, 0 for none."""
    found: dict[int, list[int]] = {}
    if wanted := list(items):
        for item, person in Part.objects.filter(item__in=wanted, role=role).values_list("item_id", "person_id"):
            found.setdefault(item, []).append(person)
    return found


def _reasons(item: Item, mentioned: Iterable[int], recipients: Iterable[int]) -> dict[int, Reason]:
    """Person → the strongest reason to tell them of an item.  recipients: to whom its thread was written by name."""
    is_answer = item.kind == "comment" and item.root is not None
    is_message = item.kind == "post"
    reasons: dict[int, Reason] = {}
    if is_message or is_answer:
        reasons = dict.fromkeys(recipients, Reason.ANSWERED_THREAD if is_answer else Reason.WRITTEN)
    if is_answer and item.root is not None:
        reasons[item.root.author_id] = Reason.ANSWERED_THREAD
        if item.parent is not None:
            reasons[item.parent.author_id] = Reason.ANSWERED_ME
    return reasons | dict.fromkeys(mentioned, Reason.MENTIONED)


def _of_places(signals: Sequence[Signal]) -> list[Notification]:
    """Who was added to a community by somebody else."""
    added = [s for s in signals if s.target_id and s.target_id != s.actor_id and s.place_id]
    people = _people(s.target_id for s in added if s.target_id)
    return [
        _row(s, s.target_id, Reason.ADDED)
        for s in added
        if s.target_id in people and s.place is not None and s.place.kind == GroupKind.COMMUNITY
    ]


def _people(ids: Iterable[int]) -> dict[int, Person]:
    """Those who can be told: people with an account who still belong to the network."""
    rows = Person.objects.filter(pk__in=set(ids), state=PersonState.ACTIVE, account__isnull=False)
    return {p.pk: p for p in rows.exclude(kind=PersonKind.APPLICATION).select_related("network")}


# Imports and demonstrations stay silent by their origin: what was done before the first worker began is told.
ROUTE = Reader(NAME, Sort.OUTWARD, route, from_beginning=True)
