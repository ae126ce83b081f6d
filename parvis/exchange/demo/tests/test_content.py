"""The story as told: it reads well, in French typography, and nothing in it leads nowhere."""

import datetime as dt
import re
from zoneinfo import ZoneInfo

import pytest

from parvis.exchange.demo.attachments import ATTACHMENTS
from parvis.exchange.demo.cast import CAST, PARTS, character
from parvis.exchange.demo.script import LINK, Entry, Place, Story, read_places
from parvis.exchange.demo.typography import typeset
from parvis.exchange.demo.wording import worded
from parvis.exchange.demo.workdays import LUNCH, Calendar, easter, is_working

PARIS = ZoneInfo("Europe/Paris")
MOMENTS = [
    dt.datetime(2026, 11, 23, 20, 55, tzinfo=PARIS),
    dt.datetime(2026, 11, 24, 9, 30, tzinfo=PARIS),
    dt.datetime(2026, 11, 24, 7, 0, tzinfo=PARIS),
    dt.datetime(2026, 11, 29, 15, 0, tzinfo=PARIS),  # a Sunday
    dt.datetime(2027, 1, 1, 12, 0, tzinfo=PARIS),
    dt.datetime(2027, 3, 28, 3, 30, tzinfo=PARIS),  # an hour after the clocks changed
    dt.datetime(2028, 5, 25, 13, 0, tzinfo=PARIS),  # Ascension day
]
STORIES = [(place, story) for place in read_places() for story in place.stories]
ENTRIES = [(place, story, number, entry) for place, story in STORIES for number, entry in enumerate(story.entries)]


def _told(entry: Entry, text: str, calendar: Calendar, story: Story) -> str:
    written = calendar.instant(entry.day, entry.at, story.name).astimezone(PARIS).date()
    return typeset(worded(text, entry.language, calendar, written), entry.language)


def _all_french() -> list[tuple[str, str]]:
    calendar = Calendar(MOMENTS[0])
    texts = [(s.name, _told(e, e.text, calendar, s)) for _, s, _, e in ENTRIES if e.language == "fr"]
    titles = [(s.name, _told(s.entries[0], s.title, calendar, s)) for _, s in STORIES if s.entries[0].language == "fr"]
    places = [(p.slug, typeset(text, "fr")) for p in read_places() for text in (p.name, p.purpose, p.welcome)]
    people = [(c.name, typeset(text, "fr")) for c in CAST if c.language == "fr" for text in (c.name, c.title, c.about)]
    return texts + titles + places + people


def test_there_is_enough_to_read() -> None:
    comments = len(ENTRIES) - len(STORIES)
    assert 6 <= len(read_places()) <= 10
    assert 60 <= len(STORIES) <= 100
    assert 250 <= comments <= 400


def test_french_is_typeset() -> None:
    wrong = {
        "a breaking space before ; : ! ? » % or after «": re.compile(r" [;:!?»%]|« "),
        "no space before ; ! ?": re.compile(r"[\w)»*][;!?](?=\s|$)"),
        "no space before :": re.compile(r"[\w)»*]:(?=\s|$)"),
        "two spaces": re.compile(r"[ \u00a0\u202f]{2}"),
        "a straight quote or apostrophe": re.compile(r"[\"']"),
        "three dots": re.compile(r"\.\.\."),
        "English quotes": re.compile(r"[“”]"),
        "an exclamation mark": re.compile(r"!"),
        "a macro left over": re.compile(r"[{}]"),
        "a space at the end of a line": re.compile(r"[ \u00a0]$", re.M),
    }
    found = [
        f"{name}: {what}: …{text[max(0, m.start() - 20) : m.end() + 20]}…"
        for name, text in _all_french()
        for what, pattern in wrong.items()
        for m in pattern.finditer(text)
    ]
    assert found == []


def test_english_is_typeset() -> None:
    calendar = Calendar(MOMENTS[0])
    wrong = re.compile(r"[\"'{}]|  | [;:!?]")
    english = [(s.name, _told(e, e.text, calendar, s)) for _, s, _, e in ENTRIES if e.language == "en"]
    # A date in words takes no preposition: "on tomorrow" is not English.
    wordy = re.compile(r"\bon (?:today|tomorrow|yesterday)\b")
    assert [name for name, text in english if wrong.search(text) or wordy.search(text)] == []


def test_typesetting_twice_changes_nothing() -> None:
    assert [name for name, text in _all_french() if typeset(text, "fr") != text] == []


def test_code_is_not_typeset() -> None:
    assert typeset("l'outil `a ? 'b' : c`", "fr") == "l’outil `a ? 'b' : c`"


def test_names_of_threads_and_people_are_unique() -> None:
    names = [story.name for _, story in STORIES]
    assert len(names) == len(set(names))
    assert len({c.name for c in CAST}) == len(CAST)


