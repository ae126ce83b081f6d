"""Shared tablets: a session that ends after 15 minutes without use or with the browser, and leaves nothing behind."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

SHARED = "shared"  # in the session: the slug of the network whose sign-in page comes after
_SEEN = "shared_seen"
IDLE_S = 15 * 60
_NOTE_EVERY_S = 30  # so that reading seldom writes


class SharedTabletMiddleware:
    """Ends such a session when it is due; its pages are not kept, and ask again by themselves when it must be over."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        network = request.session.get(SHARED)
        if not network or not request.user.is_authenticated:
            return self.get_response(request)
        now = int(time.time())
        seen = request.session.get(_SEEN)
        if seen is not None and now - seen > IDLE_S:
            logout(request)
            return _left(_to_door(request, network))
        by_hand = request.method != "GET" or "HX-Request" not in request.headers  # what arrives live is no use of it
        if seen is None or (by_hand and now - seen >= _NOTE_EVERY_S):
            request.session[_SEEN] = now
        response = self.get_response(request)
        if not request.user.is_authenticated:
            return _left(response)
        response["Cache-Control"] = "no-store"
        if response.get("Content-Type", "").startswith("text/html") and "HX-Request" not in request.headers:
            response["Refresh"] = str(IDLE_S + 5)
        return response


def _to_door(request: HttpRequest, network: str) -> HttpResponse:
    door = reverse("code_sign_in", args=[network]) + "?over"
    if "HX-Request" in request.headers:
        answer = HttpResponse(status=204)
        answer["HX-Redirect"] = door
        return answer
    return redirect(door)


def _left(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response
