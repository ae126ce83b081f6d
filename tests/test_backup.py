"""Backups, tried: restored into another cluster, or into the other database, readers go on where they stood."""

import json
import tarfile
from pathlib import Path

import pytest

from tests.databases import ENGINES, Databases
from tests.installation import Installation

pytestmark = pytest.mark.slow

MAKE = """
from parvis.core.people.actions import *
from parvis.work.communities.actions import *
from parvis.work.communities.queries import widest_audience
from parvis.work.conversations.actions import *
from parvis.core.files.actions import keep_file
from parvis.core.people.viewer import viewer_for
from parvis.core.items.readers import drain
from parvis.core.items.models import *
from parvis.web.readers import READERS
now = dt.datetime(2026, 11, 18, 9, 30, tzinfo=dt.UTC)
net = create_network("vauban", "Ateliers Vauban – été", now)
claire, paul = create_people(net, [NewPerson("Claire Martin", emails=["claire@vauban.example"], verified=True), NewPerson("Paul")], now)
(place,) = create_communities(net, [NewCommunity("Soudure & laser", claire, members=[paul])], now)
v = viewer_for(claire, now)
posts = [publish_post(v, place.group, widest_audience(place), title=f"Cordon n° {n}", body="<p>Réglé à 12 bars.</p>") for n in range(5)]
publish_comment(viewer_for(paul, now), posts[0], body="<p>Merci, c’est noté.</p>", files=[keep_file("relevé.csv", [b"a;b\\n1;2\\n"])])
drain(READERS, now)
last = publish_post(v, place.group, widest_audience(place), title="Pas encore lu", body="<p>…</p>")
# the newest signal is gone (as views are after 90 days): its position must not be given again
Signal.objects.filter(item=last).delete()
answer = [posts[1].key, last.position]
"""

LOOK = """
from parvis.core.items.models import *
from parvis.core.files.models import *
from parvis.core.people.models import *
answer = {
    "items": [[str(x) for x in row] for row in Item.objects.order_by("pk").values_list("key", "kind", "title", "body", "audience__digest", "place__key", "created_at", "position", "answers")],
    "signals": [[str(x) for x in row] for row in Signal.objects.order_by("position").values_list("position", "verb", "item_id", "fanout", "at")],
    "cursors": sorted(ReaderCursor.objects.values_list("reader", "position")),
    "people": sorted(Person.objects.values_list("key", "name")), "blobs": sorted(Blob.objects.values_list("pk", flat=True)),
}
"""

GO_ON = """
from parvis.core.items.models import *
from parvis.core.items.readers import drain, step
from parvis.core.people.models import *
from parvis.core.people.viewer import viewer_for
from parvis.work.conversations.actions import publish_comment
from parvis.web.readers import READERS
now = dt.datetime(2026, 11, 19, 9, 30, tzinfo=dt.UTC)
waiting = {r.name: Signal.objects.filter(position__gt=ReaderCursor.objects.get(pk=r.name).position).count() for r in READERS}
post = Item.objects.filter(kind="post", deleted_at=None).order_by("pk").first()
made = publish_comment(viewer_for(Person.objects.get(name="Paul"), now), post, body="<p>Après la restauration.</p>")
passed = {r.name: step(r, now) for r in READERS}
answer = {"position": made.position, "waiting": waiting, "passed": passed}
"""


@pytest.mark.parametrize("target", ENGINES)
@pytest.mark.parametrize("source", ENGINES)
def test_a_restored_installation_is_the_same_and_its_readers_go_on(
    source: str, target: str, tmp_path: Path, fresh_database: Databases
) -> None:
    old = Installation(tmp_path / "old", fresh_database(source))
    old.migrate()
    _deleted, highest = old.python(MAKE)
    old.parvis("backup", str(tmp_path / "parvis.tar"))
    before = old.python(LOOK)

    new = Installation(tmp_path / "new", fresh_database(target))
    new.parvis("restore", str(tmp_path / "parvis.tar"))
    assert new.python(LOOK) == before
    for digest in before["blobs"]:
        assert (new.data / "blobs" / digest[:2] / digest).read_bytes() == b"a;b\n1;2\n"
    later = new.python(GO_ON)
    assert later["position"] > highest, "a position was given twice: readers would pass over it"
    assert set(later["waiting"].values()) <= {0}
    assert set(later["passed"].values()) <= {1}


def test_what_was_deleted_after_a_backup_does_not_come_back(tmp_path: Path) -> None:
    old = Installation(tmp_path / "old")
    old.migrate()
    deleted, _ = old.python(MAKE)
    old.parvis("backup", str(tmp_path / "parvis.tar"))
    old.python(
        "from parvis.core.items.actions import delete_item\nfrom parvis.core.items.models import Item\n"
        "from parvis.core.people.models import Person\nfrom parvis.core.people.viewer import viewer_for\n"
        f"item = Item.objects.get(key={deleted!r})\n"
        "delete_item(viewer_for(item.author, dt.datetime(2026, 11, 20, tzinfo=dt.UTC)), item)\nanswer = 1"
    )
    new = Installation(tmp_path / "new")
    new.parvis("restore", str(tmp_path / "parvis.tar"), "--erasures", str(old.data / "erasures.jsonl"))
    state = {row[0]: row for row in new.python(LOOK)["items"]}
    assert state[deleted][2:4] == ["", ""]


def test_a_damaged_or_foreign_backup_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    old = Installation(tmp_path / "old")
    old.migrate()
    old.python(MAKE)
    whole = tmp_path / "parvis.tar"
    old.parvis("backup", str(whole))
    new = Installation(tmp_path / "new")
    damaged = tmp_path / "damaged.tar"
    damaged.write_bytes(whole.read_bytes().replace("Réglé à 12 bars".encode(), "Réglé à 99 bars".encode()))
    (tmp_path / "not.tar").write_text("nothing of the kind")
    for bad, says in (
        (damaged, "damaged"),
        (tmp_path / "not.tar", "not a Parvis backup"),
        (tmp_path / "none.tar", "no file"),
    ):
        done = new.parvis("restore", str(bad), check=False)
        assert done.returncode == 1 and says in done.stderr
    new.parvis("restore", str(whole))
    assert "not empty" in new.parvis("restore", str(whole), check=False).stderr


def test_a_backup_is_written_over_no_other_file(tmp_path: Path) -> None:
    place = Installation(tmp_path / "data")
    place.migrate()
    kept = tmp_path / "notes.txt"
    kept.write_text("mine")
    done = place.parvis("backup", str(kept), check=False)
    assert (done.returncode, kept.read_text()) == (1, "mine") and "is there already" in done.stderr
    (tmp_path / "file").write_text("")
    done = place.parvis("backup", str(tmp_path / "file" / "parvis.tar"), check=False)
    assert done.returncode == 1 and "Traceback" not in done.stderr


def test_a_backup_holds_no_keys_and_no_sessions(tmp_path: Path) -> None:
    old = Installation(tmp_path / "old")
    old.migrate()
    old.python(MAKE)
    old.parvis("backup", str(tmp_path / "parvis.tar"))
    with tarfile.open(tmp_path / "parvis.tar") as archive:
        names = archive.getnames()
        manifest = json.loads(archive.extractfile("manifest.json").read())  # type: ignore[union-attr]
    assert not any("secret" in name or "session" in name for name in names)
    assert "django_session" not in manifest["tables"]
    secret = (old.data / "secrets" / "secret_key").read_bytes().strip()
    assert secret not in (tmp_path / "parvis.tar").read_bytes()
