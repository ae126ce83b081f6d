"""All readers of the log, on one page: what happens after a deed?"""

from parvis.core.files.readers import FILES_SWEEP
from parvis.core.items.readers import Reader
from parvis.experience.notify.readers import ROUTE
from parvis.insight.search.readers import SEARCH_INDEX
from parvis.steering.measures.readers import COUNT

READERS: list[Reader] = [
    SEARCH_INDEX,  # words found
    FILES_SWEEP,  # bytes of deleted documents gone
    ROUTE,  # people told of what concerns them
    COUNT,  # deeds counted, of no person
]
