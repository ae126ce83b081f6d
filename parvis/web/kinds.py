"""All kinds of items, on one page."""

from parvis.core.files.kinds import DOCUMENT
from parvis.work.communities.kinds import COMMUNITY
from parvis.work.conversations.kinds import COMMENT, POST

KINDS = [POST, COMMENT, COMMUNITY, DOCUMENT]
