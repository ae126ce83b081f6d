"""All addresses. What stands under a network's slug is seen by its persons only."""

from django.urls import include, path

urlpatterns = [
    path("", include("parvis.core.people.door_urls")),
    path("accounts/", include("allauth.urls")),
    path("", include("parvis.experience.live.urls")),
    path("<slug:network>/", include("parvis.insight.search.urls")),
    path("<slug:network>/", include("parvis.exchange.demo.urls")),
]
