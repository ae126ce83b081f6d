from django.urls import path

from parvis.core.people import views

urlpatterns = [
    path("people/", views.show_directory, name="directory"),
    path("profile", views.edit_profile, name="profile"),
    path("profile/code", views.change_code, name="change_code"),
]
