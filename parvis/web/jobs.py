"""All modules that declare jobs, on one page: a worker imports them as it starts."""

from importlib import import_module

MODULES = [
    "parvis.core.runtime.own_jobs",
    "parvis.core.items.jobs",
    "parvis.core.mail.jobs",
    "parvis.experience.notify.jobs",
    "parvis.insight.search.jobs",
    "parvis.core.people.jobs",
]


def load() -> None:
    """Declare every job of the installation."""
    for module in MODULES:
        import_module(module)
