"""All kinds of items and all sorts of places, on one page."""

from parvis.core.files.kinds import DOCUMENT
from parvis.work.communities.kinds import COMMUNITY
from parvis.work.communities.places import COMMUNITY_PLACE
from parvis.work.conversations.kinds import COMMENT, POST

KINDS = [POST, COMMENT, COMMUNITY, DOCUMENT]
PLACES = [COMMUNITY_PLACE]
