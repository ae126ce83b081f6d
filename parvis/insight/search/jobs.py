"""What search does by itself: an index for the network that has none, the remains of interrupted rebuilds."""

from __future__ import annotations

import datetime as dt
import time

from django.utils import timezone

from parvis.core.items.models import ReaderCursor
from parvis.core.people.models import Network
from parvis.core.runtime.jobs import job
from parvis.insight.search import index
from parvis.insight.search.rarity import system_publish
from parvis.insight.search.readers import NAME, system_rebuild

_LEFT_BEHIND_S = 24 * 3600


@job("search.mend_indexes", every=dt.timedelta(minutes=10))
def mend_indexes() -> None:
    """Build the index of each network that has none (restored, wiped, of an older format) though it was read before."""
    index.system_sweep(_LEFT_BEHIND_S, time.time())
    if ReaderCursor.objects.filter(pk=NAME, position__gt=0).exists():
        for network_id in Network.objects.order_by("pk").values_list("pk", flat=True):
            if not index.is_built(network_id):
                system_rebuild(network_id)


@job("search.publish_rarity", every=dt.timedelta(days=1))
def publish_rarity() -> None:
    """Publish how rare words are in what everyone may see: the order of results moves with it once a day at most."""
    for network_id in Network.objects.order_by("pk").values_list("pk", flat=True):
        system_publish(network_id, timezone.now())
