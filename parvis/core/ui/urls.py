from django.conf import settings
from django.urls import path

from parvis.core.ui import views

urlpatterns = [
    path("-/guide/", views.show_guide, name="guide"),
    path("-/guide/<slug:page>/", views.show_guide, name="guide_page"),
]
if not settings.DEBUG:
    urlpatterns = []
