"""The request as views know it once the middleware has said who looks. For type checkers only."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from parvis.core.people.viewer import Viewer


class PersonRequest(HttpRequest):
    """A request under a network's slug: `viewer` looks."""

    viewer: Viewer
    htmx: HtmxDetails
