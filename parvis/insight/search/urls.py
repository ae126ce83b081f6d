"""Addresses of search, under a network's slug."""

from django.urls import path

from parvis.insight.search import views

urlpatterns = [
    path("search/", views.results, name="search"),
    path("search/suggestions/", views.suggest, name="search_suggestions"),
]
