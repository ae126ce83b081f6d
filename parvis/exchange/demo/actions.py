"""Makes the demonstration network from the story, through the same bulk deeds as imports."""

from __future__ import annotations

import datetime as dt
import random
import re
from dataclasses import dataclass

from django.db import transaction
from django.urls import reverse

from parvis.core.files.actions import NewFile, attach, keep_file
from parvis.core.items import clean
from parvis.core.items.actions import NewItem
from parvis.core.items.models import Item, Kind, Origin, Seen
from parvis.core.people.actions import (
    NewPerson,
    add_members,
    administrators_of,
    create_network,
    create_people,
    set_role,
)
from parvis.core.people.models import Account, Group, GroupKind, Network, Organisation, Person, Role
from parvis.core.runtime.keys import ALPHABET, KEY_LENGTH
from parvis.exchange.demo import cast
from parvis.exchange.demo.attachments import ATTACHMENTS
from parvis.exchange.demo.script import LINK, MENTION, Entry, Place, Story, read_places
from parvis.exchange.demo.typography import typeset
from parvis.exchange.demo.wording import worded
from parvis.exchange.demo.workdays import Calendar
from parvis.work.communities.actions import NewCommunity, create_communities
from parvis.work.communities.models import Community, Visibility
from parvis.work.communities.queries import widest_audience
from parvis.work.conversations.actions import publish_posts

BATCH = "demo"
FOUNDED = -60  # the working day on which the network and its communities were made
SOURCE = "demo"

People = dict[str, Person]  # by name
Communities = dict[str, Community]  # by slug
Threads = dict[str, list["Told"]]  # by name of the story, oldest first


@dataclass(slots=True)
class Told:
    """An entry of the story, where it stands, when it was written, and the item that it became."""

    place: Place
    story: Story
    number: int
    entry: Entry
    at: dt.datetime
    item: Item | None = None


def load_demo(now: dt.datetime, seed: int = 0) -> Network | None:
    """Make the network "Ateliers Vauban", its story ending `now`; the same one for the same moment and seed.

    None, and nothing happens, where a network has its address already. All of it is made, or nothing.
    """
    if Network.objects.filter(slug=cast.NETWORK_SLUG).exists():
        return None
    calendar = Calendar(now, seed=seed)
    files = {name: keep_file(name, [make()]) for name, make in ATTACHMENTS.items()}
    with transaction.atomic():
        founded = _morning(calendar, FOUNDED)
        network = create_network(cast.NETWORK_SLUG, cast.NETWORK_NAME, founded, is_demo=True)
        people = _make_people(network, calendar)
        communities = _make_communities(network, people, calendar)
        threads = _make_threads(people, communities, files, calendar)
        for part in cast.PARTS:
            _mark_read(part, people[part.name], threads, calendar)
    return network


def _morning(calendar: Calendar, day: int) -> dt.datetime:
    return calendar.instant(day, dt.time(8), "morning")


def _make_people(network: Network, calendar: Calendar) -> People:
    """Everybody, managers before those whom they manage; administrators and the desk."""
    organisations = Organisation.objects.bulk_create(
        Organisation(network=network, name=typeset(name, "fr"), kind=kind) for name, kind in cast.ORGANISATIONS.items()
    )
    employers = dict(zip(cast.ORGANISATIONS, organisations, strict=True))
    people: People = {}
    waiting = list(cast.CAST)
    while waiting:
        wave = [one for one in waiting if not one.manager or one.manager in people]
        rows = [_person(one, people.get(one.manager), employers.get(one.organisation)) for one in wave]
        made = create_people(network, rows, _morning(calendar, FOUNDED))
        people |= {one.name: person for one, person in zip(wave, made, strict=True)}
        waiting = [one for one in waiting if one.name not in people]
    desk = Group.objects.get(network=network, kind=GroupKind.DESK)
    for group, names in [(administrators_of(network), cast.ADMINISTRATORS), (desk, cast.DESK)]:
        members = [people[name] for name in names]
        add_members(group, members, _morning(calendar, FOUNDED), actor=members[0], origin=Origin.DEMO, batch=BATCH)
    return people


def _person(one: cast.Character, manager: Person | None, employer: Organisation | None) -> NewPerson:
    email = f"{one.email}@{cast.MAIL_DOMAIN}" if one.email and "@" not in one.email else one.email
    signs_in = one.kind != "contact"
    return NewPerson(
        name=one.name,
        kind=one.kind,
        account=Account.objects.create_user(email or None) if signs_in else None,
        emails=[email] if email else [],
        verified=signs_in,
        title=typeset(one.title, one.language),
        department=one.department,
        site=one.site,
        about=typeset(one.about, one.language),
        language=one.language,
        organisation=employer,
        manager=manager,
        personnel_number=one.number,
        source=SOURCE,
        source_id=one.name,
    )


