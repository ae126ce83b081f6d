"""Reading conversations: a thread as its page shows it, drafts, what an item said before."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from parvis.core.items.audiences import principals_of
from parvis.core.items.kinds import Card, cards
from parvis.core.items.models import Item, Kind, Pending, Revision
from parvis.core.items.queries import Cursor, Missing, answers_of, seen_positions
from parvis.core.people.models import Person, PersonKind, PersonState
from parvis.core.people.queries import directory
from parvis.core.people.viewer import Viewer

PAGE = 200  # answers on one page


@dataclasses.dataclass(slots=True)
class Branch:
    """An answer to the thread, with the answers to it.  card: None when it is gone but its answers stand."""

    key: str
    card: Card | None
    is_new: bool = False
    starts_new: bool = False  # the first one that is new to the viewer
    replies: list[Branch] = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True, slots=True)
class ThreadPage:
    """root: the first item's card.  earlier, more: where the pages before and after this one end and begin, or None.

    people: who wrote here.
    """

    root: Card
    branches: list[Branch]
    earlier: Cursor | None
    more: Cursor | None
    people: list[Person]

    @property
    def position(self) -> int | None:
        """How far one has read who saw this page, as a position of the log; None: as far as the thread goes."""
        if self.more is None:
            return None
        shown = [one for branch in self.branches for one in (branch, *branch.replies)]
        return max((one.card.item.position for one in shown if one.card), default=0)

    @property
    def earlier_url(self) -> str:
        return f"?before={self.earlier}#answers-title" if self.earlier else ""

    @property
    def more_url(self) -> str:
        return f"?from={self.more}#answers-title" if self.more else ""


def thread_page(
    viewer: Viewer, thread: Item, *, start: Cursor | None = None, before: Cursor | None = None, at: str = ""
) -> ThreadPage:
    """A thread (visible, as `thread_for` gave it) with a page of its answers.

    start: where that page begins; before: where it ends, excluded.  at: key of an answer that the page shows, wherever
    in the thread it stands. Without any of these a thread of several pages opens where it is new to the viewer.
    Queries: at most 12 for a thread of one page at any size, 4 more for others.
    """
    seen = seen_positions(viewer, [thread]).get(thread.pk)
    answers, earlier, more = _page_of(viewer, thread, start, before, at, seen)
    if earlier is not None:
        answers = [*_answered_earlier(viewer, thread, answers), *answers]
    root, *rest = cards(viewer, [thread, *answers])
    return ThreadPage(root, branches_of(viewer, rest, seen), earlier, more, _people([thread, *answers]))


_READ_BEFORE = 5  # answers shown above the first that is new


def _page_of(
    viewer: Viewer, thread: Item, start: Cursor | None, before: Cursor | None, at: str, seen: int | None
) -> tuple[list[Item], Cursor | None, Cursor | None]:
    """The answers of a page, where those before it end, where those after it begin.  Queries: 1 for one page, else 4."""
    if before is not None:
        found = answers_of(viewer, thread, before=before, limit=PAGE + 1)
        kept = found[-PAGE:]
        return kept, _at(kept[0]) if len(found) > PAGE else None, _at(kept[-1]) if kept else None
    found = answers_of(viewer, thread, start=start, limit=PAGE + 1)
    kept, is_cut = found[:PAGE], len(found) > PAGE
    if is_cut and start is None:
        target = _wanted(viewer, thread, at, seen)
        if target is not None and target not in kept:
            return _around(viewer, thread, target, PAGE // 2 if at else _READ_BEFORE)
    earlier = _at(kept[0]) if start is not None and kept else None
    return kept, earlier, _at(kept[-1]) if is_cut else None


def _wanted(viewer: Viewer, thread: Item, at: str, seen: int | None) -> Item | None:
    """The answer that a page of several is opened for: that of the key, else the first that is new.  Queries: 1 or 0."""
    answers = Item.objects.visible_to(viewer).filter(root=thread, kind=Kind.COMMENT)
    if at:
        return answers.filter(key=at).first()
    if seen is None:
        return None
    new = answers.filter(position__gt=seen).exclude(author=viewer.person_id)
    return new.order_by("created_at", "pk").first()


def _around(viewer: Viewer, thread: Item, target: Item, above: int) -> tuple[list[Item], Cursor | None, Cursor | None]:
    """A page that begins `above` answers before one that is not on the first page.  Queries: 2."""
    first = answers_of(viewer, thread, before=_at(target), limit=above)[0]
    found = answers_of(viewer, thread, start=_at(first), limit=PAGE)
    kept = [first, *found[: PAGE - 1]]
    return kept, _at(first), _at(kept[-1]) if len(found) == PAGE else None


def _at(answer: Item) -> Cursor:
    return Cursor(answer.created_at, answer.pk)


def _answered_earlier(viewer: Viewer, thread: Item, answers: Sequence[Item]) -> list[Item]:
    """The answers of earlier pages to which some of these answer, so that they stand under them.  Queries: 1 or 0."""
    here = {a.pk for a in answers}
    wanted = {a.parent_id for a in answers if a.parent_id} - here
    if not wanted:
        return []
    rows = Item.objects.visible_to(viewer).filter(root=thread, pk__in=wanted)
    found = list(rows.select_related("author", "place").order_by("created_at", "pk"))
    for answer in found:
        answer.root, answer.parent = thread, None  # shown at the top, whatever it answers itself
    return found


def new_answers(viewer: Viewer, thread: Item, after: int) -> list[Branch]:
    """The answers that came after a position of the log, each alone; `key` is that of the answer it stands under.

    Queries: at most 8 at any size.
    """
    answers = answers_of(viewer, thread, after=after, limit=PAGE)
    under = {a.parent_id for a in answers if a.parent_id}
    keys = dict(Item.objects.filter(pk__in=under).values_list("pk", "key")) if under else {}
    return [Branch(keys.get(card.item.parent_id or 0, ""), card, True) for card in cards(viewer, answers)]


def branches_of(viewer: Viewer, answers: Sequence[Card], seen: int | None) -> list[Branch]:
    """Answers as one level of answers to answers, oldest first; deeper ones stand beside what they answer.

    seen: position up to which the viewer had read, None at a first visit: then nothing is marked.
    """
    branches: dict[int, Branch] = {}
    top: dict[int, int] = {}
    for card in answers:
        item = card.item
        is_new = seen is not None and item.position > seen and item.author_id != viewer.person_id
        made = Branch(item.key, card, is_new)
        if item.parent_id is None:
            top[item.pk] = item.pk
            branches[item.pk] = made
            continue
        above = top.setdefault(item.parent_id, item.parent_id)
        top[item.pk] = above
        if above not in branches:  # what it answers is gone, or stands on an earlier page
            branches[above] = Branch("", None)
        branches[above].replies.append(made)
    shown = list(branches.values())
    first = next((b for b in shown if b.is_new), None)
    if first is not None:
        first.starts_new = True
    return shown


def _people(items: Sequence[Item]) -> list[Person]:
    return list({item.author_id: item.author for item in items if item.deleted_at is None}.values())


MOST_NAMED = 20  # people to whom one writes by name
_WRITTEN_TO = (PersonKind.MEMBER, PersonKind.GUEST)


def people_to_name(viewer: Viewer, words: str, limit: int = 8) -> list[Person]:
    """Who matches these words and could be written to.  Queries: 1, 0 without words."""
    if not words.strip():
        return []
    found = directory(viewer, words=words, kinds=_WRITTEN_TO, limit=limit + 1)
    return [person for person in found if person.pk != viewer.person_id][:limit]


def people_of_keys(viewer: Viewer, keys: Sequence[str]) -> list[Person]:
    """Those of these people who could be written to, by last name; what is no such key is left out.  Queries: 1 or 0."""
    if not keys:
        return []
    people = Person.objects.visible_to(viewer).filter(kind__in=_WRITTEN_TO, state=PersonState.ACTIVE)
    named = people.filter(key__in=keys[: MOST_NAMED * 2]).exclude(pk=viewer.person_id)
    return list(named.select_related("organisation").order_by("sort_name", "pk"))


def people_of_draft(viewer: Viewer, draft: Item) -> list[Person]:
    """To whom a draft of the viewer's (pending loaded) is written, when it is for people and not for a place.  Queries: 2."""
    if draft.place_id is not None:
        return []
    named = [-p for p in principals_of(draft.pending.audience_id) if p < 0]
    people = Person.objects.visible_to(viewer).filter(pk__in=named).exclude(pk=viewer.person_id)
    return list(people.select_related("organisation").order_by("sort_name", "pk"))


