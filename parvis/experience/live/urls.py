from django.urls import path

from parvis.experience.live import views

urlpatterns = [
    path("<slug:network>/live/ticket", views.ticket, name="live_ticket"),
]
