"""The living guide of the components: a page for those who build pages, routed only where DEBUG is on."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation

from parvis.core.ui import guide

PAGES = {
    "": "ui/guide.html",
    "sign-in": "ui/guide_sign_in.html",
    "offers": "ui/guide_offers.html",
    "400": "400.html",
    "403": "403.html",
    "404": "404.html",
    "500": "500.html",
    "csrf": "403_csrf.html",
}


def show_guide(request: HttpRequest, page: str = "") -> HttpResponse:
    """`?lang=` shows it in another language ("ar": from right to left), `?theme=` light or dark."""
    if page not in PAGES:
        raise Http404
    with translation.override(request.GET.get("lang") or translation.get_language()):
        return render(request, PAGES[page], guide.context(theme=request.GET.get("theme", "")))
