from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "parvis.web"
    label = "web"

    def ready(self) -> None:
        from parvis.core.items.kinds import install
        from parvis.web.kinds import KINDS

        install(KINDS)
