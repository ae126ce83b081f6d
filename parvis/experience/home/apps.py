from django.apps import AppConfig


class HomeConfig(AppConfig):
    name = "parvis.experience.home"
    label = "home"
    default_auto_field = "django.db.models.BigAutoField"
