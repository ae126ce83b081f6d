"""Slack exports: what is read, who may see it, and archives meant to do harm."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from parvis.exchange.imports.formats.mrkdwn import Names, to_html
from parvis.exchange.imports.formats.slack import SlackExport
from parvis.exchange.imports.formats.zips import ZipLimits
from parvis.exchange.imports.records import ArchiveError, GroupRecord, PersonHint, PersonRecord, Reaction, Visibility
from parvis.exchange.imports.tests.archives import messages, one, problems, said, slack, slack_files, zipped

TS = "1740990600.000100"
DAY = "général/2025-03-03.json"


def test_a_message_is_read(tmp_path: Path) -> None:
    found = one(messages(slack(tmp_path)))
    assert (found.source_id, found.author, found.group) == (f"C1:{TS}", "U1", "C1")
    assert found.body == '<p>Bonjour <a href="person:U2">@Zoé Bézier</a></p>'
    assert found.mentions == ("U2",)
    assert found.at.isoformat() == "2025-03-03T08:30:00.000100+00:00"
    assert found.private_to is None


def test_people_are_members_guests_and_closed_accounts(tmp_path: Path) -> None:
    people = {r.source_id: r for r in slack(tmp_path).records() if isinstance(r, PersonRecord)}
    assert people["U1"].email == "ada@example.org"
    assert people["U1"].kind is PersonHint.MEMBER
    assert people["U4"].kind is PersonHint.GUEST
    assert not people["U3"].is_active


def test_places_keep_their_privacy(tmp_path: Path) -> None:
    groups = {r.source_id: r for r in slack(tmp_path).records() if isinstance(r, GroupRecord)}
    assert groups["C1"].visibility is Visibility.PUBLIC
    assert groups["G1"].visibility is Visibility.SECRET
    assert groups["G1"].members == ("U2", "U3")
    assert set(groups) == {"C1", "G1"}


@pytest.mark.parametrize(("folder", "readers"), [("D1", ("U1", "U2")), ("mpdm-ada--zoé--old-1", ("U1", "U2", "U3"))])
def test_a_direct_message_is_for_its_members_only(tmp_path: Path, folder: str, readers: tuple[str, ...]) -> None:
    found = one(messages(slack(tmp_path, {f"{folder}/2025-03-03.json": [said(TS, "Entre nous")]})))
    assert found.group is None
    assert found.private_to == readers


def test_answers_name_their_thread(tmp_path: Path) -> None:
    days = {
        DAY: [said("1740990700.000000", "Oui", thread_ts=TS), said(TS, "On y va ?", thread_ts=TS)],
        "général/2025-03-04.json": [said("1741076000.000000", "Trop tard", thread_ts=TS, subtype="thread_broadcast")],
    }
    found = messages(slack(tmp_path, days))
    assert [m.parent for m in found] == [None, f"C1:{TS}", f"C1:{TS}"]
    assert [m.thread for m in found] == [f"C1:{TS}"] * 3


def test_days_are_read_in_order_over_all_places(tmp_path: Path) -> None:
    days = {
        "général/2025-03-04.json": [said("1741076000.000000", "3")],
        "direction/2025-03-03.json": [said("1740990601.000000", "1", "U2")],
        DAY: [said(TS, "2")],
    }
    assert [m.body for m in messages(slack(tmp_path, days))] == ["<p>1</p>", "<p>2</p>", "<p>3</p>"]


def test_reading_goes_on_after_a_position(tmp_path: Path) -> None:
    days = {
        f"général/2025-03-0{n}.json": [said(f"174099060{n}.00000{m}", f"{n}{m}") for m in range(5)] for n in range(1, 4)
    }
    archive = slack(tmp_path, days)
    whole = messages(archive)
    assert len(whole) == 15
    for number, message in enumerate(whole):
        assert messages(archive, after=message.position) == whole[number + 1 :]
    assert [m.position for m in whole] == sorted(m.position for m in whole)
    assert whole[-1].position <= archive.size


def test_edits_reactions_and_files_are_kept(tmp_path: Path) -> None:
    message = said(
        TS,
        "Bravo",
        edited={"user": "U1", "ts": "1740990900.000000"},
        reactions=[{"name": "+1", "users": ["U1", "U2"], "count": 2}, {"name": "parvis", "users": ["U2"]}],
        files=[
            {
                "id": "F1",
                "name": "../plan.pdf",
                "mimetype": "application/pdf",
                "size": 12,
                "url_private": "https://files.slack.com/F1",
            },
            {"id": "F2", "mode": "tombstone", "name": "x"},
            {"id": "F3", "mode": "hidden_by_limit", "url_private": "https://files.slack.com/F3"},
            {"id": "F4", "name": "bad", "url_private": "javascript:alert(1)"},
        ],
    )
    found = one(messages(slack(tmp_path, {DAY: [message]})))
    assert found.edited_at is not None
    assert found.reactions == (Reaction("👍", "U1"), Reaction("👍", "U2"), Reaction("parvis", "U2"))
    assert [(f.name, f.url, f.open) for f in found.files] == [("plan.pdf", "https://files.slack.com/F1", None)]


@pytest.mark.parametrize(
    "subtype", ["channel_join", "channel_leave", "channel_name", "pinned_item", "tombstone", "made_up"]
)
def test_what_nobody_said_is_left_out(tmp_path: Path, subtype: str) -> None:
    archive = slack(tmp_path, {DAY: [said(TS, "<@U1> has joined the channel", subtype=subtype)]})
    assert not messages(archive)
    assert not problems(archive)


def test_applications_write_under_their_name(tmp_path: Path) -> None:
    row = {"type": "message", "subtype": "bot_message", "bot_id": "B1", "username": "Jenkins", "ts": TS, "text": ""}
    row["attachments"] = [
        {"title": "Build 12", "title_link": "https://ci.example.org/12", "text": "*failed*", "fallback": "x"}
    ]
    archive = slack(tmp_path, {DAY: [row]})
    assert one(messages(archive)).body == (
        '<p><a href="https://ci.example.org/12">Build 12</a></p><p><strong>failed</strong></p>'
    )
    bot = next(r for r in archive.records() if isinstance(r, PersonRecord) and r.source_id == "bot:B1")
    assert (bot.name, bot.kind) == ("Jenkins", PersonHint.APPLICATION)


def test_somebody_whom_no_list_names_is_a_placeholder(tmp_path: Path) -> None:
    archive = slack(tmp_path, {DAY: [said(TS, "Hello", "U00", user_profile={"real_name": "Eve Elsewhere"})]})
    eve = next(r for r in archive.records() if isinstance(r, PersonRecord) and r.source_id == "U00")
    assert (eve.name, eve.kind, eve.is_active) == ("Eve Elsewhere", PersonHint.GUEST, False)
    assert one(messages(archive)).author == "U00"


def test_a_folder_that_no_list_names_is_not_read(tmp_path: Path) -> None:
    archive = slack(tmp_path, {"secret/2025-03-03.json": [said(TS, "x")]})
    assert not messages(archive)
    assert one(problems(archive)) == "secret: No list names this place, so who may see it is not known. It was skipped."


def test_a_folder_named_twice_is_taken_as_the_more_private(tmp_path: Path) -> None:
    archive = slack(
        tmp_path, {"direction/2025-03-03.json": [said(TS, "x")]}, channels=[{"id": "C9", "name": "direction"}]
    )
    assert one(messages(archive)).group == "G1"
    assert "Two lists name this place" in one(problems(archive))


def test_a_direct_conversation_without_members_is_not_read(tmp_path: Path) -> None:
    archive = slack(tmp_path, {"D1/2025-03-03.json": [said(TS, "x")]}, dms=[{"id": "D1", "members": []}])
    assert not messages(archive)
    assert any("names no members" in text for text in problems(archive))


def test_the_name_of_a_private_place_is_not_told_elsewhere(tmp_path: Path) -> None:
    archive = slack(tmp_path, {DAY: [said(TS, "Voir <#G1|direction>, `<#G1|direction>` et <#C1>")]})
    body = one(messages(archive)).body
    assert "direction" not in body
    assert '<a href="group:C1">#général</a>' in body


def test_an_export_packed_in_a_folder_is_read(tmp_path: Path) -> None:
    files = {f"Mon export/{name}": value for name, value in slack_files().items()} | {"__MACOSX/channels.json": "x"}
    assert len(messages(SlackExport(zipped(tmp_path / "x.zip", files)))) == 1


def test_names_packed_without_saying_that_they_are_utf8_are_read(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", slack_files())
    data = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        assert any(entry.flag_bits & 0x800 for entry in archive.infolist())
    name = DAY.encode()
    for signature, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):  # where the flag stands in both headers
        start = data.rfind(signature, 0, data.find(name) if at == 6 else data.rfind(name))
        data = data[: start + at] + b"\x00\x00" + data[start + at + 2 :]
    path.write_bytes(data)
    assert len(messages(SlackExport(path))) == 1


NAMES = Names({"U1": "Ada"}.get, {"C1": "général"}.get)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "html"),
    [
        (
            "*gras* _italique_ ~barré~ `code`",
            "<p><strong>gras</strong> <em>italique</em> <s>barré</s> <code>code</code></p>",
        ),
        ("*a _b* c_", "<p><strong>a _b</strong> c_</p>"),
        ("_a *b* c_", "<p><em>a <strong>b</strong> c</em></p>"),
        ("2*3*4 snake_case_name ~/dir~x", "<p>2*3*4 snake_case_name ~/dir~x</p>"),
        ("un\ndeux\n\ntrois", "<p>un<br>deux</p><p>trois</p>"),
        ("```if a &lt; b:\n  *x*```", "<pre>if a &lt; b:\n  *x*</pre>"),
        ("avant ```code``` après", "<p>avant</p><pre>code</pre><p>après</p>"),
        ("&gt; cité\n&gt; encore\nréponse", "<blockquote><p>cité<br>encore</p></blockquote><p>réponse</p>"),
        ("&gt;&gt;&gt; tout\nle reste", "<blockquote><p>tout<br>le reste</p></blockquote>"),
        ("• un\n• deux", "<ul><li>un</li><li>deux</li></ul>"),
        ("<https://x.org/a?b=1&amp;c=2|ici>", '<p><a href="https://x.org/a?b=1&amp;c=2">ici</a></p>'),
        ("<https://x.org>", '<p><a href="https://x.org">https://x.org</a></p>'),
        ("<mailto:a@b.org|a@b.org>", '<p><a href="mailto:a@b.org">a@b.org</a></p>'),
        (
            "<@U1> <@U9|zoe> <#C1|x>",
            '<p><a href="person:U1">@Ada</a> <a href="person:U9">@zoe</a> <a href="group:C1">#général</a></p>',
        ),
        ("<!here> <!subteam^S1|@équipe> <!date^1^{date}|hier>", "<p>@here @équipe hier</p>"),
        (":+1: :tada::skin-tone-2: :flag-fr: :rocket: :parvis: 10:30:45", "<p>👍 🎉 🇫🇷 🚀 :parvis: 10:30:45</p>"),
        ("<javascript:alert(1)|clic>", "<p>clic</p>"),
        ('&lt;script&gt;"&amp;amp;', '<p>&lt;script&gt;"&amp;amp;</p>'),
        ('<https://x.org/"onclick=1|a>', '<p><a href="https://x.org/&quot;onclick=1">a</a></p>'),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"),
        ("\ue0000\ue001", "<p>0</p>"),
    ],
)
def test_markup_becomes_html(text: str, html: str) -> None:
    assert to_html(text, NAMES) == html


@pytest.mark.parametrize("piece", ["*a ", "_", "```", "`", "<", "<@U1", "&gt;", ":a", "~x~", "\n", "```\n"])
def test_markup_made_to_exhaust_is_read_at_once(piece: str) -> None:
    to_html(piece * (60_000 // len(piece)), NAMES)


def refused(path: Path, limits: ZipLimits | None = None) -> str:
    with pytest.raises(ArchiveError) as caught:
        SlackExport(path, limits=limits)
    return str(caught.value)


def test_what_is_no_zip_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"hello")
    assert "not a zip archive" in refused(tmp_path / "x.zip")


def test_a_zip_that_is_no_export_is_refused(tmp_path: Path) -> None:
    assert "not a Slack export" in refused(zipped(tmp_path / "x.zip", {"photo.jpg": b"x"}))


def test_a_zip_bomb_is_refused_unread(tmp_path: Path) -> None:
    files = slack_files() | {f"général/2025-03-{n:02}.json": b"[" + b" " * 20_000_000 + b"]" for n in range(10, 14)}
    assert "looks like a trap" in refused(zipped(tmp_path / "x.zip", files))


def test_too_many_entries_are_refused(tmp_path: Path) -> None:
    assert "at most 3 are read" in refused(zipped(tmp_path / "x.zip", slack_files()), ZipLimits(entries=3))


def test_a_password_is_told(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", slack_files())
    data = bytearray(path.read_bytes())
    at = data.find(b"PK\x01\x02")
    data[at + 8] |= 1
    path.write_bytes(bytes(data))
    assert "protected by a password" in refused(path)


@pytest.mark.parametrize(
    "name", ["../../etc/2025-03-03.json", "/etc/2025-03-03.json", "a\\..\\2025-03-03.json", "C:/x/2025-03-03.json"]
)
def test_names_that_point_outside_are_told_and_not_read(tmp_path: Path, name: str) -> None:
    archive = slack(tmp_path, {name: [said(TS, "x")]})
    assert not messages(archive)
    assert "points outside" in one(problems(archive))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["export.zip"]


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("{not json", "not the JSON"),
        ('{"a": 1}', "should hold a list"),
        ("[" * 100_000, "not the JSON"),
        ("[" + "1" * 5000 + "]", "not the JSON"),
        (b"\xff\xfe\x00", "not the JSON"),
    ],
)
def test_a_day_that_cannot_be_read_is_told_and_the_next_is_read(tmp_path: Path, value: Any, told: str) -> None:
    archive = slack(tmp_path, {DAY: value, "général/2025-03-04.json": [said("1741076000.000000", "suite")]})
    assert told in one(problems(archive))
    assert one(problems(archive)).startswith(f"{DAY}: ")
    assert len(messages(archive)) == 1


def test_a_day_too_large_is_told(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", slack_files())
    archive = SlackExport(path, limits=ZipLimits(entry_bytes=10))
    assert "at most 0 MB are read" in one(problems(archive))


def test_a_damaged_entry_is_told(tmp_path: Path) -> None:
    path = zipped(tmp_path / "x.zip", slack_files(), compression=zipfile.ZIP_STORED)
    data = path.read_bytes().replace(b"Bonjour", b"Bonsoir")
    path.write_bytes(data)
    archive = SlackExport(path)
    assert "damaged" in one(problems(archive))
    assert not messages(archive)


@pytest.mark.parametrize(
    "row",
    [
        None,
        7,
        "text",
        [],
        {"type": "message", "text": "x", "user": "U1"},
        said("not a time", "x"),
        said("9" * 40, "x"),
        {"type": "message", "ts": TS, "text": {"a": 1}, "user": "U1"},
        {"type": "message", "ts": TS, "text": "x"},
        {"type": "message", "ts": TS, "text": "x", "user": 7},
    ],
)
def test_a_bad_message_is_told_with_its_place_and_the_next_is_read(tmp_path: Path, row: Any) -> None:
    archive = slack(tmp_path, {DAY: [row, said("1740990601.000000", "suite")]})
    assert f"{DAY}#" in one(problems(archive))
    assert one(messages(archive)).body == "<p>suite</p>"


def test_odd_shapes_inside_a_message_are_passed_over(tmp_path: Path) -> None:
    odd = said(TS, "x", edited=7, reactions={"a": 1}, files="x", attachments=[None, 7], thread_ts=7, bot_profile=[])
    found = one(messages(slack(tmp_path, {DAY: [odd]})))
    assert (found.edited_at, found.reactions, found.files, found.parent) == (None, (), (), None)


def test_half_characters_and_nul_are_dropped(tmp_path: Path) -> None:
    row = json.dumps([said(TS, "a\u0000b\ud800c", "U\u00001")])
    found = one(messages(slack(tmp_path, {DAY: row})))
    assert found.body == "<p>ab\ufffdc</p>"
    assert found.author == "U1"
    found.body.encode()


def test_lists_of_odd_shapes_are_told(tmp_path: Path) -> None:
    archive = slack(
        tmp_path, users=[None, {"id": 7}, {"name": "x"}], channels=[7, {"id": "C1"}, {"id": "C1", "name": "général"}]
    )
    told = problems(archive)
    assert sum("has no id" in text for text in told) == 3
    assert sum("no name or no id" in text for text in told) == 2
    assert len(messages(archive)) == 1
