"""What an archive becomes: people, communities, threads; once each, with the readers that they had."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from parvis.core.files.models import FileVersion
from parvis.core.items.actions import delete_item
from parvis.core.items.models import Item, Kind, Origin, Part, Signal, Verb
from parvis.core.items.queries import newest_threads
from parvis.core.people.actions import (
    NewPerson,
    create_people,
    merge_people,
    remove_members,
    verify_address,
)
from parvis.core.people.models import Account, Address, Group, Network, NetworkDomain, Person, PersonKind, PersonState
from parvis.core.people.viewer import viewer_for
from parvis.exchange.imports import threads
from parvis.exchange.imports.engine import Overtaken, import_archive, open_run
from parvis.exchange.imports.models import ImportRun
from parvis.exchange.imports.records import Archive, MessageRecord, Problem, Record
from parvis.exchange.imports.tests.archives import USERS, mail, mbox, multipart, said, slack
from parvis.work.communities.models import Community, Visibility
from tests.cast import NOW, Cast, as_, at

TS = "1740990600.000100"
DAY = "général/2025-03-03.json"


def bring(archive: Archive, cast: Cast, folder: Path, **more: Any) -> tuple[ImportRun, list[Problem]]:
    """Import an archive that lies in `folder` into Vauban."""
    problems: list[Problem] = []
    path = next(one for one in folder.iterdir() if one.is_file())
    run = open_run(cast.vauban, archive, path, {}, NOW)
    import_archive(run, archive, lambda: NOW, tell_problem=problems.append, **more)
    return run, problems


def item(body: str) -> Item:
    return Item.objects.select_related("author", "place", "root", "parent").get(text=body)


def readers(found: Item, cast: Cast) -> set[str]:
    """Names of all people of the network who may see an item, placeholders as if they had claimed their names."""
    names = set()
    for person in Person.objects.filter(network=cast.vauban).exclude(state=PersonState.LEFT):
        person.state = PersonState.ACTIVE
        if Item.objects.visible_to(viewer_for(person, at(hours=1))).filter(pk=found.pk).exists():
            names.add(person.name)
    return names


def test_a_channel_becomes_a_community_with_its_threads(cast: Cast, tmp_path: Path) -> None:
    days = {DAY: [said(TS, "On y va ?", thread_ts=TS), said("1740990700.000000", "Oui", "U2", thread_ts=TS)]}
    run, problems = bring(slack(tmp_path, days), cast, tmp_path)
    head, answer = item("On y va ?"), item("Oui")
    assert problems == []
    assert (head.kind, head.author.name, head.place.name) == (Kind.POST, "Ada Lovelace", "général")
    assert (answer.kind, answer.author.name, answer.root, answer.parent) == (Kind.COMMENT, "Zoé Bézier", head, None)
    assert head.created_at == dt.datetime(2025, 3, 3, 8, 30, 0, 100, dt.UTC)
    assert head.active_at == answer.created_at
    assert (head.answers, head.batch, answer.audience_id) == (1, run.key, head.audience_id)
    assert (run.threads, run.answers, run.people, run.groups, run.known) == (1, 1, 4, 2, 0)
    assert run.ended_at == NOW


def test_nobody_is_told_of_what_an_import_makes(cast: Cast, tmp_path: Path) -> None:
    head = Signal.objects.order_by("-position").first()
    bring(slack(tmp_path), cast, tmp_path)
    made = Signal.objects.filter(position__gt=head.position)
    assert made.filter(verb=Verb.CREATE).exists()
    assert set(made.values_list("origin", flat=True)) == {Origin.IMPORT}


def test_a_second_import_makes_nothing_twice(cast: Cast, tmp_path: Path) -> None:
    bring(slack(tmp_path), cast, tmp_path)
    before = (Item.objects.count(), Person.objects.count(), Group.objects.count(), Part.objects.count())
    run, problems = bring(slack(tmp_path), cast, tmp_path)
    assert (Item.objects.count(), Person.objects.count(), Group.objects.count(), Part.objects.count()) == before
    assert (run.threads, run.people, run.groups, run.known, problems) == (0, 0, 0, 1, [])


def test_a_larger_archive_of_the_same_source_adds_what_is_new(cast: Cast, tmp_path: Path) -> None:
    bring(slack(tmp_path), cast, tmp_path)
    days = {DAY: [said(TS, "Bonjour <@U2>"), said("1740990700.000000", "Réponse", "U2", thread_ts=TS)]}
    run, _ = bring(slack(tmp_path, days), cast, tmp_path)
    assert (run.threads, run.answers, run.known) == (0, 1, 1)
    assert item("Réponse").root == item("Bonjour @Zoé Bézier")


def _listed_later(cast: Cast, folder: Path, profile: dict[str, Any], who: str = "U9") -> Item:
    """Somebody wrote in a first archive that does not list them; a second one does."""
    first = {DAY: [said(TS, "Qui suis-je ?", who, user_profile={"name": "inconnu"})]}
    bring(slack(folder, first), cast, folder)
    assert (item("Qui suis-je ?").author.name, item("Qui suis-je ?").author.state) == ("inconnu", PersonState.LEFT)
    bring(slack(folder, first, users=[*USERS, {"id": who, "team_id": "T1", "profile": profile}]), cast, folder)
    return item("Qui suis-je ?")


def test_somebody_whom_a_later_archive_lists_becomes_who_they_are(cast: Cast, tmp_path: Path) -> None:
    size = Network.objects.get(pk=cast.vauban.pk).size
    author = _listed_later(
        cast, tmp_path, {"real_name": "Éva Long", "email": "Eva@example.org", "title": "Achats"}
    ).author
    assert (author.name, author.sort_name, author.title) == ("Éva Long", "long eva", "Achats")
    assert author.state == PersonState.PLACEHOLDER
    assert Network.objects.get(pk=cast.vauban.pk).size == size
    (eva,) = claim(cast, "eva@example.org")
    assert eva == author
    bring(slack(tmp_path, {}, users=[*USERS, {"id": "U9", "profile": {"real_name": "Autre"}}]), cast, tmp_path)
    assert Person.objects.get(pk=eva.pk).name == "Éva Long"  # who is known here stays as they are


def test_somebody_listed_later_with_an_address_of_a_person_here_is_that_person(cast: Cast, tmp_path: Path) -> None:
    found = _listed_later(cast, tmp_path, {"real_name": "C. Martin", "email": "claire@vauban.example"})
    assert found.author == cast.claire and Person.objects.get(pk=cast.claire.pk).name == "Claire Martin"
    gone = Person.objects.get(merged_into=cast.claire)
    assert gone.name == "inconnu"


def test_what_was_deleted_here_does_not_come_back(cast: Cast, tmp_path: Path) -> None:
    bring(slack(tmp_path), cast, tmp_path)
    (ada,) = claim(cast, "ada@example.org")
    delete_item(as_(ada), item("Bonjour @Zoé Bézier"))
    run, _ = bring(slack(tmp_path), cast, tmp_path)
    assert run.threads == 0
    assert not Item.objects.filter(text__startswith="Bonjour").exists()


def test_an_answer_to_a_conversation_deleted_here_keeps_its_readers(cast: Cast, tmp_path: Path) -> None:
    bring(slack(tmp_path), cast, tmp_path)
    (ada,) = claim(cast, "ada@example.org")
    delete_item(as_(ada), item("Bonjour @Zoé Bézier"))
    days = {DAY: [said(TS, "Bonjour <@U2>"), said("1740990700.000000", "Réponse", "U2", thread_ts=TS)]}
    bring(slack(tmp_path, days), cast, tmp_path)
    assert item("Réponse").root.deleted_at is not None
    assert "Nadia Benali" in readers(item("Réponse"), cast)


def test_the_head_of_a_thread_may_be_missing(cast: Cast, tmp_path: Path) -> None:
    first = {
        DAY: [said("1740990700.000000", "Un", thread_ts=TS), said("1740990800.000000", "Deux", "U2", thread_ts=TS)]
    }
    bring(slack(tmp_path, first), cast, tmp_path)
    later = {"général/2025-03-04.json": [said("1741076000.000000", "Trois", thread_ts=TS)]}
    bring(slack(tmp_path, later), cast, tmp_path)
    assert item("Un").kind == Kind.POST
    assert item("Deux").root == item("Trois").root == item("Un")


@pytest.mark.parametrize("chunk", [1, 2, 100])
def test_mails_of_several_archives_find_their_threads(cast: Cast, tmp_path: Path, chunk: int) -> None:
    first = mbox(
        tmp_path, mail("Trois", message_id="c", references="a b"), mail("Quatre", message_id="d", references="a b c")
    )
    bring(first, cast, tmp_path, owner=cast.claire, chunk=chunk)
    second = mbox(tmp_path, mail("Cinq", message_id="e", references="a x"), mail("Six", message_id="f", references="d"))
    bring(second, cast, tmp_path, owner=cast.claire, chunk=chunk)
    head = item("Trois")
    assert [item(text).root for text in ("Quatre", "Cinq", "Six")] == [head] * 3
    assert (item("Quatre").parent, item("Six").parent) == (None, item("Quatre"))


# Who may read -------------------------------------------------------------------------------------------------------------


def test_a_public_channel_is_for_everyone_and_its_guests(cast: Cast, tmp_path: Path) -> None:
    bring(slack(tmp_path), cast, tmp_path)
    found = readers(item("Bonjour @Zoé Bézier"), cast)
    assert {"Ada Lovelace", "Zoé Bézier", "Claire Martin", "Nadia Benali", "Gus Guest"} <= found
    assert not {"Gaspard Hervé", "Céline Faure", "Parvis"} & found


def test_a_private_channel_is_for_exactly_its_members(cast: Cast, tmp_path: Path) -> None:
    days = {
        "direction/2025-03-03.json": [
            said(TS, "Confidentiel", "U2", thread_ts=TS),
            said("1740990700.000000", "Suite", "U1", thread_ts=TS),  # written by somebody who has left the channel
        ]
    }
    bring(
        slack(tmp_path, days, groups=[{"id": "G1", "name": "direction", "creator": "U1", "members": ["U2", "U4"]}]),
        cast,
        tmp_path,
    )
    assert readers(item("Confidentiel"), cast) == readers(item("Suite"), cast) == {"Zoé Bézier", "Gus Guest"}


def test_the_name_of_a_private_channel_is_for_its_members_only(cast: Cast, tmp_path: Path) -> None:
    bring(slack(tmp_path), cast, tmp_path)
    community = Community.objects.get(item__title="direction", visibility=Visibility.SECRET)
    assert readers(community.item, cast) == {"Zoé Bézier"}


def test_a_private_channel_whose_members_all_left_is_for_nobody(cast: Cast, tmp_path: Path) -> None:
    days = {"direction/2025-03-03.json": [said(TS, "Confidentiel", "U3")]}
    bring(slack(tmp_path, days, groups=[{"id": "G1", "name": "direction", "members": ["U3", "U99"]}]), cast, tmp_path)
    assert readers(item("Confidentiel"), cast) == {"Parvis"}


@pytest.mark.parametrize(
    ("folder", "expected"),
    [("D1", {"Ada Lovelace", "Zoé Bézier"}), ("mpdm-ada--zoé--old-1", {"Ada Lovelace", "Zoé Bézier"})],
)
def test_a_direct_message_is_for_exactly_those_who_took_part(
    cast: Cast, tmp_path: Path, folder: str, expected: set[str]
) -> None:
    days = {
        f"{folder}/2025-03-03.json": [
            said(TS, "Entre nous", thread_ts=TS),
            said("1740990700.000000", "Oui", "U2", thread_ts=TS),
        ]
    }
    bring(slack(tmp_path, days), cast, tmp_path)
    assert readers(item("Entre nous"), cast) == readers(item("Oui"), cast) == expected
    assert item("Entre nous").place is None


def test_a_direct_message_reaches_whoever_claims_the_address_and_nobody_else(cast: Cast, tmp_path: Path) -> None:
    bring(slack(tmp_path, {"D1/2025-03-03.json": [said(TS, "Entre nous")]}), cast, tmp_path)
    (zoe,) = claim(cast, "zoe@example.org")
    assert [t.text for t in newest_threads(as_(zoe))] == ["Entre nous"]
    assert "Entre nous" not in [t.text for t in newest_threads(as_(cast.denise))]


@pytest.mark.parametrize("chunk", [1, 100])
@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("général", "direction", {"Zoé Bézier"}),
        ("général", "D1", {"Ada Lovelace", "Zoé Bézier"}),
        ("direction", "D1", {"Ada Lovelace", "Zoé Bézier"}),
        ("D2", "D1", {"Ada Lovelace", "Zoé Bézier"}),
        ("D2", "direction", {"Zoé Bézier"}),
    ],
)
def test_an_answer_never_joins_a_thread_of_other_readers(
    cast: Cast, tmp_path: Path, first: str, second: str, expected: set[str], chunk: int
) -> None:
    """Also when an archive says so: the engine trusts no reader with that."""
    days = {
        f"{first}/2025-03-03.json": [said(TS, "Avant", "U2")],
        f"{second}/2025-03-04.json": [said("1741076000.000000", "Après", "U2")],
    }
    dms = [{"id": "D1", "members": ["U1", "U2"]}, {"id": "D2", "members": ["U2", "U4"]}]
    archive = slack(tmp_path, days, dms=dms)
    before = {"général": "C1", "direction": "G1"}.get(first, first)
    lie = Changed(archive, lambda m: dataclasses.replace(m, parent=f"{before}:{TS}", thread=f"{before}:{TS}"))
    bring(lie, cast, tmp_path, chunk=chunk)
    assert item("Après").root is None
    assert readers(item("Après"), cast) == expected


def test_a_place_that_became_private_is_not_imported_into_a_public_one(cast: Cast, tmp_path: Path) -> None:
    bring(slack(tmp_path), cast, tmp_path)
    days = {"général/2025-03-04.json": [said("1741076000.000000", "Entre membres")]}
    archive = slack(tmp_path, days, channels=[], groups=[{"id": "C1", "name": "général", "members": ["U1"]}])
    _, problems = bring(archive, cast, tmp_path)
    assert not Item.objects.filter(text="Entre membres").exists()
    assert "open to everyone here" in str(problems[0])


def test_who_was_taken_out_here_is_not_put_back(cast: Cast, tmp_path: Path) -> None:
    days = {"direction/2025-03-03.json": [said(TS, "Confidentiel", "U2")]}
    lists: dict[str, Any] = {"groups": [{"id": "G1", "name": "direction", "creator": "U2", "members": ["U2", "U4"]}]}
    bring(slack(tmp_path, days, **lists), cast, tmp_path)
    gus = Person.objects.get(name="Gus Guest")
    remove_members(Group.objects.get(name="direction", kind="community"), [gus], NOW, actor=cast.denise)
    lists["groups"][0]["members"].append("U1")
    bring(slack(tmp_path, days, **lists), cast, tmp_path)
    assert readers(item("Confidentiel"), cast) == {"Zoé Bézier", "Ada Lovelace"}


def test_a_mailing_list_is_for_its_owner_until_they_invite(cast: Cast, tmp_path: Path) -> None:
    bring(mbox(tmp_path, mail("Bonjour.", message_id="a", to="zoe@example.org")), cast, tmp_path, owner=cast.claire)
    assert readers(item("Bonjour."), cast) == {"Claire Martin"}


def test_mentions_of_people_who_may_not_see_it_are_words_only(cast: Cast, tmp_path: Path) -> None:
    days = {
        "direction/2025-03-03.json": [said(TS, "<@U2> et <@U1>", "U2")],
        "D1/2025-03-03.json": [said(TS, "<@U4> <@U2>")],
    }
    bring(slack(tmp_path, days), cast, tmp_path)
    for found in Item.objects.filter(kind=Kind.POST):
        assert [part.person.name for part in found.parts.filter(role="mentioned")] == ["Zoé Bézier"]
        assert '<span class="mention">@Zoé Bézier</span>' in found.body


# People -------------------------------------------------------------------------------------------------------------------


def claim(cast: Cast, *emails: str) -> list[Person]:
    """Those who verify these addresses."""
    people = [verify_address(cast.vauban, Account.objects.create_user(email), email, NOW) for email in emails]
    return [person for person in people if person is not None]


def test_people_are_placeholders_until_they_claim_their_address(cast: Cast, tmp_path: Path) -> None:
    bring(slack(tmp_path), cast, tmp_path)
    ada = Person.objects.get(name="Ada Lovelace")
    assert (ada.state, ada.kind, ada.account) == (PersonState.PLACEHOLDER, PersonKind.MEMBER, None)
    assert claim(cast, "ada@example.org") == [ada]
    ada.refresh_from_db()
    assert ada.state == PersonState.ACTIVE


def test_guests_stay_guests_and_closed_accounts_cannot_be_claimed(cast: Cast, tmp_path: Path) -> None:
    bring(slack(tmp_path), cast, tmp_path)
    assert Person.objects.get(name="Gus Guest").kind == PersonKind.GUEST
    old = Person.objects.get(name="Old Timer")
    assert old.state == PersonState.LEFT
    assert claim(cast, "o@example.org") == []
    assert not Address.objects.filter(person=old).exists()


def test_a_verified_address_identifies_a_member(cast: Cast, tmp_path: Path) -> None:
    users = [{**USERS[0], "profile": {"real_name": "Cl. M.", "email": "Claire@Vauban.example"}}, *USERS[1:]]
    bring(slack(tmp_path, users=users), cast, tmp_path)
    assert item("Bonjour @Zoé Bézier").author == cast.claire


def test_an_address_that_somebody_only_claims_identifies_nobody(cast: Cast, tmp_path: Path) -> None:
    Address.objects.create(network=cast.vauban, person=cast.nadia, email="ada@example.org")
    days = {"D1/2025-03-03.json": [said(TS, "Entre nous")]}
    _, problems = bring(slack(tmp_path, days), cast, tmp_path)
    assert item("Entre nous").author != cast.nadia
    assert "Nadia Benali" not in readers(item("Entre nous"), cast)
    assert "has not verified it" in str(problems[0])


def test_merged_people_are_whom_they_became(cast: Cast, tmp_path: Path) -> None:
    bring(slack(tmp_path), cast, tmp_path)
    merge_people(Person.objects.get(name="Ada Lovelace"), cast.claire, NOW)
    bring(slack(tmp_path, {DAY: [said("1740990700.000000", "Encore")]}), cast, tmp_path)
    assert item("Encore").author == cast.claire


def test_two_accounts_with_one_address_are_one_person(cast: Cast, tmp_path: Path) -> None:
    users = [*USERS, {**USERS[0], "id": "U9", "name": "ada2"}]
    bring(
        slack(tmp_path, {DAY: [said(TS, "Un"), said("1740990700.000000", "Deux", "U9")]}, users=users), cast, tmp_path
    )
    assert item("Un").author == item("Deux").author


def test_the_company_s_own_addresses_make_members_and_others_contacts(cast: Cast, tmp_path: Path) -> None:
    NetworkDomain.objects.create(network=cast.vauban, domain="example.org")
    archive = mbox(
        tmp_path, mail("Un", message_id="a"), mail("Deux", message_id="b", **{"from": "bob@ailleurs.example"})
    )
    bring(archive, cast, tmp_path, owner=cast.claire)
    assert (item("Un").author.kind, item("Deux").author.kind) == (PersonKind.MEMBER, PersonKind.CONTACT)


def test_an_import_never_reaches_another_network(cast: Cast, tmp_path: Path) -> None:
    create_people(cast.nord, [NewPerson("Ada of Nord", emails=["ada@example.org"], verified=True)], NOW)
    before = Item.objects.filter(network=cast.nord).count()
    bring(slack(tmp_path), cast, tmp_path)
    assert item("Bonjour @Zoé Bézier").author.network_id == cast.vauban.pk
    assert Item.objects.filter(network=cast.nord).count() == before


# What is kept -------------------------------------------------------------------------------------------------------------


def test_edits_and_links_to_files_are_kept(cast: Cast, tmp_path: Path) -> None:
    files = [{"name": "plan.pdf", "url_private": "https://files.slack.com/F1?a=1&b=2"}]
    bring(slack(tmp_path, {DAY: [said(TS, "Voici", edited={"ts": "1740990900.000000"}, files=files)]}), cast, tmp_path)
    found = Item.objects.get(kind=Kind.POST)
    assert found.edited_at is not None
    assert 'href="https://files.slack.com/F1?a=1&amp;b=2"' in found.body


def test_attachments_become_documents_with_the_readers_of_their_mail(cast: Cast, tmp_path: Path) -> None:
    part = "Content-Type: text/csv\nContent-Disposition: attachment; filename=budget.csv\n\na;b\n1;2"
    plain = "Content-Type: text/plain\n\nEn pièce jointe."
    run, _ = bring(mbox(tmp_path, mail(**multipart("mixed", plain, part))), cast, tmp_path, owner=cast.claire)
    document = FileVersion.objects.select_related("item").get(name="budget.csv").item
    assert document.audience_id == item("En pièce jointe.").audience_id
    assert run.files == 1
    run, _ = bring(mbox(tmp_path, mail(**multipart("mixed", plain, part))), cast, tmp_path, owner=cast.claire)
    assert run.files == 0


def test_recipients_of_mails_are_kept(cast: Cast, tmp_path: Path) -> None:
    bring(
        mbox(tmp_path, mail("Bonjour.", message_id="a", to="Zoé <zoe@example.org>")), cast, tmp_path, owner=cast.claire
    )
    assert [part.person.name for part in item("Bonjour.").parts.filter(role="recipient")] == ["Zoé"]


def test_the_subject_is_the_title_of_the_thread(cast: Cast, tmp_path: Path) -> None:
    archive = mbox(
        tmp_path,
        mail("Un", message_id="a", subject="Budget"),
        mail("Deux", message_id="b", references="a", subject="Re: Budget"),
    )
    bring(archive, cast, tmp_path, owner=cast.claire)
    assert (item("Un").title, item("Deux").title) == ("Budget", "")


def test_an_archived_channel_is_read_only(cast: Cast, tmp_path: Path) -> None:
    bring(
        slack(tmp_path, channels=[{"id": "C1", "name": "général", "is_archived": True, "members": ["U1"]}]),
        cast,
        tmp_path,
    )
    assert Group.objects.get(name="général", kind="community").closed_at is not None


# When something goes wrong ------------------------------------------------------------------------------------------------


class Changed:
    """An archive whose messages pass through a function first."""

    def __init__(self, archive: Archive, change: Any) -> None:
        self._archive, self._change = archive, change
        self.source, self.size = archive.source, archive.size

    def records(self, after: int = 0) -> Iterator[Record]:
        for record in self._archive.records(after):
            yield self._change(record) if isinstance(record, MessageRecord) else record

    def close(self) -> None:
        self._archive.close()


def many(count: int) -> dict[str, Any]:
    return {DAY: [said(f"1740990600.{n:06}", f"Message {n}") for n in range(count)]}


def test_one_record_that_the_database_refuses_is_told_and_the_others_are_written(cast: Cast, tmp_path: Path) -> None:
    def spoil(message: MessageRecord) -> MessageRecord:
        return dataclasses.replace(message, at=dt.datetime(2025, 3, 3)) if "Message 7<" in message.body else message

    def refuse(rows: Any, **more: Any) -> Any:
        if any(row.at.tzinfo is None for row in rows):
            raise ValueError("no zone")
        return kept(rows, **more)

    kept = threads.publish_posts
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(threads, "publish_posts", refuse)
        run, problems = bring(Changed(slack(tmp_path, many(20)), spoil), cast, tmp_path)
    assert [str(one) for one in problems] == [
        "C1:1740990600.000007: This cannot be written (ValueError). It was skipped."
    ]
    assert (run.threads, run.problems) == (19, 1)


def test_an_import_that_was_cut_goes_on_where_it_stopped(cast: Cast, tmp_path: Path) -> None:
    class Cut(Exception):
        pass

    def cut(progress: Any) -> None:
        if progress.messages >= 12:
            raise Cut

    archive, path = slack(tmp_path, many(20)), tmp_path / "export.zip"
    run = open_run(cast.vauban, archive, path, {}, NOW)
    with pytest.raises(Cut):
        import_archive(run, archive, lambda: NOW, tell_progress=cut, chunk=5)
    again = open_run(cast.vauban, archive, path, {}, NOW)
    assert (again.pk, again.key, again.position) == (run.pk, run.key, run.position)
    import_archive(again, archive, lambda: NOW, chunk=5)
    assert (again.threads, again.known) == (20, 0)
    assert Item.objects.filter(kind=Kind.POST, batch=run.key).count() == 20


def test_two_imports_of_one_archive_do_not_run_together(cast: Cast, tmp_path: Path) -> None:
    archive, path = slack(tmp_path, many(20)), tmp_path / "export.zip"
    mine, other = (open_run(cast.vauban, archive, path, {}, NOW) for _ in range(2))
    import_archive(other, archive, lambda: NOW)
    with pytest.raises(Overtaken):
        import_archive(mine, archive, lambda: NOW)
    assert Item.objects.filter(kind=Kind.POST).count() == 20


def test_a_chunk_costs_a_fixed_number_of_queries(
    cast: Cast, tmp_path: Path, django_assert_max_num_queries: Any
) -> None:
    archive = slack(tmp_path, many(200))
    run = open_run(cast.vauban, archive, tmp_path / "export.zip", {}, NOW)
    with django_assert_max_num_queries(130):
        import_archive(run, archive, lambda: NOW, chunk=1000)


def test_an_archive_without_messages_is_imported(cast: Cast, tmp_path: Path) -> None:
    run, problems = bring(slack(tmp_path, {}), cast, tmp_path)
    assert (run.threads, run.groups, run.ended_at, problems) == (0, 2, NOW, [])
