from django.urls import path

from parvis.experience.home import views

urlpatterns = [
    path("", views.show_home, name="home"),
    path("news", views.home_news, name="home_news"),
    path("reading", views.mark_read, name="home_reading"),
    path("people/<str:key>", views.show_person, name="person"),
]
