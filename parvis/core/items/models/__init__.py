"""Tables of items and of the log."""

from parvis.core.items.models.audience import Audience, AudiencePrincipal
from parvis.core.items.models.item import (
    Erasure,
    Item,
    Kind,
    Link,
    Opening,
    Part,
    PartRole,
    Pending,
    Relation,
    Revision,
    SealedAuthor,
    Seen,
    Unsealing,
)
from parvis.core.items.models.log import Origin, ReaderCursor, SetAside, Signal, Verb

__all__ = [
    "Audience",
    "AudiencePrincipal",
    "Erasure",
    "Item",
    "Kind",
    "Link",
    "Opening",
    "Origin",
    "Part",
    "PartRole",
    "Pending",
    "ReaderCursor",
    "Relation",
    "Revision",
    "SealedAuthor",
    "Seen",
    "SetAside",
    "Signal",
    "Unsealing",
    "Verb",
]