@pytest.mark.parametrize(("place", "story"), STORIES, ids=[s.name for _, s in STORIES])
def test_everybody_named_exists_and_belongs(place: Place, story: Story) -> None:
    belong = {place.owner, *place.moderators, *place.members}
    for entry in story.entries:
        assert character(entry.author).kind != "contact"
        assert entry.author in belong, f"{entry.author} writes in {place.name}"
        for name in entry.mentions:
            assert name in belong, f"{name} is mentioned in {place.name}"


def test_nobody_writes_or_is_mentioned_before_coming() -> None:
    for _, story, _, entry in ENTRIES:
        for name in (entry.author, *entry.mentions):
            since = character(name).since
            assert since is None or since <= entry.day, f"{name} in {story.name}"


def test_guests_belong_only_where_the_community_says_so() -> None:
    for place in read_places():
        outsiders = [n for n in place.members if character(n).kind == "guest"]
        assert bool(outsiders) == place.has_guests


def test_links_lead_to_threads_told_before_that_the_same_people_may_read() -> None:
    homes = {story.name: (place, story) for place, story in STORIES}
    slugs = {place.slug: place for place in read_places()}
    for place, story, _, entry in ENTRIES:
        for _words, community, name in LINK.findall(entry.text):
            target = slugs[name] if community else homes[name][0]
            assert target.is_open or target is place, f"{story.name} links into the private {target.name}"
            if not community:
                first = homes[name][1].entries[0]
                assert (first.day, first.at) < (entry.day, entry.at), f"{story.name} links to {name} too early"


def test_each_thread_is_told_in_order() -> None:
    for _, story in STORIES:
        told = [(e.day, e.at) for e in story.entries]
        assert told == sorted(told), story.name
        assert len(set(told)) == len(told), story.name


@pytest.mark.parametrize("now", MOMENTS, ids=str)
def test_nobody_writes_in_the_future_on_days_off_at_lunch_or_at_night(now: dt.datetime) -> None:
    calendar = Calendar(now, seed=7)
    for _, story in STORIES:
        told = [calendar.instant(e.day, e.at, story.name) for e in story.entries]
        assert told == sorted(set(told)), story.name
        for moment in told:
            local = moment.astimezone(PARIS)
            assert moment <= now, story.name
            assert is_working(local.date()), story.name
            assert dt.time(6, 30) <= local.time() <= dt.time(18, 40), story.name
            assert not LUNCH[0] < local.time() < LUNCH[1], story.name


def test_the_story_ends_today_when_the_day_has_begun() -> None:
    now = MOMENTS[1]
    last = max(Calendar(now).instant(e.day, e.at, s.name) for _, s, _, e in ENTRIES)
    assert dt.timedelta(0) <= now - last < dt.timedelta(hours=2)


def test_the_same_seed_and_moment_tell_the_same_story() -> None:
    def told(seed: int) -> list[dt.datetime]:
        calendar = Calendar(MOMENTS[0], seed=seed)
        return [calendar.instant(e.day, e.at, s.name) for _, s, _, e in ENTRIES]

    assert told(1) == told(1)
    assert told(1) != told(2)


@pytest.mark.parametrize(("year", "day"), [(2024, "03-31"), (2026, "04-05"), (2027, "03-28"), (2038, "04-25")])
def test_easter(year: int, day: str) -> None:
    assert easter(year) == dt.date.fromisoformat(f"{year}-{day}")


def test_dates_are_worded_by_nearness() -> None:
    calendar = Calendar(MOMENTS[0])  # Monday 23 November
    monday = dt.date(2026, 11, 23)
    assert (
        worded("{J-1} {J} {J+1} {J+4} {J+6}", "fr", calendar, monday)
        == "Vendredi aujourd'hui demain vendredi le 1er décembre"
    )
    assert worded("avant {J+1 jour} {J+8 date}", "fr", calendar, monday) == "avant mardi jeudi 3 décembre"
    assert worded("fin de {mois-1} {an+1}", "fr", calendar, monday) == "fin d'octobre 2027"
    assert worded("by {J+1}, {J+6}", "en", calendar, monday) == "by tomorrow, 1 December"


def test_every_attachment_named_exists_and_is_used() -> None:
    named = [name for _, _, _, entry in ENTRIES for name in entry.files]
    assert sorted(named) == sorted(ATTACHMENTS)
    for name, make in ATTACHMENTS.items():
        assert 100 < len(make()) < 200_000, name
        assert make() == make(), name


def test_each_of_the_six_has_somebody_waiting_for_an_answer() -> None:
    stories = {story.name: (place, story) for place, story in STORIES}
    for part in PARTS:
        waiting = 0
        for _words, name in part.tries:
            place, story = stories[name]
            assert part.name in {place.owner, *place.members, *place.moderators}
            asked = [e for e in story.entries if part.name in e.mentions]
            answered = any(e.author == part.name and e.day >= asked[-1].day for e in story.entries) if asked else True
            waiting += bool(asked) and not answered
        assert waiting, part.name
