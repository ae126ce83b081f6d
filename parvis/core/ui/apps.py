from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "parvis.core.ui"
    label = "ui"
