"""The examples of the guide: people with long names, times of every age, a form with errors. Nothing here is data."""

import datetime as dt
import re
from pathlib import Path
from types import SimpleNamespace as Thing
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

NOW = dt.datetime(2026, 11, 18, 10, 42, tzinfo=dt.UTC)
ROOMS = [
    ("Home", "home"),
    ("Communities", "groups"),
    ("Directory", "people"),
    ("Documents", "doc"),
    ("Meetings", "cal"),
]
URLS = [
    "mine_url",
    "home_url",
    "ask_url",
    "compose_url",
    "notifications_url",
    "profile_url",
    "settings_url",
    "demo_url",
]
NAMES = [
    "Claire Martin", "Samir Benali", "Nadia Roussel", "Marc Petit", "Louise Garnier", "Inès Roux", "Paul Lefèvre",
    "Anne-Sophie de La Rochefoucauld-Montmorency", "Łukasz Wiśniewski", "李小龍", "محمد العلي", "Éric O’Brien",
]  # fmt: skip
COMMUNITIES = ["Soudure & laser", "Ventes Grand Ouest", "Qualité", "Nouveaux arrivants de l’année 2026, site de Nantes"]
AGES = [dt.timedelta(seconds=20), dt.timedelta(minutes=5), dt.timedelta(hours=2), dt.timedelta(hours=20)]
AGES += [dt.timedelta(days=d) for d in (2, 15, 400)]


class ExampleForm(forms.Form):
    """Every sort of control that the project uses."""

    title = forms.CharField(label="Title", help_text="What it is about, in a few words.", max_length=120)
    address = forms.EmailField(label="E-mail address", required=False)
    body = forms.CharField(label="Text", widget=forms.Textarea)
    site = forms.ChoiceField(label="Site", choices=[("n", "Nantes"), ("l", "Lyon")], required=False)
    who = forms.ChoiceField(
        label="Who sees it",
        widget=forms.RadioSelect,
        choices=[("g", "The 42 members of Qualité"), ("e", "Everyone at Métalor: 1,204 persons")],
        help_text="It can be widened later; whoever is added sees the history.",
    )
    paper = forms.FileField(label="File", required=False)
    tell = forms.BooleanField(label="Tell me when somebody answers", required=False)


class Toast:
    """What a template sees of a message."""

    def __init__(self, level_tag: str) -> None:
        self.level_tag = level_tag

    def __str__(self) -> str:
        return f"A message, {self.level_tag}."


def icon_names() -> list[str]:
    """Every icon of the sprite, in its order."""
    sprite = Path(__file__).parent / "static/ui/icons.svg"
    return re.findall(r'<symbol id="([\w-]+)"', sprite.read_text())


def context(*, theme: str = "") -> dict[str, Any]:
    """What shell.html and guide.html need, in every state worth seeing."""
    people = [Thing(name=name, key=f"person{n}") for n, name in enumerate(NAMES)]
    places = [{"name": name, "key": f"place{n}", "url": "#", "is_fresh": n < 2} for n, name in enumerate(COMMUNITIES)]
    return {
        "suggest_url": "/-/guide/offers/",
        "theme": theme if theme in ("light", "dark") else "",
        "viewer": Thing(person=people[0], now=NOW, zone=ZoneInfo("Europe/Paris")),
        "network": {"name": "Métalor", "slug": "metalor"},
        "nav": [{"label": name, "icon": icon, "url": "#", "is_current": icon == "home"} for name, icon in ROOMS],
        "mine": places,
        **dict.fromkeys(URLS, "#"),
        "people": people,
        "places": places,
        "times": [NOW - age for age in AGES] + [NOW + dt.timedelta(hours=5), NOW + dt.timedelta(days=1)],
        "days": [NOW.date() + dt.timedelta(days=d) for d in (-1, 0, 1, 5, 60)],
        "form": ExampleForm(),
        "wrong_form": ExampleForm({"wrong-address": "claire@", "wrong-site": "n"}, prefix="wrong"),
        "files": [
            Thing(
                name="Gamme 2027 – retours clients.pptx", url="#", form="presentation", size_bytes=2_400_000, pages=24
            ),
            Thing(
                name="Relevé des rebuts de la ligne 3 de septembre à novembre, version corrigée après la réunion.xlsx",
                url="#",
                form="spreadsheet",
                size_bytes=48_000,
                pages=None,
            ),
            Thing(name="Fiche 17.pdf", url="#", form="pdf", size_bytes=120_000, pages=1),
        ],
        "tabs": [
            {"label": n, "url": "#", "is_current": n == "Conversations"} for n in ("Conversations", "Members", "About")
        ],
        "icons": icon_names(),
        "toasts": [Toast(level) for level in ("success", "info", "warning", "error")],
    }
