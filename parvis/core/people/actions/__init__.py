"""Deeds on people: making, joining, merging (`people`); the ways in (`invitations`, `letters`, `entry`); sessions."""

from parvis.core.people.actions.people import (
    LastAdministrator,
    NewPerson,
    add_members,
    administrators_of,
    application_of,
    close_person,
    complete_person,
    create_groups,
    create_network,
    create_people,
    join_by_domain,
    keep_an_administrator,
    merge_people,
    remove_members,
    set_role,
    sort_name_of,
    verify_address,
)
from parvis.core.people.actions.profile import edit_profile
from parvis.core.people.actions.sessions import end_sessions

__all__ = [
    "LastAdministrator",
    "NewPerson",
    "add_members",
    "administrators_of",
    "application_of",
    "close_person",
    "complete_person",
    "create_groups",
    "create_network",
    "create_people",
    "edit_profile",
    "end_sessions",
    "join_by_domain",
    "keep_an_administrator",
    "merge_people",
    "remove_members",
    "set_role",
    "sort_name_of",
    "verify_address",
]
