"""The pages of communities."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from parvis.core.items import clean
from parvis.core.items.access import Act, can, require
from parvis.core.items.feeds import entries, news_count
from parvis.core.items.kinds import cards
from parvis.core.items.log import head
from parvis.core.items.plain import to_plain
from parvis.core.items.queries import cursor_after, parse_cursor, parse_position, place_threads
from parvis.core.items.reach import reach_of
from parvis.core.people.models import Role
from parvis.core.people.queries import name_cursor, parse_name_cursor, person_for
from parvis.core.people.requests import PersonRequest
from parvis.core.runtime.keys import new_key
from parvis.work.communities import actions, queries
from parvis.work.communities.forms import (
    CommunityForm,
    NewCommunityForm,
    PeopleForm,
    RoleForm,
    VisibilityForm,
    role_choices,
)
from parvis.work.communities.models import Community, Visibility
from parvis.work.communities.places import place_of

PAGE = 20
BOTH = require_http_methods(["GET", "POST"])


@require_GET
def list_communities(request: PersonRequest, network: str) -> HttpResponse:
    """All communities that one may know of: one's own, then the others."""
    viewer = request.viewer
    shown = cards(viewer, [c.item for c in queries.communities(viewer)])
    context = {
        "own": [c for c in shown if c.extra["is_mine"]],
        "others": [c for c in shown if not c.extra["is_mine"]],
        "can_make": viewer.is_member,
    }
    return render(request, "communities/list.html", context)


@BOTH
def new_community(request: PersonRequest, network: str) -> HttpResponse:
    """Makes a community: any member of the network may."""
    viewer = request.viewer
    actions.require_maker(viewer)
    form = NewCommunityForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and viewer.person is not None:
        given = form.cleaned_data
        row = actions.NewCommunity(
            given["name"],
            viewer.person,
            purpose=clean.from_plain(given["purpose"]),
            visibility=given["visibility"],
            has_guests=given["has_guests"],
        )
        made = actions.create_community(viewer, row)
        messages.success(request, _("Your community is made. Invite those whom it concerns."))
        return redirect("community_members", network, made.slug)
    return render(request, "communities/new.html", {"form": form}, status=422 if form.errors else 200)


@require_GET
def by_key(request: PersonRequest, network: str, key: str) -> HttpResponse:
    """The permanent address of a community leads to its page."""
    return redirect("community", network, queries.community_by_key(request.viewer, key).slug)


@require_GET
def show_community(request: PersonRequest, network: str, slug: str) -> HttpResponse:
    """A community's page: what it is for, who reads it, its threads."""
    viewer = request.viewer
    community = queries.community_for(viewer, slug)
    position = head()
    before = request.GET.get("before", "")
    threads = place_threads(viewer, community.group, before=parse_cursor(before) if before else None, limit=PAGE + 1)
    place = place_of(viewer, community)
    context = {
        **_about(request, community),
        "place": place,
        "reach": reach_of(viewer, place.principals),
        "entries": entries(viewer, threads[:PAGE]),
        "older": cursor_after(threads[:PAGE]) if len(threads) > PAGE else None,
        "before": before,
        "position": position,
        "can_post": can(viewer, Act.POST, community.group),
        "once": new_key(),
        "desk": queries.owners(viewer, community),
    }
    return render(request, "communities/community.html", context)


def _about(request: PersonRequest, community: Community) -> dict[str, object]:
    """What the head of each of a community's pages shows.  Queries: 0."""
    viewer = request.viewer
    is_mine = community.group_id in viewer.community_ids
    is_public = community.visibility == Visibility.PUBLIC
    return {
        "community": community,
        "is_mine": is_mine,
        "is_public": is_public,
        "can_join": not is_mine and is_public and viewer.is_member and community.group.closed_at is None,
        "can_manage": can(viewer, Act.MANAGE, community.group),
        "is_owner": viewer.roles.get(community.group_id) == Role.OWNER,
        "can_see_members": queries.can_see_members(viewer, community),
    }


@require_GET
def community_news(request: PersonRequest, network: str, slug: str) -> HttpResponse:
    """The pill "3 new" of a community's page, as a part: what grew after ?since=, a position of the log."""
    viewer = request.viewer
    community = queries.community_for(viewer, slug)
    context = {
        "n": news_count(viewer, parse_position(request.GET.get("since", "")), community.group),
        "url": place_of(viewer, community).url,
    }
    return render(request, "ui/components/pill.html", context)


@BOTH
def edit(request: PersonRequest, network: str, slug: str) -> HttpResponse:
    """Other words for the name and the purpose."""
    viewer = request.viewer
    community = queries.community_for(viewer, slug)
    require(viewer, Act.MANAGE, community.group)
    initial = {"name": community.name, "purpose": to_plain(community.item.body)}
    form = CommunityForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        actions.edit_community(viewer, community, name=given["name"], purpose=clean.from_plain(given["purpose"]))
        messages.success(request, _("Saved."))
        return redirect("community", network, slug)
    context = {**_about(request, community), "form": form}
    return render(request, "communities/edit.html", context, status=422 if form.errors else 200)


