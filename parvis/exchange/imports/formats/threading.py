"""Which mail answers which: the REFERENCES algorithm of RFC 5256 (section 3), after Jamie Zawinski's.

No recursion, and no work that grows faster than the number of messages, whatever the headers say.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum

_MAX_REFERENCES = 200  # of one message: its first and its nearest ones count
_MAX_CLIMB = 1000  # steps up a thread when looking for a loop; beyond it a link is refused, as if it made one
# "Re:", "Fwd:", "[list] Re[2]:" and what mail programs of France, Germany and Scandinavia write for it.
_PREFIX = re.compile(
    r"^\s*(?:\[[^\[\]]{0,100}\]\s*)?(?P<reply>(?:re|rép|rep|aw|sv|antw|fwd?|tr|wg)(?:\s*\[[^\[\]]{0,100}\])?\s*[:\uff1a])",
    re.IGNORECASE,
)
_BLOB = re.compile(r"^\s*\[[^\[\]]{0,100}\]\s*(?=\S)")
_TRAILER = re.compile(r"(?:\s+|\(fwd\))\Z", re.IGNORECASE)
_WRAPPED_FORWARD = re.compile(r"\A\s*\[fwd:(?P<inner>.*)\]\s*\Z", re.IGNORECASE | re.DOTALL)


class Gather(Enum):
    """Whether threads of the same subject are made one (step 5 of the RFC).

    RFC: always, as the RFC says. ANSWERS: only where an answer ("Re:") names nothing that it answers, so that two
    independent mails called "Meeting" stay two.
    """

    RFC = "rfc"
    ANSWERS = "answers"


@dataclass(frozen=True, slots=True)
class Envelope:
    """The part of a mail that threading needs. `references` are its References, else the first id of In-Reply-To."""

    id: str
    references: tuple[str, ...]
    subject: str
    at: dt.datetime


@dataclass(slots=True, eq=False)
class Node:
    """A place in a thread; `envelope` is None where the mail is missing from what was given."""

    id: str
    envelope: Envelope | None = None
    parent: Node | None = None
    children: list[Node] = field(default_factory=list)
    named: bool = False  # as what something answers: only then can it be above anything
    leader: Node | None = None  # towards the representative of all nodes that were ever linked to it


def base_subject(subject: str) -> tuple[str, bool]:
    """The subject without its marks of answering and forwarding, and whether it bore any (RFC 5256, section 2.1)."""
    text, answers = " ".join(subject.split()), False
    while True:
        before = text
        while (shorter := _TRAILER.sub("", text)) != text:
            answers = answers or text.lower().endswith("(fwd)")
            text = shorter
        if match := _PREFIX.match(text):
            text, answers = text[match.end() :], True
        elif match := _BLOB.match(text):
            text = text[match.end() :]
        elif match := _WRAPPED_FORWARD.match(text):
            text, answers = match["inner"], True
        text = text.strip()
        if text == before:
            return text, answers


def thread(envelopes: Iterable[Envelope], gather: Gather = Gather.RFC) -> list[Node]:
    """The threads of `envelopes`: their heads, oldest first, each with its answers, oldest first.

    A head without envelope is kept only above several children. Ids must be unique: give a second bearer another one.
    """
    heads = _prune(_link(envelopes))
    for head in heads:
        head.children.sort(key=_age)
    heads.sort(key=_age)
    heads = _gather_subjects(heads, gather)
    for head in heads:
        for node in walk(head):
            node.children.sort(key=_age)
    heads.sort(key=_age)
    return heads


def walk(node: Node) -> Iterator[Node]:
    """`node` and all below it, each before what answers it."""
    stack = [node]
    while stack:
        current = stack.pop()
        yield current
        stack.extend(reversed(current.children))


def _link(envelopes: Iterable[Envelope]) -> list[Node]:
    """Step 1: a node for each mail and each mail named, linked as the References say."""
    nodes: dict[str, Node] = {}

    def at(key: str) -> Node:
        if key not in nodes:
            nodes[key] = Node(key)
        return nodes[key]

    for envelope in envelopes:
        node = at(envelope.id)
        node.envelope = envelope
        previous: Node | None = None
        for key in _kept(envelope):
            current = at(key)
            if previous is not None and current.parent is None and not _is_above(current, previous):
                _attach(previous, current)
            previous = current
        node.parent = None  # what others guessed of its parent gives way to what it says itself
        if previous is not None and not _is_above(node, previous):
            _attach(previous, node)
    return list(nodes.values())


def _kept(envelope: Envelope) -> list[str]:
    keys = [key for key in dict.fromkeys(envelope.references) if key != envelope.id]
    return keys if len(keys) <= _MAX_REFERENCES else [keys[0], *keys[1 - _MAX_REFERENCES :]]


def _leader(node: Node) -> Node:
    root = node
    while root.leader is not None:
        root = root.leader
    while node is not root:
        node.leader, node = root, node.leader or root
    return root


def _is_above(node: Node, other: Node) -> bool:
    """Whether `node` is `other` or one of its ancestors."""
    if node is other:
        return True
    if not node.named or _leader(node) is not _leader(other):  # the second: never linked, so certainly not
        return False
    current: Node | None = other
    for _ in range(_MAX_CLIMB):
        if current is None:
            return False
        if current is node:
            return True
        current = current.parent
    return True


def _attach(parent: Node, child: Node) -> None:
    child.parent = parent
    parent.named = True
    first, second = _leader(parent), _leader(child)
    if first is not second:
        second.leader = first


def _prune(nodes: list[Node]) -> list[Node]:
    """Steps 2 and 3: the heads, and below them only mails that are there; children move up to the next one that is.

    A missing head stays above two or more children.
    """
    below: dict[Node, list[Node]] = {}
    for node in nodes:
        if node.parent is not None:
            below.setdefault(node.parent, []).append(node)
    heads = []
    for head in [node for node in nodes if node.parent is None]:
        stack = [(head, child) for child in below.get(head, ())]
        while stack:
            anchor, node = stack.pop()
            if node.envelope is not None:
                _move(node, anchor)
                anchor = node
            stack.extend((anchor, child) for child in below.get(node, ()))
        if head.envelope is not None or len(head.children) > 1:
            heads.append(head)
        elif head.children:
            head.children[0].parent = None
            heads.append(head.children[0])
    return heads


def _move(node: Node, parent: Node) -> None:
    node.parent = parent
    parent.children.append(node)


def _age(node: Node) -> tuple[dt.datetime, str]:
    """The order of steps 4 and 6: by date, ties by id so that it is the same every time."""
    if node.envelope is not None:
        return node.envelope.at, node.id
    return min(child.envelope.at for child in node.children if child.envelope is not None), node.id


def _subject(node: Node) -> tuple[str, bool]:
    envelope = node.envelope or node.children[0].envelope
    assert envelope is not None  # missing mails are left only as heads, above real ones
    base, answers = base_subject(envelope.subject)
    return base.casefold(), answers


def _gather_subjects(threads: list[Node], gather: Gather) -> list[Node]:
    """Step 5: threads of the same base subject become one."""
    table: dict[str, Node] = {}
    subjects = {node: _subject(node) for node in threads}
    for node in threads:  # 5B: missing heads are preferred, then those that answer nothing
        base, answers = subjects[node]
        held = table.get(base)
        if held is None or (
            held.envelope is not None and (node.envelope is None or (subjects[held][1] and not answers))
        ):
            table[base] = node
    heads: list[Node] = []
    for node in threads:  # 5C
        base, answers = subjects[node]
        held = table[base]
        if not base or held is node or (gather is Gather.ANSWERS and not (answers and _names_nothing(node))):
            heads.append(node)
        elif held.envelope is not None and (subjects[held][1] or not answers):  # neither answers the other: brothers
            _make_missing_head(held, f"subject:{base}")
            _move(node, held)
        elif node.envelope is None:
            for child in node.children:
                _move(child, held)
        else:
            _move(node, held)
    return heads


def _names_nothing(node: Node) -> bool:
    """Whether `node` is a mail without References."""
    return node.envelope is not None and not node.envelope.references


def _make_missing_head(node: Node, key: str) -> None:
    """Puts a missing mail `key` in the place of `node`, above it."""
    twin = Node(node.id, node.envelope, node, node.children)
    for child in twin.children:
        child.parent = twin
    node.id, node.envelope, node.children = key, None, [twin]