def _make_communities(network: Network, people: People, calendar: Calendar) -> Communities:
    """Every community with its moderators; those who came during the story are added when they came."""
    places, founded = read_places(), _morning(calendar, FOUNDED)
    rows = [
        NewCommunity(
            name=typeset(place.name, "fr"),
            owner=people[place.owner],
            purpose="".join(clean.from_plain(typeset(text, "fr")) for text in (place.purpose, place.welcome)),
            visibility=Visibility.PUBLIC if place.is_open else Visibility.PRIVATE,
            has_guests=place.has_guests,
            members=[people[name] for name in (*place.moderators, *place.members) if not cast.character(name).since],
            source=SOURCE,
            source_id=place.slug,
        )
        for place in places
    ]
    made = create_communities(network, rows, founded, origin=Origin.DEMO, batch=BATCH)
    for place, community in zip(places, made, strict=True):
        owner = people[place.owner]
        for name in place.moderators:
            set_role(community.group, people[name], Role.MODERATOR, founded, actor=owner)
        for name in place.members:
            if since := cast.character(name).since:
                came = _morning(calendar, since)
                add_members(community.group, [people[name]], came, actor=owner, origin=Origin.DEMO, batch=BATCH)
    return {place.slug: community for place, community in zip(places, made, strict=True)}


def _make_threads(people: People, communities: Communities, files: dict[str, NewFile], calendar: Calendar) -> Threads:
    """Every post, then every comment, each in the order in which they were written."""
    told = [
        Told(place, story, number, entry, calendar.instant(entry.day, entry.at, story.name))
        for place in read_places()
        for story in place.stories
        for number, entry in enumerate(story.entries)
    ]
    told.sort(key=lambda one: (one.number > 0, one.at, one.story.name, one.number))
    posts = sum(one.number == 0 for one in told)
    addresses = _addresses(people, communities, calendar.seed)
    audiences = {slug: widest_audience(community) for slug, community in communities.items()}
    threads: Threads = {}
    for part in (told[:posts], told[posts:]):
        rows = []
        for one in part:
            author, language = people[one.entry.author], one.entry.language
            written = one.at.astimezone(calendar.zone).date()
            body = typeset(worded(one.entry.text, language, calendar, written), language)
            title = typeset(worded(one.story.title, language, calendar, written), language)
            rows.append(
                NewItem(
                    kind=Kind.COMMENT if one.number else Kind.POST,
                    author=author,
                    audience=audiences[one.place.slug],
                    at=one.at,
                    place=communities[one.place.slug].group,
                    title="" if one.number else title,
                    body=_html(body, addresses),
                    language=language,
                    root=threads[one.story.name][0].item if one.number else None,
                    in_feeds=one.number == 0,
                    mentions=[people[name] for name in one.entry.mentions],
                    source=SOURCE,
                    source_id=f"{one.story.name}/{one.number}",
                    key=key_of(calendar.seed, f"{one.story.name}/{one.number}"),
                )
            )
        for one, item in zip(part, publish_posts(rows, origin=Origin.DEMO, batch=BATCH), strict=True):
            one.item = item
            threads.setdefault(one.story.name, []).append(one)
            if one.entry.files:
                attach(item.author, item, [files[name] for name in one.entry.files], origin=Origin.DEMO, batch=BATCH)
    return threads


def key_of(seed: int, name: str) -> str:
    """The key of the post or comment `name`: known before it is made, so that links can lead to it."""
    chance = random.Random(f"{cast.NETWORK_SLUG}/{seed}/{name}")
    return "".join(chance.choice(ALPHABET) for _ in range(KEY_LENGTH))


def _addresses(people: People, communities: Communities, seed: int) -> dict[str, str]:
    """Where the story's links lead: name of a thread, `c:` and slug of a community, `@` and name of a person → address."""
    slug = cast.NETWORK_SLUG
    stories = [story.name for place in read_places() for story in place.stories]
    there = {name: reverse("thread", args=[slug, key_of(seed, f"{name}/0")]) for name in stories}
    there |= {f"c:{name}": reverse("community_by_key", args=[slug, one.item.key]) for name, one in communities.items()}
    return there | {f"@{name}": reverse("person", args=[slug, person.key]) for name, person in people.items()}


def _html(text: str, addresses: dict[str, str]) -> str:
    """An entry's text as HTML, its links and mentions in place."""

    def mention(match: re.Match[str]) -> str:
        return f'<span class="mention"><a href="{addresses["@" + match[1]]}">@{match[1]}</a></span>'

    def link(match: re.Match[str]) -> str:
        return f'<a href="{addresses[(match[2] or "") + match[3]]}">{match[1]}</a>'

    return LINK.sub(link, MENTION.sub(mention, clean.from_plain(text)))


def _mark_read(part: cast.Part, person: Person, threads: Threads, calendar: Calendar) -> None:
    """Somebody had read everything that they may see when they last came, and what they answered since."""
    days, hour = part.away
    came = calendar.instant(-days, dt.time(hour), part.name)
    seen = []
    for told in threads.values():
        place = told[0].place
        if not place.is_open and part.name not in {place.owner, *place.members}:
            continue
        read = [one.item for one in told if one.item and (one.at <= came or one.entry.author == part.name)]
        if read:
            seen.append(Seen(person=person, thread=told[0].item, position=read[-1].position))
    Seen.objects.bulk_create(seen)
