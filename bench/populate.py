"""Fills a network through the product's own bulk actions, and says how fast that went. Run inside an installation.

    python -m bench.populate ITEMS

2,000 people, 200 communities (half of them private) of about 100 members; a fifth of the items are posts, the rest
answers, 400 threads have fifty. Three viewers are the worst there are: a guest of three tiny groups among 10,000, a member
of 300 communities, and somebody with 50,000 private audiences (half of the items at most). Prints JSON.
"""

from __future__ import annotations

import datetime as dt
import json
import random
import sys
import time

import django

django.setup()

from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.db import transaction  # noqa: E402

from parvis.core.items.actions import NewItem, create_items  # noqa: E402
from parvis.core.items.audiences import audiences_of  # noqa: E402
from parvis.core.items.models import Item, Kind, Origin  # noqa: E402
from parvis.core.people.actions import NewPerson, add_members, create_groups, create_network, create_people  # noqa: E402
from parvis.core.people.models import Account, GroupKind, Person, PersonKind  # noqa: E402
from parvis.work.communities.actions import NewCommunity, create_communities  # noqa: E402
from parvis.work.communities.models import Visibility  # noqa: E402
from parvis.work.communities.queries import widest_audience  # noqa: E402

LUCK = random.Random(20261118)
NOW = dt.datetime.now(dt.UTC).replace(microsecond=0) - dt.timedelta(hours=1)
COMMON = "réunion projet client devis planning qualité commande atelier livraison budget équipe semaine".split()
_SYLLABLES = "ba co du fer gri lon mar ne pol qui ras sti tur vel wan zo".split()
RARE = ["".join(LUCK.choices(_SYLLABLES, k=LUCK.randint(2, 4))) for _ in range(4000)]
CHUNK = 2000


def words(count: int) -> str:
    """`count` words, each common one in about nine texts of a hundred."""
    return " ".join(LUCK.choice(COMMON) if LUCK.random() < 0.035 else LUCK.choice(RARE) for _ in range(count))


def text() -> str:
    return f"<p>{words(LUCK.randint(12, 60))}</p>"


def main(total: int) -> None:
    network = create_network("bench", "Bench", NOW)
    people = create_people(network, [NewPerson(f"Personne {n}") for n in range(2000)], NOW)
    guest, many, private = create_people(
        network, [NewPerson("Invité", kind=PersonKind.GUEST), NewPerson("Partout"), NewPerson("Privé")], NOW
    )
    communities = create_communities(
        network,
        [
            NewCommunity(
                f"Communauté {n}",
                people[n],
                visibility=Visibility.PRIVATE if n % 2 else Visibility.PUBLIC,
                members=[*LUCK.sample(people, 100), many],
            )
            for n in range(200)
        ],
        NOW,
    )
    places = [(c.group, widest_audience(c)) for c in communities]
    tiny = create_groups(network, GroupKind.COMMUNITY, [f"Petite {n}" for n in range(10_000)], NOW)
    for group in tiny[:3]:
        add_members(group, [guest, people[0]], NOW)
    for group in tiny[3:103]:
        add_members(group, [many], NOW)
    small = list(zip(tiny, audiences_of(network, [[g.pk] for g in tiny]), strict=True))

    started = time.perf_counter()
    made = _public(people, places, small, total - min(50_000, total // 2), total)
    made += _private(private, people, min(50_000, total // 2))
    seconds = time.perf_counter() - started
    threads = _threads_of_fifty(people, places)
    viewers = {
        "ordinary": [_sign_in(p) for p in people[100:120]],
        "3 tiny among 10,000": [_sign_in(guest)],
        "300 communities": [_sign_in(many)],
        "50,000 private audiences": [_sign_in(private)],
    }
    print(
        json.dumps(
            {
                "items": made,
                "seconds": seconds,
                "viewers": viewers,
                "threads": threads,
                "communities": [c.slug for c in communities if c.visibility == Visibility.PUBLIC][:50],
                "words": COMMON,
            }
        )
    )


def _public(people, places, small, count: int, total: int) -> int:  # type: ignore[no-untyped-def]
    """Posts and answers spread over the communities, the tiny groups and everyone; `count` items in all."""
    made = 0
    roots: list[Item] = []
    while made < count:
        with transaction.atomic():
            posts = []
            for _ in range(max(1, min(CHUNK // 5, (count - made + 4) // 5))):
                place, audience = LUCK.choice(small) if LUCK.random() < 0.05 else LUCK.choice(places)
                posts.append(
                    NewItem(
                        Kind.POST,
                        LUCK.choice(people),
                        audience,
                        _moment(made / total),
                        place,
                        words(6),
                        text(),
                        "fr",
                        in_feeds=True,
                    )
                )
            roots = [*roots[-2000:], *create_items(posts, origin=Origin.IMPORT)]
            answers = []
            for _ in range(min(len(posts) * 4, count - made - len(posts))):
                root = LUCK.choice(roots)
                at = root.created_at + dt.timedelta(minutes=LUCK.randint(1, 3000))
                answers.append(_answer(root, LUCK.choice(people), min(at, NOW)))
            create_items(answers, origin=Origin.IMPORT)
        made += len(posts) + len(answers)
    return made


def _private(person: Person, people, count: int) -> int:  # type: ignore[no-untyped-def]
    for start in range(0, count, CHUNK):
        size = min(CHUNK, count - start)
        sets = [{-person.pk, *(-p.pk for p in LUCK.sample(people, 3))} for _ in range(size)]
        audiences = audiences_of(person.network, sets)
        rows = [
            NewItem(Kind.POST, person, a, _moment((start + n) / count), None, words(4), text(), "fr", in_feeds=True)
            for n, a in enumerate(audiences)
        ]
        create_items(rows, origin=Origin.IMPORT)
    return count


def _threads_of_fifty(people, places) -> list[str]:  # type: ignore[no-untyped-def]
    public = [p for p in places if p[1].size == 1 and p[1].pk == places[0][1].pk]
    rows = []
    for _ in range(400):
        place, audience = LUCK.choice(public)
        rows.append(
            NewItem(
                Kind.POST,
                LUCK.choice(people),
                audience,
                NOW - dt.timedelta(days=3),
                place,
                words(6),
                text(),
                "fr",
                in_feeds=True,
            )
        )
    roots = create_items(rows, origin=Origin.IMPORT)
    for root in roots:
        create_items(
            [_answer(root, LUCK.choice(people), root.created_at + dt.timedelta(minutes=n)) for n in range(50)],
            origin=Origin.IMPORT,
        )
    return [root.key for root in roots]


def _answer(root, author, at: dt.datetime) -> NewItem:  # type: ignore[no-untyped-def]
    return NewItem(Kind.COMMENT, author, root.audience, at, root.place, "", text(), "fr", root=root)


def _moment(share: float) -> dt.datetime:
    return NOW - dt.timedelta(days=90) * (1 - share) - dt.timedelta(seconds=LUCK.randint(0, 86_400))


def _sign_in(person: Person) -> str:
    """A session of the person's. Returns its key."""
    account = Account.objects.create_user(f"{person.key}@bench.example")
    Person.objects.filter(pk=person.pk).update(account=account)
    session = SessionStore()
    session["_auth_user_id"] = str(account.pk)
    session["_auth_user_backend"] = "allauth.account.auth_backends.AuthenticationBackend"
    session["_auth_user_hash"] = account.get_session_auth_hash()
    session.create()
    return str(session.session_key)


if __name__ == "__main__":
    main(int(sys.argv[1]))
