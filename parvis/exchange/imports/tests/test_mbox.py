"""Mail archives: what is read, and what is read in spite of its sender."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from parvis.exchange.imports.formats import mbox as mbox_module
from parvis.exchange.imports.formats.mbox import Mbox
from parvis.exchange.imports.records import ArchiveError, GroupRecord, PersonRecord, Visibility
from parvis.exchange.imports.tests.archives import SEPARATOR, mail, mbox, messages, multipart, one, problems, read


def body(folder: Path, raw: bytes) -> str:
    return str(one(messages(mbox(folder, raw))).body)


def test_a_mail_becomes_a_message(tmp_path: Path) -> None:
    found = one(
        messages(mbox(tmp_path, mail("Bonjour à tous.", message_id="a@x", subject="Réunion", to="zoe@example.org")))
    )
    assert (found.source_id, found.title, found.body) == ("a@x", "Réunion", "<p>Bonjour à tous.</p>")
    assert found.author == "ada@example.org"
    assert found.recipients == ("zoe@example.org",)
    assert found.at.isoformat() == "2025-03-03T09:30:00+00:00"


@pytest.mark.parametrize(
    ("subject", "title"), [("Re:", ""), ("RE: Fwd:", ""), ("re", "re"), ("Re: Devis", "Re: Devis")]
)
def test_a_subject_that_only_says_that_it_answers_is_no_title(tmp_path: Path, subject: str, title: str) -> None:
    assert one(messages(mbox(tmp_path, mail("Oui.", message_id="a", subject=subject)))).title == title


def test_the_place_is_private_unless_told_otherwise(tmp_path: Path) -> None:
    group = next(record for record in mbox(tmp_path, mail()).records() if isinstance(record, GroupRecord))
    assert group.visibility is Visibility.PRIVATE


def test_people_are_met_once_with_their_names(tmp_path: Path) -> None:
    archive = mbox(tmp_path, mail(message_id="a"), mail(message_id="b", **{"from": "jean-luc.moreau@example.org"}))
    people = [record for record in archive.records() if isinstance(record, PersonRecord)]
    assert [(one.name, one.email) for one in people] == [
        ("Ada Lovelace", "ada@example.org"),
        ("Jean Luc Moreau", "jean-luc.moreau@example.org"),
    ]


def test_an_answer_names_its_parent_and_thread(tmp_path: Path) -> None:
    archive = mbox(tmp_path, mail(message_id="b", in_reply_to="a"), mail(message_id="a"))
    assert [(m.source_id, m.parent, m.thread) for m in messages(archive)] == [("a", None, "a"), ("b", "a", "a")]


def test_an_answer_older_than_what_it_answers_still_comes_after_it(tmp_path: Path) -> None:
    archive = mbox(
        tmp_path, mail(message_id="b", in_reply_to="a", date="Fri, 1 Mar 1996 10:00:00 +0000"), mail(message_id="a")
    )
    assert [m.source_id for m in messages(archive)] == ["a", "b"]


def test_an_answer_to_a_mail_of_another_archive_names_it(tmp_path: Path) -> None:
    found = one(messages(mbox(tmp_path, mail(message_id="c", references="a b"))))
    assert (found.parent, found.thread) == ("b", "a")


def test_reading_goes_on_after_a_position(tmp_path: Path) -> None:
    archive = mbox(tmp_path, *(mail(message_id=key) for key in "abc"))
    whole = messages(archive)
    assert messages(archive, after=whole[0].position) == whole[1:]
    assert archive.size == whole[-1].position


def test_the_same_mail_twice_is_one(tmp_path: Path) -> None:
    assert len(messages(mbox(tmp_path, mail(message_id="a"), mail(message_id="a")))) == 1


def test_two_mails_with_one_id_are_two(tmp_path: Path) -> None:
    archive = mbox(tmp_path, mail("un", message_id="a"), mail("deux", message_id="a"))
    assert len({m.source_id for m in messages(archive)}) == 2


def test_a_mail_without_id_has_the_same_one_each_time(tmp_path: Path) -> None:
    first, again = (one(messages(mbox(tmp_path, mail("Sans identifiant.")))).source_id for _ in range(2))
    assert first == again


def test_a_quoted_from_line_is_text(tmp_path: Path) -> None:
    assert "From here on" in body(tmp_path, mail(">From here on.\n>>From twice.", message_id="a"))
    assert ">&gt;" not in body(tmp_path, mail("a\n>From here on.", message_id="a"))


def test_an_unquoted_from_line_in_the_text_does_not_part_a_mail(tmp_path: Path) -> None:
    text = "Bonjour.\n\nFrom Monday on, at 10:30, in 2025 we meet.\n\nFrom now.\n"
    assert "From Monday on" in body(tmp_path, mail(text, message_id="a"))


def test_windows_line_ends_are_read(tmp_path: Path) -> None:
    raw = (mail("un", message_id="a") + mail("deux", message_id="b")).replace(b"\n", b"\r\n")
    assert [m.body for m in messages(mbox(tmp_path, raw))] == ["<p>un</p>", "<p>deux</p>"]


@pytest.mark.parametrize(
    ("charset", "codec"),
    [
        ("iso-8859-1", "latin-1"),
        ("iso-8859-15", "iso-8859-15"),
        ("windows-1252", "cp1252"),
        ("us-ascii", "latin-1"),
        ("us-ascii", "utf-8"),
        ("no-such-charset", "utf-8"),
        ("x-unknown", "cp1252"),
        ("macintosh", "mac-roman"),
        ("utf-16", "utf-16"),
        ("punycode", "utf-8"),
        ("rot13", "utf-8"),
        ("", "cp1252"),
    ],
)
def test_old_charsets_are_read(tmp_path: Path, charset: str, codec: str) -> None:
    data = base64.b64encode("Été à Nîmes : déjà vu".encode(codec)).decode()
    raw = mail(
        data,
        message_id="a",
        content_type=f"text/plain; charset={charset}" if charset else "text/plain",
        content_transfer_encoding="base64",
    )
    assert body(tmp_path, raw) == "<p>Été à Nîmes : déjà vu</p>"


def test_headers_are_decoded(tmp_path: Path) -> None:
    raw = mail(
        message_id="a",
        subject="=?utf-8?B?w4k=?= =?utf-8?Q?t=C3=A9?= =?iso-8859-1?q?_=E0_N=EEmes?= =?nope?B?!!!?=",
        **{"from": "=?UTF-8?Q?Zo=C3=A9_B=C3=A9zier?= <Zoe@Example.org>"},
    )
    archive = mbox(tmp_path, raw)
    assert one(messages(archive)).title == "Été à Nîmes"
    assert [r.name for r in archive.records() if isinstance(r, PersonRecord)] == ["Zoé Bézier"]


def test_raw_bytes_in_headers_are_decoded(tmp_path: Path) -> None:
    for codec in ("utf-8", "latin-1"):
        assert (
            one(messages(mbox(tmp_path, mail(message_id="a", subject="Réunion d'été", encoding=codec)))).title
            == "Réunion d'été"
        )


def test_a_character_cut_between_two_words_is_whole(tmp_path: Path) -> None:
    raw = mail(message_id="a", subject="=?utf-8?Q?=C3?= =?utf-8?Q?=A9t=C3=A9?=")
    assert one(messages(mbox(tmp_path, raw))).title == "été"


@pytest.mark.parametrize(
    "date", ["", "yesterday", "Mon, 99 Foo 2025 10:00:00", "Mon, 3 Mar 1900 10:00:00 +0000", "9" * 500]
)
def test_a_date_that_cannot_be_read_is_the_separators(tmp_path: Path, date: str) -> None:
    assert one(messages(mbox(tmp_path, mail(message_id="a", date=date)))).at.isoformat() == "2025-03-03T09:30:00+00:00"


def test_the_receivers_date_goes_before_the_separators(tmp_path: Path) -> None:
    raw = mail(message_id="a", date="never", received="from x by y; Tue, 4 Mar 2025 08:00:00 +0000")
    assert one(messages(mbox(tmp_path, raw))).at.day == 4


def test_a_mail_without_any_date_is_reported_with_its_place(tmp_path: Path) -> None:
    archive = mbox(
        tmp_path, mail(message_id="a", date="x").replace(SEPARATOR.encode(), b"From ada\n"), mail(message_id="b")
    )
    assert problems(archive) == ["equipe.mbox:2: This mail bears no date that can be read. It was skipped."]
    assert [m.source_id for m in messages(archive)] == ["b"]


def test_a_mail_without_sender_has_an_unknown_author(tmp_path: Path) -> None:
    assert one(messages(mbox(tmp_path, mail(message_id="a", **{"from": ""})))).author == "unknown"


def test_the_addresses_of_public_archives_are_read(tmp_path: Path) -> None:
    archive = mbox(tmp_path, mail(message_id="a", **{"from": "ada at example.org (Ada Lovelace)"}))
    assert one(messages(archive)).author == "ada@example.org"


def test_the_list_itself_is_no_recipient_and_blind_copies_are_not_told(tmp_path: Path) -> None:
    raw = mail(
        message_id="a",
        to="equipe@listes.example.org, zoe@example.org",
        bcc="secret@example.org",
        list_post="<mailto:equipe@listes.example.org>",
    )
    archive = mbox(tmp_path, raw)
    assert one(messages(archive)).recipients == ("zoe@example.org",)
    assert not [r for r in archive.records() if isinstance(r, PersonRecord) and r.email == "secret@example.org"]


PLAIN = "Content-Type: text/plain; charset=utf-8\n\nEn clair."
HTML = "Content-Type: text/html; charset=utf-8\n\n<p>En <b>HTML</b>.</p><script>alert(1)</script>"


def test_plain_text_goes_before_html(tmp_path: Path) -> None:
    assert body(tmp_path, mail(**multipart("alternative", PLAIN, HTML))) == "<p>En clair.</p>"


def test_html_is_kept_without_what_could_act(tmp_path: Path) -> None:
    assert body(tmp_path, mail(**multipart("alternative", HTML))) == "<p>En <strong>HTML</strong>.</p>"


def test_attachments_are_files_without_folders(tmp_path: Path) -> None:
    part = (
        "Content-Type: application/pdf\nContent-Transfer-Encoding: base64\n"
        "Content-Disposition: attachment; filename*=utf-8''..%2F..%2Fetc%2Fr%C3%A9sum%C3%A9.pdf\n\nJVBERg=="
    )
    found = one(messages(mbox(tmp_path, mail(**multipart("mixed", PLAIN, part)))))
    file = one(found.files)
    assert (file.name, file.media_type, file.size_bytes, read(file.open())) == (
        "résumé.pdf",
        "application/pdf",
        4,
        b"%PDF",
    )
    assert found.body == "<p>En clair.</p>"


def test_a_mail_in_a_mail_is_a_file(tmp_path: Path) -> None:
    part = "Content-Type: message/rfc822\n\nFrom: zoe@example.org\nSubject: Dedans\n\nContenu."
    file = one(one(messages(mbox(tmp_path, mail(**multipart("mixed", PLAIN, part))))).files)
    assert file.name.endswith(".eml")
    assert b"Dedans" in read(file.open())


def test_the_quoted_history_is_folded(tmp_path: Path) -> None:
    text = "D'accord.\n\nLe lundi 3 mars 2025 à 10:00, Zoé <zoe@example.org> a\nécrit :\n> On se voit ?\n> Zoé\n"
    found = body(tmp_path, mail(text, message_id="a"))
    assert found.startswith('<p>D\'accord.</p><details class="quoted"><summary>…</summary>')
    assert "a<br>écrit :" in found.split("details")[1]
    assert "<blockquote><p>On se voit ?<br>Zoé</p></blockquote></details>" in found


def test_answers_between_quotes_are_not_folded(tmp_path: Path) -> None:
    found = body(tmp_path, mail("> Quand ?\n\nLundi.\n\n> Où ?\n\nIci.\n", message_id="a"))
    assert "details" not in found
    assert found.count("<blockquote>") == 2


def test_an_outlook_history_is_folded(tmp_path: Path) -> None:
    text = "Oui.\n\n-----Message d'origine-----\nDe : Zoé\nEnvoyé : lundi\nObjet : Réunion\n\nOn se voit ?\n"
    assert body(tmp_path, mail(text, message_id="a")).split("<details")[0] == "<p>Oui.</p>"


def test_a_forwarded_mail_alone_is_shown(tmp_path: Path) -> None:
    assert "details" not in body(
        tmp_path, mail("-----Original Message-----\nFrom: Zoé\nSent: Monday\n\nLook.\n", message_id="a")
    )


def test_a_signature_is_folded(tmp_path: Path) -> None:
    found = body(tmp_path, mail("Merci.\n-- \nAda\nDirection\n", message_id="a"))
    assert found.startswith("<p>Merci.</p><details")


def test_an_html_history_is_folded_only_at_the_end(tmp_path: Path) -> None:
    source = "<div>Oui.</div><div class='gmail_quote'>Zoé wrote:<blockquote>Quand ?</blockquote></div>"
    folded = body(tmp_path, mail(source, message_id="a", content_type="text/html"))
    assert folded.startswith('<p>Oui.</p><details class="quoted">')
    between = "<p>Oui.</p><blockquote type='cite'>Quand ?</blockquote><p>Lundi.</p>"
    assert "details" not in body(tmp_path, mail(between, message_id="a", content_type="text/html"))


def test_flowed_text_has_whole_paragraphs(tmp_path: Path) -> None:
    found = body(tmp_path, mail("Un deux \ntrois.\nQuatre.", message_id="a", content_type="text/plain; format=flowed"))
    assert found == "<p>Un deux trois.<br>Quatre.</p>"


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "empty"),
        (b"Subject: x\n\nno separator", "must begin with"),
        (b"\x1f\x8b\x08\x00", "compressed (gzip)"),
        (b"PK\x03\x04", "compressed (zip)"),
        (b"\x00" * 5000, "must begin with"),
    ],
)
def test_what_is_no_mail_archive_is_refused(tmp_path: Path, data: bytes, told: str) -> None:
    (tmp_path / "x").write_bytes(data)
    with pytest.raises(ArchiveError, match="(?s).*" + told.replace("(", r"\(").replace(")", r"\)")):
        Mbox(tmp_path / "x", name="x", source="mbox:x")


def test_a_mail_too_large_is_reported_and_the_next_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mbox_module, "MAX_MAIL_BYTES", 2**20)
    archive = mbox(tmp_path, mail("x" * 2**21, message_id="a"), mail(message_id="b"))
    assert problems(archive) == ["equipe.mbox:2: This mail is larger than 1 MB. It was skipped."]
    assert [m.source_id for m in messages(archive)] == ["b"]


@pytest.mark.slow
def test_a_line_of_a_hundred_megabytes_costs_no_memory(tmp_path: Path) -> None:
    path = tmp_path / "big.mbox"
    with path.open("wb") as file:
        file.write(mail("x", message_id="a").removesuffix(b"x\n\n"))
        for _ in range(100):
            file.write(b"x" * 2**20)
        file.write(b"\n\n" + mail(message_id="b"))
    archive = Mbox(path, name="x", source="mbox:x")
    assert problems(archive) == ["big.mbox:2: This mail is larger than 64 MB. It was skipped."]


def test_parts_nested_without_end_are_reported(tmp_path: Path) -> None:
    deep = "".join(f'Content-Type: multipart/mixed; boundary="b{n}"\n\n--b{n}\n' for n in range(3000))
    raw = (
        SEPARATOR + "From: a@b.org\nMessage-ID: <a>\nDate: Mon, 3 Mar 2025 10:30:00 +0100\n" + deep + "x\n\n"
    ).encode()
    archive = mbox(tmp_path, raw, mail(message_id="b"))
    assert "cannot be read (parts nested too deep)" in one(problems(archive))
    assert [m.source_id for m in messages(archive)] == ["b"]


def test_ten_thousand_parts_are_reported(tmp_path: Path) -> None:
    archive = mbox(tmp_path, mail(**multipart("mixed", *[PLAIN] * 10_000)))
    assert "too many parts" in one(problems(archive))


@pytest.mark.parametrize(
    "piece", ["<div>", "<b>", "<b></i>", "<table><tr><td>", "<blockquote type=cite>", "<a href=x>", "<!--", "<x y="]
)
def test_html_made_to_exhaust_a_parser_is_read(tmp_path: Path, piece: str) -> None:
    # What takes more than its length would be felt here: its square is nearly a thousand million.
    assert "fin" in body(tmp_path, mail("<p>fin</p>" + piece * 30_000, message_id="a", content_type="text/html"))


@pytest.mark.parametrize(
    "headers",
    [
        {"from": '"' * 5000 + "<a@b.org>"},
        {"from": "<" * 5000, "to": "," * 5000},
        {"from": "(" * 5000},
        {"from": "a@" + "b." * 5000},
        {"subject": "=?utf-8?q?" + "=" * 5000 + "?="},
        {"content_type": "text/plain; charset*=''%"},
        {"content_type": "text/plain; " + 'name*0*="' * 500},
        {"content_type": "multipart/mixed"},
        {"content_type": "/; ;"},
        {"content_transfer_encoding": "base64", "content_type": "text/plain"},
        {"content_transfer_encoding": "x-uuencode"},
        {"references": "x" * 5000},
        {"message_id": "a b c"},
        {"list_id": "<<<>>>"},
    ],
)
def test_hostile_headers_lose_no_mail(tmp_path: Path, headers: dict[str, str]) -> None:
    archive = mbox(tmp_path, mail("x", **{"message_id": "a", **headers}), mail(message_id="z"))
    assert len(messages(archive)) == 2
    assert not problems(archive)


def test_control_characters_are_dropped(tmp_path: Path) -> None:
    found = one(messages(mbox(tmp_path, mail("a\x00b\x1b[31m", message_id="a\x01", subject="x\x00\x07y"))))
    assert "\x00" not in found.body + found.title + found.source_id
    assert found.title == "xy"


def test_an_id_of_any_length_fits(tmp_path: Path) -> None:
    first, second = messages(mbox(tmp_path, mail(message_id="a" * 900 + "1"), mail("b", message_id="a" * 900 + "2")))
    assert len(first.source_id) <= 255
    assert first.source_id != second.source_id
