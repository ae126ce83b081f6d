"""Who is looking: made once a request, for every address that begins with a network's slug."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string
from django.utils import timezone, translation

from parvis.core.people.account_pages import keep_language, speak_to
from parvis.core.people.queries import system_person_of
from parvis.core.people.viewer import viewer_for

STRANGERS_MOST = 100_000  # bytes of what somebody sends who is not signed in: forms with a few lines


class ViewerMiddleware:
    """Sets `request.viewer`, the language and the zone. Not signed in: to the sign-in page. No person there: 404."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.viewer = None  # type: ignore[attr-defined]
        if _is_too_much(request):
            return HttpResponse(render_to_string("413.html"), status=413)
        response = self.get_response(request)
        keep_language(request, response)
        _keep_from_histories(request, response)
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        slug = kwargs.get("network")
        if slug is None:
            if request.path.startswith("/accounts/"):
                speak_to(request)
            return None
        if not request.user.is_authenticated:
            if getattr(view, "is_open", False):
                return None
            return _to_sign_in(request)
        person = system_person_of(request.user, slug)
        if person is None:
            if getattr(view, "is_open", False):
                return None
            raise Http404
        viewer = viewer_for(person, timezone.now())
        request.viewer = viewer  # type: ignore[attr-defined]
        translation.activate(viewer.language)
        request.LANGUAGE_CODE = viewer.language
        timezone.activate(viewer.zone)
        return None


def _is_too_much(request: HttpRequest) -> bool:
    """Whether a stranger sends more than a form of theirs can hold: files would be written to disk before any view asks who."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    return length.isdecimal() and int(length) > STRANGERS_MOST and not request.user.is_authenticated


def _keep_from_histories(request: HttpRequest, response: HttpResponse) -> None:
    """Pages of somebody signed in are not kept by browsers or proxies: the back button shows nothing to who comes next.

    Documents and static files say for themselves how long they are kept.
    """
    is_page = response.get("Content-Type", "").startswith("text/html")
    if is_page and not response.has_header("Cache-Control") and request.user.is_authenticated:
        response["Cache-Control"] = "private, no-store"


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    if request.headers.get("HX-Request"):
        answer = HttpResponse(status=204)
        answer["HX-Redirect"] = redirect_to_login("/").url
        return answer
    return redirect_to_login(request.get_full_path() if request.method == "GET" else "/")
