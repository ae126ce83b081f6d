"""Saying how one wishes to be told; telling by mail."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from parvis.core.mail.actions import render, send_now
from parvis.core.mail.message import host, message_id, one_line
from parvis.core.people.models import Address, Person, PersonState
from parvis.core.people.viewer import Viewer, viewer_for
from parvis.core.runtime import gather
from parvis.core.runtime.jobs import enqueue
from parvis.experience.notify.models import Channel, Notification, Reason, Rhythm, Wish
from parvis.experience.notify.queries import Notice, waiting_by_mail, wish_of

DIGEST_HOUR = 8  # of the reader's day
DIGEST_LIMIT = 30


@transaction.atomic
def set_mail(viewer: Viewer, rhythm: str) -> None:
    """Choose when mails come. With "never", what waits is dropped; otherwise what waited for the day's mail leaves now."""
    Wish.objects.update_or_create(
        person=viewer.person, defaults={"mail": rhythm}, create_defaults={"mail": rhythm, "digest_at": viewer.now}
    )
    if rhythm == Rhythm.NEVER:
        waiting = Notification.objects.filter(recipient=viewer.person, channel=Channel.MAIL, ended_at=None)
        waiting.update(ended_at=viewer.now)
    elif rhythm == Rhythm.EACH:
        enqueue("notify.mail_day", recipient=viewer.person_id)


def note_shown(viewer: Viewer, position: int) -> None:
    """Note that the viewer was shown what awaits them, up to a position; written a second later.  Queries: 0."""
    _gathering.note(viewer.person_id, position)


def flush() -> int:
    """Write now what was noted."""
    return _gathering.flush()


def _write(notes: dict[int, int]) -> None:
    with transaction.atomic():
        people = set(Person.objects.filter(pk__in=notes).values_list("pk", flat=True))
        Wish.objects.bulk_create([Wish(person_id=pk) for pk in sorted(people)], ignore_conflicts=True)
        for person, position in sorted(notes.items()):
            Wish.objects.filter(person=person, seen__lt=position).update(seen=position)


_gathering: gather.Gathering[int, int] = gather.Gathering(_write, max)


def system_mail_one(position: int, recipient: int, now: dt.datetime) -> bool:
    """Mail one notification if it still has to be and may be. Returns whether it left."""
    row = _waiting(recipient).filter(position=position).first()
    if row is None:
        return False
    viewer = viewer_for(row.recipient, now)
    if wish_of(viewer).mail == Rhythm.DAILY:
        return False  # it changed meanwhile: the daily mail takes it
    found = waiting_by_mail(viewer, position=position)
    sent = bool(found) and wish_of(viewer).mail == Rhythm.EACH and _send(viewer, found, f"notify:{row.pk}")
    _waiting(recipient).filter(position=position).update(ended_at=now)
    return sent


def system_mail_day(recipient: int, now: dt.datetime) -> bool:
    """Mail what awaits somebody, all in one. Returns whether a mail left."""
    person = Person.objects.select_related("network").get(pk=recipient)
    viewer = viewer_for(person, now)
    last = _waiting(recipient).order_by("-position").values_list("position", flat=True).first() or 0
    found = waiting_by_mail(viewer, until=last, limit=DIGEST_LIMIT) if wish_of(viewer).mail != Rhythm.NEVER else []
    day = now.astimezone(viewer.zone).date()
    sent = bool(found) and _send(viewer, found, f"notify:day:{recipient}:{day.isoformat()}")
    _waiting(recipient).filter(position__lte=last).update(ended_at=now)
    Wish.objects.filter(person=recipient).update(digest_at=now)
    return sent


def system_enqueue_days(now: dt.datetime) -> int:
    """Have the daily mail made of all those whose morning it is. Returns how many."""
    done = 0
    for wish in Wish.objects.filter(mail=Rhythm.DAILY, person__state=PersonState.ACTIVE).select_related(
        "person__network"
    ):
        zone = viewer_for(wish.person, now).zone
        morning = now.astimezone(zone).replace(hour=DIGEST_HOUR, minute=0, second=0, microsecond=0)
        if wish.digest_at < morning <= now and _waiting(wish.person_id).exists():
            enqueue("notify.mail_day", recipient=wish.person_id)
            done += 1
    return done


def _waiting(recipient: int):  # type: ignore[no-untyped-def]
    rows = Notification.objects.filter(recipient=recipient, channel=Channel.MAIL, ended_at=None)
    return rows.select_related("recipient__network")


def _send(viewer: Viewer, found: list[Notice], key: str) -> bool:
    person = viewer.person
    address = Address.objects.filter(person=person, verified_at__isnull=False).order_by("-is_primary", "pk").first()
    if person is None or address is None or not viewer.principals:
        return False
    with translation.override(viewer.language):
        subject = _subject(found)
        context: dict[str, Any] = {
            "viewer": viewer,
            "network": viewer.network,
            "notices": [(notice, sentence(notice.notification)) for notice in found],
            "settings_url": reverse("notification_settings", args=[viewer.network.slug]),
            "home": settings.ORIGIN,
        }
    mail = render(
        address.email, subject, "notify/mail/notices", context, language=viewer.language, headers=_headers(found)
    )
    return send_now(mail, viewer.now, key=key)


def _subject(found: list[Notice]) -> str:
    if len(found) > 1:
        return ngettext("%(n)s thing awaits you", "%(n)s things await you", len(found)) % {"n": len(found)}
    notification = found[0].notification
    item = notification.item
    title = (item.root.title if item.root else item.title) if item else ""
    return f"{sentence(notification)} · {title}" if title else sentence(notification)


def sentence(notification: Notification) -> str:
    """Why one is told, in the active language."""
    words = {
        Reason.MENTIONED: _("%(name)s named you"),
        Reason.WRITTEN: _("%(name)s wrote to you"),
        Reason.ANSWERED_ME: _("%(name)s answered you"),
        Reason.ANSWERED_THREAD: _("%(name)s answered in your conversation"),
        Reason.ADDED: _("%(name)s added you to a community"),
    }
    return words[Reason(notification.reason)] % {"name": notification.actor.name}


def _headers(found: list[Notice]) -> dict[str, str]:
    """How mail readers gather the mails of one thread, and of one place."""
    if len(found) != 1 or found[0].notification.item is None:
        return {}
    item = found[0].notification.item
    thread = message_id(f"thread:{(item.root or item).key}")
    headers = {"References": thread, "In-Reply-To": thread}
    place = found[0].card.extra.get("place")  # None where the reader may not know of it
    if place is not None:
        name = one_line(place.name).replace('"', "").replace("\\", "")
        ascii_name = name if name.isascii() else ""
        headers["List-Id"] = f'"{ascii_name}" <{place.key}.{item.network_id}.{host()}>'.removeprefix('"" ')
    return headers


def system_sweep(now: dt.datetime) -> int:
    """Forget what was told more than half a year ago. Returns how many."""
    return Notification.objects.filter(at__lt=now - dt.timedelta(days=182)).delete()[0]