def drafts_of(viewer: Viewer) -> list[Item]:
    """The viewer's drafts, newest first, with the place that each is meant for.  Queries: 1."""
    drafts = Item.objects.visible_to(viewer).filter(
        author=viewer.person_id, kind=Kind.POST, pending__isnull=False, removed_at=None
    )
    return list(drafts.select_related("author", "place", "pending").order_by("-created_at", "-pk")[:100])


def draft_for(viewer: Viewer, key: str) -> Item:
    """One of the viewer's own drafts. Raises Missing (404).  Queries: 1."""
    drafts = Item.objects.visible_to(viewer).filter(
        author=viewer.person_id, kind=Kind.POST, pending__isnull=False, removed_at=None, key=key
    )
    draft = drafts.select_related("author", "place", "pending", "network").first()
    if draft is None:
        raise Missing
    return draft


def is_draft(item: Item) -> bool:
    """Whether an item waits to be published.  Queries: 1."""
    return item.removed_at is None and Pending.objects.filter(item=item).exists()


def revisions_of(viewer: Viewer, item: Item) -> list[Revision]:
    """What an item that the viewer may see said before, newest first, with editors.  Queries: 2."""
    if not Item.objects.visible_to(viewer).filter(pk=item.pk).exists():
        raise Missing
    return list(Revision.objects.filter(item=item).select_related("editor").order_by("-number"))


def written_by(viewer: Viewer, person: Person, limit: int = 10) -> list[Item]:
    """The newest posts and answers of a person that the viewer may see; nothing sealed.  Queries: 1."""
    items = Item.objects.visible_to(viewer).filter(
        author=person, kind__in=[Kind.POST, Kind.COMMENT], is_sealed=False, pending__isnull=True
    )
    return list(items.select_related("author", "place", "root").order_by("-created_at", "-pk")[:limit])
