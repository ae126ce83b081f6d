from django.urls import path

from parvis.experience.notify import views

urlpatterns = [
    path("notifications/", views.notifications, name="notifications"),
    path("notifications/settings", views.preferences, name="notification_settings"),
]
