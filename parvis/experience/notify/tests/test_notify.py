"""People are told of what concerns them, once, on the page and by mail, and only while they may see it."""

import email
import email.policy

import pytest
from django.urls import reverse
from django_tasks_db.models import DBTaskResult

from parvis.core.items.actions import delete_item, edit_item, mark_seen, set_audience, widen
from parvis.core.items.audiences import audience_of
from parvis.core.items.models import Item, Origin, ReaderCursor, SetAside
from parvis.core.items.readers import drain
from parvis.core.mail.models import Outgoing
from parvis.core.people.actions import remove_members
from parvis.core.people.models import Person
from parvis.core.people.viewer import EVERYONE
from parvis.core.runtime import env
from parvis.experience.notify import actions
from parvis.experience.notify.actions import set_mail, system_enqueue_days, system_mail_day, system_mail_one
from parvis.experience.notify.models import Notification, Wish
from parvis.experience.notify.queries import notices
from parvis.experience.notify.readers import ROUTE
from parvis.work.communities.actions import NewCommunity, add, create_communities
from parvis.work.communities.models import Visibility
from parvis.work.communities.queries import widest_audience
from parvis.work.conversations.actions import publish_comment, publish_post
from tests.cast import Cast, as_, at


@pytest.fixture(autouse=True)
def from_here(cast: Cast) -> None:
    drain([ROUTE], at())  # what made the cast is told already
    Notification.objects.all().delete()
    DBTaskResult.objects.all().delete()


def _post(cast: Cast, who: Person, community=None, **more) -> Item:
    community = community or cast.soudure
    return publish_post(
        as_(who), community.group, widest_audience(community), title="Laser", body="<p>Canari</p>", **more
    )


def _told(person: Person | None = None, channel: str = "page") -> list[tuple[str, str]]:
    rows = Notification.objects.filter(channel=channel).order_by("pk")
    if person is not None:
        rows = rows.filter(recipient=person)
    return [(n.recipient.name.split()[0], n.reason) for n in rows]


def _read() -> None:
    drain([ROUTE], at(hours=1))
    assert not SetAside.objects.exists()


def _mails() -> list[email.message.EmailMessage]:
    paths = sorted((env.data_folder() / "mail").glob("*.eml"))
    return [email.message_from_bytes(p.read_bytes(), policy=email.policy.default) for p in paths]


def test_an_answer_tells_who_began_the_thread_and_who_is_answered_but_not_its_author(cast: Cast) -> None:
    post = _post(cast, cast.claire)
    first = publish_comment(as_(cast.paul), post, body="<p>Oui</p>")
    publish_comment(as_(cast.denise), post, body="<p>Non</p>", parent=first)
    publish_comment(as_(cast.claire), post, body="<p>Bien</p>")
    _read()
    assert _told() == [("Claire", "answered_thread"), ("Claire", "answered_thread"), ("Paul", "answered_me")]


def test_a_mention_is_told_once_and_before_any_other_reason(cast: Cast) -> None:
    post = _post(cast, cast.claire, mentions=[cast.nadia])
    publish_comment(as_(cast.paul), post, body="<p>x</p>", mentions=[cast.claire, cast.paul])
    _read()
    assert _told() == [("Nadia", "mentioned"), ("Claire", "mentioned")]


def _edit(who: Person, item: Item, mentions: list[Person], words: str) -> Item:
    item.refresh_from_db()
    return edit_item(
        as_(who), item, title=item.title, body=f"<p>{words}</p>", revision=item.revision, mentions=mentions
    )


def test_a_mention_added_by_an_edit_is_told_once_to_those_who_were_not_named(cast: Cast) -> None:
    post = _post(cast, cast.claire, mentions=[cast.nadia])
    _read()
    _edit(cast.claire, post, [cast.nadia, cast.paul, cast.claire], "un")
    _read()
    assert _told() == [("Nadia", "mentioned"), ("Paul", "mentioned")]
    _edit(cast.claire, post, [], "deux")
    _edit(cast.claire, post, [cast.paul, cast.nadia, cast.denise], "trois")
    drain([ROUTE], at(hours=1))
    assert _told()[2:] == [("Denise", "mentioned")]
    assert _told(cast.paul, "mail") == [("Paul", "mentioned")]


