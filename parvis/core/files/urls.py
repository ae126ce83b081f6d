from django.urls import path

from parvis.core.files import views

urlpatterns = [
    path("d/<str:key>", views.show_document, name="document"),
    path("d/<str:key>/file", views.send_file, name="document_file"),
]
