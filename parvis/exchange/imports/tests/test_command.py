"""`parvis import`: what it says, what it asks, what it refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from parvis.core.items.models import Item
from parvis.core.people.actions import administrators_of, remove_members
from parvis.core.people.models import Network
from parvis.exchange.imports.tests.archives import mail, said, slack_files, zipped
from parvis.web import cli
from parvis.work.communities.models import Community, Visibility
from tests.cast import NOW, Cast

TS = "1740990600.000100"


@pytest.fixture(autouse=True)
def english(cast: Cast) -> None:
    Network.objects.update(language="en")


@pytest.fixture
def mails(tmp_path: Path) -> str:
    (tmp_path / "equipe.mbox").write_bytes(mail("Bonjour.", message_id="a"))
    return str(tmp_path / "equipe.mbox")


def test_a_mail_archive_is_private_to_the_first_administrator(cast: Cast, mails: str, capsys: Any) -> None:
    assert cli.main(["import", "mbox", mails, "--community", "Équipe", "--network", "vauban", "--yes"]) == 0
    out = capsys.readouterr().out
    assert "Only Denise Roy will read, and whom they invite: Équipe" in out
    assert "Imported: 1 conversation, 0 answers, 0 files." in out
    assert Community.objects.get(item__title="Équipe").visibility == Visibility.PRIVATE


def test_a_public_one_says_how_many_will_read(cast: Cast, mails: str, capsys: Any) -> None:
    arguments = [
        "mbox",
        mails,
        "--community",
        "Équipe",
        "--network",
        "vauban",
        "--public",
        "--owner",
        "claire@vauban.example",
    ]
    assert cli.main(["import", *arguments, "--yes"]) == 0
    assert "Everyone (4 people) will read: Équipe" in capsys.readouterr().out


def test_it_speaks_the_language_of_the_network(cast: Cast, mails: str, capsys: Any) -> None:
    Network.objects.update(language="fr")
    assert cli.main(["import", "mbox", mails, "--community", "Équipe", "--network", "vauban", "--yes"]) == 0
    assert "Seule la personne suivante lira : Denise Roy" in capsys.readouterr().out.replace("\u202f", " ").replace(
        "\u00a0", " "
    )


def test_a_second_import_says_that_all_was_here(cast: Cast, mails: str, capsys: Any) -> None:
    for _ in range(2):
        assert cli.main(["import", "mbox", mails, "--community", "Équipe", "--network", "vauban", "--yes"]) == 0
    assert "1 message was here already." in capsys.readouterr().out


def test_a_slack_export_says_who_will_read_each_part(cast: Cast, tmp_path: Path, capsys: Any) -> None:
    days = {"général/2025-03-03.json": [said(TS, "Bonjour"), 7]}
    archive = zipped(tmp_path / "export.zip", slack_files(days))
    assert cli.main(["import", "slack", str(archive), "--network", "vauban", "--yes"]) == 0
    told = capsys.readouterr()
    assert "Everyone (4 people) will read: général" in told.out
    assert "Only its members there (2) will read: direction" in told.out
    assert "1 thing to note" in told.out
    assert (
        told.err
        == "général/2025-03-03.json#2: This is not a message that can be read (not an object). It was skipped.\n"
    )


def test_nothing_is_written_when_the_answer_is_no(
    cast: Cast, mails: str, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda prompt: "n")
    before = Item.objects.count()
    assert cli.main(["import", "mbox", mails, "--community", "Équipe", "--network", "vauban"]) == 3
    assert Item.objects.count() == before


def test_without_a_terminal_it_says_what_it_would_do_and_waits_for_yes(cast: Cast, mails: str, capsys: Any) -> None:
    before = Item.objects.count()
    command = ["import", "mbox", mails, "--community", "Équipe", "--network", "vauban"]
    assert cli.main(command) == 3
    told = capsys.readouterr()
    assert "Only Denise Roy will read" in told.out
    assert "call again with --yes" in told.err
    assert Item.objects.count() == before
    assert cli.main([*command, "--yes"]) == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["mbox", "MAILS", "--community", "x"], "Say into which network: --network nord | vauban"),
        (["mbox", "MAILS", "--community", "x", "--network", "sud"], "No network is called “sud”"),
        (["mbox", "/no/such/file", "--community", "x", "--network", "vauban"], "There is no file /no/such/file"),
        (["slack", "MAILS", "--network", "vauban"], "not a zip archive"),
        (
            ["mbox", "MAILS", "--community", "x", "--network", "vauban", "--owner", "eve@x.example"],
            "verified address eve@x.example",
        ),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    cast: Cast, mails: str, capsys: Any, arguments: list[str], told: str
) -> None:
    before = Item.objects.count()
    assert cli.main(["import", *(mails if one == "MAILS" else one for one in arguments)]) == 1
    err = capsys.readouterr().err
    assert told in err
    assert err.count("\n") == 1
    assert Item.objects.count() == before


def test_without_administrator_an_owner_must_be_named(cast: Cast, mails: str, capsys: Any) -> None:
    remove_members(administrators_of(cast.vauban), [cast.denise], NOW, actor=cast.denise)
    assert cli.main(["import", "mbox", mails, "--community", "x", "--network", "vauban"]) == 1
    assert "--owner ADDRESS" in capsys.readouterr().err