def test_an_edit_that_comes_before_anybody_was_told_tells_once(cast: Cast) -> None:
    post = _post(cast, cast.claire)
    _edit(cast.claire, post, [cast.paul], "un")
    _edit(cast.claire, post, [], "deux")
    _edit(cast.claire, post, [cast.paul], "trois")
    _edit(cast.claire, post, [cast.paul, cast.nadia], "quatre")
    _edit(cast.claire, post, [cast.paul], "cinq")
    _read()
    assert _told() == [("Paul", "mentioned")]


def test_an_edit_never_tells_somebody_who_may_not_open_it(cast: Cast) -> None:
    post = _post(cast, cast.paul, cast.direction)
    _edit(cast.paul, post, [cast.nadia, cast.denise, cast.gaspard, cast.celine], "un")
    _read()
    assert _told() == [("Denise", "mentioned")]


def test_editing_on_the_page_names_people(cast: Cast, client_of) -> None:
    post = _post(cast, cast.claire)
    sent = {"title": "Laser", "body": "Avec @Paul Renaud et @Gaspard Hervé", "revision": "1"}
    assert client_of(cast.claire).post(reverse("item_edit", args=["vauban", post.key]), sent).status_code == 302
    _read()
    assert _told() == [("Paul", "mentioned")]


def test_those_to_whom_one_writes_by_name_are_told_and_hear_the_answers(cast: Cast) -> None:
    people = [cast.paul, cast.nadia]
    audience = audience_of(cast.vauban, {-p.pk for p in [cast.claire, *people]})
    post = publish_post(as_(cast.claire), None, audience, body="<p>x</p>", recipients=people, mentions=[cast.nadia])
    publish_comment(as_(cast.paul), post, body="<p>y</p>")
    _read()
    assert sorted(_told()) == [
        ("Claire", "answered_thread"), ("Nadia", "answered_thread"), ("Nadia", "mentioned"), ("Paul", "written"),
    ]  # fmt: skip


def test_who_is_added_to_a_community_is_told_and_who_joins_is_not(cast: Cast) -> None:
    from parvis.work.communities.actions import join

    add(as_(cast.claire), cast.soudure, [cast.nadia])
    join(as_(cast.denise), cast.soudure)
    _read()
    assert _told() == [("Nadia", "added")]
    (notice,) = notices(as_(cast.nadia))
    assert notice.card.item == cast.soudure.item


def test_what_was_imported_tells_nobody(cast: Cast) -> None:
    from parvis.core.items.actions import NewItem, create_items

    root = _post(cast, cast.claire)
    row = NewItem("comment", cast.paul, root.audience, at(), place=root.place, root=root, body="<p>x</p>")
    for origin in (Origin.IMPORT, Origin.DEMO, Origin.CONNECTOR):
        create_items([row], origin=origin)
    _read()
    assert _told() == []


def test_reading_the_same_signals_again_tells_nobody_twice(cast: Cast) -> None:
    publish_comment(as_(cast.paul), _post(cast, cast.claire), body="<p>x</p>")
    before = ReaderCursor.objects.get(pk=ROUTE.name).position
    _read()
    jobs = DBTaskResult.objects.count()
    ReaderCursor.objects.filter(pk=ROUTE.name).update(position=before)
    _read()
    assert _told() == [("Claire", "answered_thread")] == _told(channel="mail")
    assert DBTaskResult.objects.count() == jobs == 1


