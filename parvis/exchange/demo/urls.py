from django.urls import path

from parvis.exchange.demo import views

urlpatterns = [path("demo/", views.show_demo, name="demo")]
