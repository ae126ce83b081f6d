"""Tables of people: Network, Account, Organisation, Person, Address, Group, Membership, and the ways in."""

from parvis.core.people.models.account import Account
from parvis.core.people.models.door import Invitation, InvitationKind, Letter, OwnCode
from parvis.core.people.models.group import Group, GroupKind, Membership, Role
from parvis.core.people.models.network import Network, NetworkDomain
from parvis.core.people.models.person import Address, Organisation, OrganisationKind, Person, PersonKind, PersonState

__all__ = [
    "Account",
    "Address",
    "Group",
    "GroupKind",
    "Invitation",
    "InvitationKind",
    "Letter",
    "Membership",
    "Network",
    "NetworkDomain",
    "Organisation",
    "OrganisationKind",
    "OwnCode",
    "Person",
    "PersonKind",
    "PersonState",
    "Role",
]