def test_who_may_not_see_it_is_neither_told_nor_shown_nor_mailed(cast: Cast) -> None:
    post = _post(cast, cast.denise, cast.direction, mentions=[cast.nadia, cast.paul, cast.yann, cast.celine])
    _read()
    assert _told() == [("Paul", "mentioned")]
    remove_members(cast.direction.group, [cast.paul], at(hours=1), actor=cast.denise)
    assert notices(as_(cast.paul, at(hours=2))) == []
    assert not system_mail_one(Notification.objects.first().position, cast.paul.pk, at(hours=2))
    assert _mails() == [] and not Outgoing.objects.exists() and post


def test_a_mail_leaves_once_with_the_words_and_the_thread_it_belongs_to(cast: Cast) -> None:
    post = _post(cast, cast.claire)
    comment = publish_comment(as_(cast.paul), post, body="<p>Bonne idée & merci</p>")
    _read()
    for _ in range(2):
        system_mail_one(comment.position, cast.claire.pk, at(hours=2))
    (mail,) = _mails()
    assert (
        mail["To"] == "claire@vauban.example"
        and mail["Subject"] == "Paul Renaud a répondu dans votre conversation · Laser"
    )
    assert mail["References"] == mail["In-Reply-To"] and cast.soudure.group.key in mail["List-Id"]
    text = mail.get_body(("plain",)).get_content()
    assert text.count(f"/t/{post.key}?at={comment.key}#") == 1
    assert "Bonne idée & merci" in text and post.key in text and "Choisir quand viennent les e-mails" in text
    assert "Bonne idée &amp; merci" in mail.get_body(("html",)).get_content()


def test_a_mail_does_not_name_a_community_that_its_reader_may_not_know_of(cast: Cast) -> None:
    row = NewCommunity("Rachat Zebulon", cast.denise, visibility=Visibility.SECRET, members=[cast.paul])
    (secret,) = create_communities(cast.vauban, [row], at())
    post = _post(cast, cast.paul, secret)
    widen(as_(cast.paul), post, [EVERYONE])
    comment = publish_comment(as_(cast.paul), post, body="<p>Voyez, Nadia</p>", mentions=[cast.nadia, cast.denise])
    _read()
    for person in (cast.nadia, cast.denise):
        system_mail_one(comment.position, person.pk, at(hours=2))
    mails = {mail["To"]: mail.as_string() for mail in _mails()}
    assert "Zebulon" in mails["denise@vauban.example"]
    assert "Zebulon" not in mails["nadia@vauban.example"] and "Voyez" in mails["nadia@vauban.example"]


@pytest.mark.parametrize("how", ["read", "shown", "deleted", "moved", "never", "left"])
def test_a_mail_that_no_longer_has_to_be_does_not_leave(cast: Cast, how: str) -> None:
    post = _post(cast, cast.claire)
    comment = publish_comment(as_(cast.paul), post, body="<p>Oui</p>")
    _read()
    if how == "read":
        mark_seen(cast.claire, post, comment.position)
    elif how == "shown":
        actions.note_shown(as_(cast.claire), comment.position)
        actions.flush()
    elif how == "deleted":
        delete_item(as_(cast.paul), comment)
    elif how == "moved":
        set_audience(as_(cast.claire), post, audience_of(cast.vauban, [-cast.paul.pk]))
    elif how == "never":
        set_mail(as_(cast.claire), "never")
    else:
        Person.objects.filter(pk=cast.claire.pk).update(state="left")
    assert not system_mail_one(comment.position, cast.claire.pk, at(hours=2)) and _mails() == []
    assert not Notification.objects.filter(channel="mail", ended_at=None).exists()


def test_who_has_no_verified_address_is_told_on_the_page_only(cast: Cast) -> None:
    from parvis.core.people.models import Address

    Address.objects.filter(person=cast.claire).update(verified_at=None)
    publish_comment(as_(cast.paul), _post(cast, cast.claire), body="<p>x</p>")
    _read()
    assert (
        _told() == [("Claire", "answered_thread")] and _told(channel="mail") == [] and not DBTaskResult.objects.exists()
    )


