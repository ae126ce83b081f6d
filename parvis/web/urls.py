"""All addresses. What stands under a network's slug is seen by its persons only."""

from django.urls import include, path

from parvis.steering.networks.views.setup import first_run_or
from parvis.web import health, views

urlpatterns = [
    path("", include("parvis.core.people.door_urls")),
    path("", first_run_or(views.enter), name="enter"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("robots.txt", views.robots, name="robots"),
    path("", include("parvis.core.ui.urls")),  # the guide of the components, where DEBUG is on
    path("accounts/", include("allauth.urls")),
    path("", include("parvis.experience.live.urls")),
    path("<slug:network>/", include("parvis.experience.home.urls")),
    path("<slug:network>/", include("parvis.work.communities.urls")),
    path("<slug:network>/", include("parvis.work.conversations.urls")),
    path("<slug:network>/", include("parvis.core.people.urls")),
    path("<slug:network>/", include("parvis.core.files.urls")),
    path("<slug:network>/", include("parvis.steering.measures.urls")),
    path("<slug:network>/", include("parvis.experience.notify.urls")),
    path("<slug:network>/", include("parvis.steering.networks.urls")),
    path("<slug:network>/", include("parvis.insight.search.urls")),
    path("<slug:network>/", include("parvis.exchange.demo.urls")),
]
