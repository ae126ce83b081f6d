"""All readers of the log, on one page: what happens after a deed?"""

from parvis.core.items.readers import Reader

READERS: list[Reader] = []
