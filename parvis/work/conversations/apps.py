from django.apps import AppConfig


class ConversationsConfig(AppConfig):
    name = "parvis.work.conversations"
    label = "conversations"
    default_auto_field = "django.db.models.BigAutoField"
