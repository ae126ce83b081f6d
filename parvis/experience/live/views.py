"""Tickets for streams."""

import time

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from parvis.experience.live import tickets
from parvis.experience.live.queries import session_id, thread_id


@never_cache
@require_GET
def ticket(request: HttpRequest, network: str) -> HttpResponse:
    """The address of a stream for this page, good for a minute.  ?thread=KEY: on a thread's page.  Queries: 1 or 2."""
    viewer = request.viewer  # type: ignore[attr-defined]
    key = request.session.session_key or ""
    session = session_id(viewer, key)
    if not session:  # signed in by a door that keeps no list of sessions
        UserSession.objects.create_from_request(request)
        session = session_id(viewer, key)
    asked = request.GET.get("thread", "")
    thread = thread_id(viewer, asked) if asked else 0
    made = tickets.issue(viewer.person_id, viewer.network.pk, session, thread, time.time())
    return JsonResponse({"url": f"{settings.STREAM_URL}/live?ticket={made}"})