def test_once_a_day_all_comes_in_one_mail_in_the_morning_of_the_reader(cast: Cast) -> None:
    set_mail(as_(cast.claire), "daily")
    post = _post(cast, cast.claire)
    for _ in range(3):
        publish_comment(as_(cast.paul), post, body="<p>Oui</p>")
    _read()
    assert not DBTaskResult.objects.exists()
    assert system_enqueue_days(at(hours=12)) == 0  # the same evening
    assert system_enqueue_days(at(hours=21.4)) == 0 and system_enqueue_days(at(hours=21.6)) == 1  # 7:54, 8:06 in Paris
    assert system_mail_day(cast.claire.pk, at(hours=22)) and not system_mail_day(cast.claire.pk, at(hours=22))
    (mail,) = _mails()
    assert mail["Subject"] == "3 choses vous attendent" and system_enqueue_days(at(hours=23)) == 0
    assert Wish.objects.get().digest_at == at(hours=22)


def test_a_list_costs_the_same_for_one_notice_and_for_thirty(cast: Cast, django_assert_num_queries) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    post = _post(cast, cast.claire)
    publish_comment(as_(cast.paul), post, body="<p>x</p>")
    _read()
    viewer = as_(cast.claire)
    with CaptureQueriesContext(connection) as one:
        assert len(notices(viewer)) == 1
    for _ in range(30):
        publish_comment(as_(cast.paul), post, body="<p>x</p>")
    _read()
    with django_assert_num_queries(len(one)):
        assert len(notices(viewer)) == 30


# The pages


def _url(cast: Cast, name: str = "notifications") -> str:
    return reverse(name, args=[cast.vauban.slug])


def test_the_page_tells_and_marks_what_it_showed(cast: Cast, client_of) -> None:
    publish_comment(as_(cast.paul), _post(cast, cast.claire), body="<p>Canari</p>")
    _read()
    page = client_of(cast.claire).get(_url(cast)).content.decode()
    assert "Paul Renaud a répondu dans votre conversation" in page and 'id="fresh"' in page
    actions.flush()
    page = client_of(cast.claire).get(_url(cast)).content.decode()
    assert 'id="fresh"' not in page and 'id="former"' in page
    assert "Paul" not in client_of(cast.nadia).get(_url(cast)).content.decode()


@pytest.mark.parametrize("name", ["notifications", "notification_settings"])
def test_outsiders_get_404_and_the_signed_out_a_door(cast: Cast, client_of, name: str) -> None:
    assert client_of(cast.otto).get(_url(cast, name)).status_code == 404
    assert client_of(None).get(_url(cast, name)).status_code == 302


def test_a_page_that_does_not_exist_is_a_bad_request_and_the_list_is_only_read(cast: Cast, client_of) -> None:
    assert client_of(cast.claire).get(_url(cast), {"before": "x"}).status_code == 400
    assert client_of(cast.claire).post(_url(cast)).status_code == 405


def test_one_chooses_when_mails_come(cast: Cast, client_of) -> None:
    client = client_of(cast.claire)
    page = client.get(_url(cast, "notification_settings")).content.decode()
    assert "Au fil de l’eau" in page and "Une fois par jour" in page and "Jamais" in page
    assert client.post(_url(cast, "notification_settings"), {"mail": "daily"}).status_code == 302
    assert Wish.objects.get(person=cast.claire).mail == "daily"
    assert client.post(_url(cast, "notification_settings"), {"mail": "hourly"}).status_code == 422
    assert client.delete(_url(cast, "notification_settings")).status_code == 405


def test_deeds_before_the_first_worker_are_told(cast: Cast) -> None:
    ReaderCursor.objects.filter(reader=ROUTE.name).delete()
    post = _post(cast, cast.claire, mentions=[cast.paul])
    drain([ROUTE], at())
    assert Notification.objects.filter(recipient=cast.paul, item=post).exists()
