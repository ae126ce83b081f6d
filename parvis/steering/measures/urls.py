from django.urls import path

from parvis.steering.measures import views

urlpatterns = [
    path("admin/measures/", views.show_measures, name="measures"),
]
