from django.apps import AppConfig


class DemoConfig(AppConfig):
    name = "parvis.exchange.demo"
    label = "demo"
    default_auto_field = "django.db.models.BigAutoField"
