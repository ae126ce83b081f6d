"""Pages that change while one looks at them, by server-sent events.

A page that listens says so on one element, with the position of the log that it shows (`core.items.log.head()`, read
before its own queries, or the thread's):

    <div data-stream-thread="KEY" data-position="{{ position }}" data-answers-url="…">   a thread's page
    <div data-stream-feed="PLACE KEY or empty" data-position="{{ position }}">            a list with the pill "3 new"

Without JavaScript, or with streams away, the same pages merely do not move.
"""
