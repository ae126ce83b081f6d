from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "parvis.web"
    label = "web"

    def ready(self) -> None:
        from parvis.core.items import kinds, places
        from parvis.web.kinds import KINDS, PLACES

        kinds.install(KINDS)
        places.install(PLACES)