@BOTH
def change_visibility(request: PersonRequest, network: str, slug: str) -> HttpResponse:
    """Another answer to who reads the community: first what that changes, then the deed. For its owners."""
    viewer = request.viewer
    community = queries.community_for(viewer, slug)
    actions.require_owner(viewer, community)
    given = request.POST if request.method == "POST" else request.GET or None
    form = VisibilityForm(given, now=community.visibility)
    change = None
    if form.is_bound and form.is_valid():
        wanted = form.cleaned_data["visibility"]
        if request.method == "POST":
            actions.change_visibility(viewer, community, wanted)
            messages.success(request, _("It is done: this page says who reads it."))
            return redirect("community", network, slug)
        change = queries.change_to(viewer, community, wanted)
    reach = reach_of(viewer, place_of(viewer, community).principals)
    context = {**_about(request, community), "form": form, "change": change, "reach": reach}
    return render(request, "communities/visibility.html", context, status=422 if form.errors else 200)


@require_POST
def join_community(request: PersonRequest, network: str, slug: str) -> HttpResponse:
    """Joins a public community."""
    community = queries.community_for(request.viewer, slug)
    actions.join(request.viewer, community)
    messages.success(request, _("You are now a member of %(name)s.") % {"name": community.name})
    return redirect("community", network, slug)


@BOTH
def leave_community(request: PersonRequest, network: str, slug: str) -> HttpResponse:
    """Leaves a community, having said what that means."""
    viewer = request.viewer
    community = queries.community_for(viewer, slug)
    actions.require_member(viewer, community)
    is_last_owner = queries.is_last_owner(viewer, community)
    if request.method == "GET" or is_last_owner:
        context = {**_about(request, community), "is_last_owner": is_last_owner}
        return render(request, "communities/leave.html", context, status=409 if request.method == "POST" else 200)
    actions.leave(viewer, community)
    messages.success(request, _("You have left %(name)s.") % {"name": community.name})
    return redirect("communities", network)


@BOTH
def list_members(request: PersonRequest, network: str, slug: str) -> HttpResponse:
    """Who belongs to a community; its owners add people here.  ?q= whom to add, ?after= the next page."""
    viewer = request.viewer
    community = queries.community_for(viewer, slug)
    if request.method == "POST":
        return _add(request, community)
    after = request.GET.get("after", "")
    members = queries.members(viewer, community, after=parse_name_cursor(after) if after else None, limit=PAGE * 2 + 1)
    about = _about(request, community)
    words = request.GET.get("q", "").strip()
    found = queries.people_to_add(viewer, community, words) if about["can_manage"] and words else []
    last = members[PAGE * 2 - 1].person if len(members) > PAGE * 2 else None
    context = {
        **about,
        "members": members[: PAGE * 2],
        "older": name_cursor(last) if last else "",
        "words": words,
        "found": found,
        "roles": role_choices(),
    }
    return render(request, "communities/members.html", context)


def _add(request: PersonRequest, community: Community) -> HttpResponse:
    require(request.viewer, Act.MANAGE, community.group)
    form = PeopleForm(request.POST)
    keys = request.POST.getlist("person")
    if form.is_valid():
        people = [person_for(request.viewer, key) for key in keys[:50]]
        added = actions.add(request.viewer, community, people)
        said = ngettext("%(n)s person was added.", "%(n)s people were added.", len(added)) % {"n": len(added)}
        messages.success(request, said)
    else:
        messages.warning(request, _("Choose whom to add."))
    return redirect("community_members", request.viewer.network.slug, community.slug)


@BOTH
def change_member(request: PersonRequest, network: str, slug: str, key: str) -> HttpResponse:
    """What a member may do here, or taking them out: for owners."""
    viewer = request.viewer
    community = queries.community_for(viewer, slug)
    require(viewer, Act.MANAGE, community.group)
    member = queries.member_for(viewer, community, key)
    if request.method == "GET":
        context = {
            **_about(request, community),
            "member": member,
            "roles": role_choices(),
            "is_guest": member.person.kind != "member",
        }
        return render(request, "communities/member.html", context)
    if queries.is_last_owner(viewer, community, member.person) and request.POST.get("role") != Role.OWNER:
        messages.warning(request, _("Name another owner first: a community keeps one."))
    elif "remove" in request.POST:
        actions.remove(viewer, community, member.person)
        messages.success(request, _("%(name)s is no longer a member.") % {"name": member.person.name})
    else:
        form = RoleForm(request.POST)
        if form.is_valid():
            actions.set_member_role(viewer, community, member.person, form.cleaned_data["role"])
            messages.success(request, _("Saved."))
    return redirect("community_members", network, slug)
