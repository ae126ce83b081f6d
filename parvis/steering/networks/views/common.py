"""What the pages of administration share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from parvis.core.items.access import Act, require
from parvis.core.people.actions import LastAdministrator
from parvis.core.people.models import Person
from parvis.core.people.queries import name_cursor, parse_name_cursor
from parvis.core.people.viewer import Viewer
from parvis.steering.networks.access import parts_of_administration
from parvis.steering.networks.queries import PAGE


def administered(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page for the network's administrators: 403 for its other persons."""

    @wraps(view)
    def asked(request: HttpRequest, network: str, *args: Any, **kwargs: Any) -> HttpResponse:
        require(viewer_of(request), Act.ADMINISTER)
        return view(request, network, *args, **kwargs)

    return asked


def viewer_of(request: HttpRequest) -> Viewer:
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    return viewer


def page(request: HttpRequest, template: str, context: dict[str, Any], current: str, status: int = 200) -> HttpResponse:
    """A page with the tabs of administration that the viewer may open; never kept by the browser."""
    answer = render(
        request, template, {**context, "tabs": parts_of_administration(viewer_of(request), current)}, status=status
    )
    answer["Cache-Control"] = "no-store"
    return answer


def last_administrator(request: HttpRequest, error: LastAdministrator) -> None:
    messages.error(request, _("Somebody must administer the network: name another administrator first."))


def cut(people: Sequence[Person]) -> tuple[list[Person], str]:
    """A page of people, and the cursor of the next one ('' for none)."""
    shown = list(people[:PAGE])
    if len(people) <= PAGE:
        return shown, ""
    return shown, name_cursor(shown[-1])


def after_of(request: HttpRequest) -> tuple[str, int] | None:
    """Where the page of people asked for begins. Raises BadCursor."""
    text = request.GET.get("after", "")
    return parse_name_cursor(text) if text else None
