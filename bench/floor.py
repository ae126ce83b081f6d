"""The floor: an empty Django view, without middleware, session or database, served as the pages are."""

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

settings.configure(ROOT_URLCONF=__name__, SECRET_KEY="floor", ALLOWED_HOSTS=["*"], MIDDLEWARE=[])


def empty(request: HttpRequest) -> HttpResponse:
    return HttpResponse("")


urlpatterns = [path("", empty)]
application = get_wsgi_application()
