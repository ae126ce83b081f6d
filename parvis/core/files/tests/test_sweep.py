"""The bytes of what was deleted go, unless somebody else's file holds the same."""

from collections.abc import Callable

from parvis.core.files.actions import keep_file
from parvis.core.files.blobs import path_of
from parvis.core.files.models import Blob, FileVersion
from parvis.core.items.actions import delete_item
from parvis.work.communities.queries import widest_audience
from parvis.work.conversations.actions import publish_post
from tests.cast import Cast, as_


def test_deleting_a_post_takes_its_files_away(
    cast: Cast, drain_log: Callable[[], int], django_capture_on_commit_callbacks
) -> None:
    place, audience = cast.soudure.group, widest_audience(cast.soudure)
    alone, shared = keep_file("a.txt", [b"seul"]), keep_file("b.txt", [b"commun"])
    gone = publish_post(as_(cast.claire), place, audience, body="<p>x</p>", files=[alone, shared])
    publish_post(as_(cast.paul), place, audience, body="<p>y</p>", files=[keep_file("c.txt", [b"commun"])])
    delete_item(as_(cast.claire), gone)
    with django_capture_on_commit_callbacks(execute=True):
        drain_log()
    assert list(Blob.objects.values_list("pk", flat=True)) == [shared.blob.pk]
    assert FileVersion.objects.count() == 1
    assert path_of(shared.blob.pk).exists() and not path_of(alone.blob.pk).exists()
