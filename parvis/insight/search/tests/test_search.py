"""Searching: what is found, by whom, and what is never told."""

from __future__ import annotations

import pytest

from parvis.core.items.actions import delete_item, edit_item, remove_item, restore_item, set_audience
from parvis.core.items.audiences import audience_of
from parvis.core.items.models import Item
from parvis.core.people.models import Person
from parvis.insight.search.engine import Filters
from parvis.insight.search.queries import RECENT, SearchPage, drafts_about, search
from parvis.work.communities.models import Community
from parvis.work.communities.queries import widest_audience
from parvis.work.conversations.actions import publish_comment, publish_post, save_post
from tests.cast import Cast, as_, at


def post(person: Person, place: Community, body: str = "", *, title: str = "", **later: float) -> Item:
    viewer = as_(person, at(**later) if later else None)
    return publish_post(viewer, place.group, widest_audience(place), title=title, body=f"<p>{body}</p>")


def keys(page: SearchPage) -> list[str]:
    return [hit.item.key for hit in page.hits]


def finds(person: Person, words: str, **how) -> list[str]:
    return keys(search(as_(person), words, **how))


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("La vidéo présentée hier", "presentee"),
        ("La vidéo presentee hier", "présentée"),
        ("Il faut présenter la pièce", "présentée"),
        ("Les employés de l’atelier", "employes"),
        ("Les employés de l’atelier", "employé"),
        ("Vos coordonnées sont à jour", "coordonnees"),
        ("Une coordonnée GPS", "coordonnées"),
        ("Voici l’équipe de nuit", "equipe"),
        ("Voici l'équipe de nuit", "l’équipe"),
        ("D’accord pour lundi", "accord"),
        ("Nous sommes d'accord", "d’accord"),
        ("Jusqu’ici tout va", "ici"),
        ("Le cœur de fusion", "coeur"),
        ("LE CŒUR", "cœur"),
        ("The meetings were long", "meeting"),
        ("He is running the tests", "run test"),
        ("Plan B est prêt", "plan b"),
        ("La norme EN 1090-2", "1090"),
        ("Buse de 1,4 sur alu", "alu 1,4"),
        ("Budget_2027.xlsx est joint", "budget xlsx"),
        ("Straße gesperrt", "strasse"),
        ("e\u0301tude de marche\u0301", "étude marché"),
    ],
)
def test_french_and_english_words_are_found_however_they_are_typed(cast: Cast, drain_log, said, asked) -> None:
    made = post(cast.claire, cast.soudure, said)
    post(cast.claire, cast.soudure, "Rien à voir")
    drain_log()
    assert finds(cast.paul, asked) == [made.key]


def test_all_words_come_before_some_of_them(cast: Cast, drain_log) -> None:
    one = post(cast.claire, cast.soudure, "Le faisceau chauffe beaucoup trop longtemps")
    both = post(cast.claire, cast.soudure, "Le débit d’eau du faisceau, pour ne rien cacher, baisse")
    drain_log()
    page = search(as_(cast.paul), "faisceau débit")
    assert keys(page) == [both.key, one.key]
    assert [hit.is_partial for hit in page.hits] == [False, True]


def test_quotes_and_minus_do_what_they_say(cast: Cast, drain_log) -> None:
    ordered = post(cast.claire, cast.soudure, "Un procédé de collage nouveau")
    other = post(cast.claire, cast.soudure, "Le collage, un procédé sans budget")
    drain_log()
    assert finds(cast.paul, '"procédé de collage"') == [ordered.key]
    assert finds(cast.paul, "« procede de collage »") == [ordered.key]
    assert set(finds(cast.paul, "procédé collage")) == {ordered.key, other.key}
    assert finds(cast.paul, "collage -budget") == [ordered.key]
    assert finds(cast.paul, 'collage -"procédé de collage"') == [other.key]
    assert set(finds(cast.paul, "proc*")) == {ordered.key, other.key}


def test_a_title_counts_more_than_a_body_and_early_more_than_late(cast: Cast, drain_log) -> None:
    late = post(cast.claire, cast.soudure, "Beaucoup de mots " * 20 + "refroidissement")
    early = post(cast.claire, cast.soudure, "Le refroidissement " + "et beaucoup de mots " * 20)
    titled = post(cast.claire, cast.soudure, "Voici.", title="Le refroidissement")
    drain_log()
    assert finds(cast.paul, "refroidissement") == [titled.key, early.key, late.key]


def test_a_thread_is_one_result_with_its_best_answer(cast: Cast, drain_log) -> None:
    thread = post(cast.claire, cast.soudure, "Qui peut aider ?", title="Buse bouchée")
    publish_comment(as_(cast.paul, at(hours=2)), thread, body="<p>Il faut de l’acétone</p>")
    best = publish_comment(as_(cast.nadia, at(hours=3)), thread, body="<p>Acétone, acétone : acétone seule</p>")
    drain_log()
    (hit,) = search(as_(cast.denise), "acetone").hits
    assert (hit.item, hit.head, hit.title_text, hit.also) == (best, thread, "Buse bouchée", 1)
    assert [piece.text for piece in hit.extract if piece.is_found] == ["Acétone", "acétone", "acétone"]


def test_what_somebody_may_not_see_is_not_found(cast: Cast, drain_log) -> None:
    post(cast.denise, cast.direction, "Le mot canari")
    drain_log()
    assert len(finds(cast.paul, "canari")) == 1
    for person in (cast.claire, cast.nadia, cast.gaspard, cast.celine, cast.otto, cast.yann):
        page = search(as_(person), "canari")
        assert (page.hits, page.count, page.places, page.proposals, page.cursor) == ([], 0, [], [], "")


def test_deleted_and_narrowed_items_are_gone_before_the_reader_ran(cast: Cast, drain_log) -> None:
    gone = post(cast.claire, cast.soudure, "Le mot canari")
    narrowed = post(cast.claire, cast.soudure, "Un autre canari")
    drain_log()
    delete_item(as_(cast.claire), gone)
    set_audience(as_(cast.claire), narrowed, audience_of(cast.vauban, [-cast.claire.pk]))
    page = search(as_(cast.paul), "canari")
    assert (page.hits, page.count, page.places) == ([], 0, [])
    assert finds(cast.claire, "canari") == [narrowed.key]
    drain_log()
    assert finds(cast.claire, "canari") == [narrowed.key]


def test_a_thread_follows_its_root_into_and_out_of_sight(cast: Cast, drain_log) -> None:
    thread = post(cast.claire, cast.soudure, "Question", title="Canari")
    publish_comment(as_(cast.paul), thread, body="<p>Réponse perruche</p>")
    drain_log()
    remove_item(as_(cast.claire), thread)
    drain_log()
    assert finds(cast.nadia, "perruche") == finds(cast.nadia, "canari") == []
    assert len(finds(cast.claire, "perruche")) == 1
    restore_item(as_(cast.claire), thread)
    drain_log()
    assert len(finds(cast.nadia, "perruche")) == 1
    set_audience(as_(cast.claire), thread, audience_of(cast.vauban, [cast.direction.group.pk]))
    drain_log()
    assert finds(cast.nadia, "perruche") == []
    assert len(finds(cast.denise, "perruche")) == 1


def test_an_edit_is_found_by_its_new_words_only(cast: Cast, drain_log) -> None:
    made = post(cast.claire, cast.soudure, "Le mot canari")
    drain_log()
    edit_item(as_(cast.claire), made, title="", body="<p>Le mot perruche</p>", revision=1)
    drain_log()
    assert finds(cast.paul, "canari") == []
    assert finds(cast.paul, "perruche") == [made.key]


def test_a_draft_is_not_found_until_it_is_published(cast: Cast, drain_log) -> None:
    from parvis.core.items.actions import publish

    draft = save_post(as_(cast.claire), cast.soudure.group, widest_audience(cast.soudure), title="", body="canari")
    drain_log()
    assert finds(cast.paul, "canari") == finds(cast.claire, "canari") == []
    publish(draft, at(hours=1))
    drain_log()
    assert finds(cast.paul, "canari") == [draft.key]


def test_filters_narrow_by_kind_place_author_and_time(cast: Cast, drain_log) -> None:
    claire = post(cast.claire, cast.soudure, "Le mot canari")
    answer = publish_comment(as_(cast.paul), claire, body="<p>canari aussi</p>")
    paul = post(cast.paul, cast.direction, "Un canari", days=3)
    drain_log()
    assert finds(cast.paul, "canari", filters=Filters(kinds=("comment",))) == [answer.key]
    assert finds(cast.paul, "canari", filters=Filters(place=cast.direction.group.pk)) == [paul.key]
    assert finds(cast.paul, "canari", filters=Filters(author=cast.claire.pk)) == [claire.key]
    day = int(at(days=2).timestamp())
    assert finds(cast.paul, "canari", filters=Filters(since=day)) == [paul.key]
    assert finds(cast.paul, "canari", filters=Filters(until=day, kinds=("post",))) == [claire.key]


@pytest.mark.parametrize("order", ["relevance", RECENT])
def test_pages_follow_one_another_without_gap_or_repetition(cast: Cast, drain_log, order: str) -> None:
    made = [post(cast.claire, cast.soudure, f"canari numéro {n}", hours=n + 1) for n in range(23)]
    publish_comment(as_(cast.paul, at(days=3)), made[3], body="<p>canari</p>")
    drain_log()
    seen: list[str] = []
    cursor, pages = "", 0
    while True:
        page = search(as_(cast.paul, at(days=4)), "canari", order=order, cursor=cursor, limit=5)
        seen += [(hit.head or hit.item).key for hit in page.hits]
        pages += 1
        if not page.cursor:
            break
        cursor = page.cursor
    assert pages == 5
    assert sorted(seen) == sorted(item.key for item in made)
    if order == RECENT:
        assert seen == [made[3].key, *(item.key for item in reversed(made) if item != made[3])]


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        '"',
        '""',
        "-",
        "--",
        '-"',
        "+",
        "*",
        "**",
        "( AND OR NOT )",
        "title:canari",
        "\x00",
        "a\x00b",
        "🐦",
        "🐦🐦 canari",
        "[* TO *]",
        "\\",
        "'",
        "’",
        "l'",
        "«",
        "» «",
        "%",
        "_",
        "[",
        "(((",
        "a" * 10_000,
        "mot " * 2500,
        '"a b c',
        "-canari",
        "é" * 3000,
        "\u202e\u0301\u200b",
        "<script>",
        "' OR 1=1 --",
        ".*",
        "a.*",
        "?*",
        "\ud83d".encode("utf-16", "surrogatepass").decode("utf-16", "replace"),
    ],
)
def test_anything_typed_gets_an_answer(cast: Cast, drain_log, typed: str) -> None:
    post(cast.claire, cast.soudure, "Le mot canari")
    drain_log()
    for order in ("relevance", RECENT):
        assert search(as_(cast.paul), typed, order=order) is not None


def test_a_search_costs_three_queries_for_one_result_or_thirty(
    cast: Cast, drain_log, django_assert_num_queries
) -> None:
    post(cast.claire, cast.soudure, "canari")
    drain_log()
    viewer = as_(cast.paul)
    with django_assert_num_queries(4):
        assert len(search(viewer, "canari", limit=50).hits) == 1
    for n in range(30):
        thread = post(cast.paul, [cast.soudure, cast.direction][n % 2], f"canari {n}")
        publish_comment(as_(cast.paul), thread, body="<p>canari</p>")
    drain_log()
    with django_assert_num_queries(4):
        assert len(search(viewer, "canari", limit=50).hits) == 31


def test_a_misspelt_word_is_proposed_as_something_visible_spells_it(cast: Cast, drain_log) -> None:
    post(cast.claire, cast.soudure, "Le refroidissement de la ligne")
    post(cast.denise, cast.direction, "La restructuration du site")
    drain_log()
    assert search(as_(cast.nadia), "refroidisement ligne").proposals == []  # one word has results
    assert search(as_(cast.nadia), "refroidisement").proposals == ["refroidissement"]
    assert search(as_(cast.nadia), "restructuraton").proposals == []
    assert search(as_(cast.paul), "restructuraton").proposals == ["restructuration"]


def test_a_name_finds_what_its_bearer_wrote_after_what_says_it(cast: Cast, drain_log) -> None:
    wrote = post(cast.claire, cast.soudure, "La buse est usée")
    answer = publish_comment(as_(cast.claire), post(cast.paul, cast.soudure, "Et le laser ?"), body="<p>En panne</p>")
    says = post(cast.paul, cast.soudure, "Il faut demander à Claire")
    drain_log()
    assert finds(cast.nadia, "claire")[0] == says.key
    assert set(finds(cast.nadia, "Claire")) == {says.key, wrote.key, answer.key}
    assert finds(cast.nadia, "claire martin buse")[0] == wrote.key
    assert set(finds(cast.nadia, "CLAIRE", order=RECENT)) == {says.key, wrote.key, answer.key}
    assert finds(cast.nadia, "clai") == [] and finds(cast.nadia, "clai*")
    assert finds(cast.nadia, '"claire martin"') == []  # between quotes: what is said, word for word


def test_a_name_that_changes_finds_at_once_and_never_by_whom_one_may_not_know(cast: Cast, drain_log) -> None:
    wrote = post(cast.claire, cast.achats, "La commande est partie")
    drain_log()
    assert finds(cast.gaspard, "claire") == [wrote.key]
    Person.objects.filter(pk=cast.claire.pk).update(name="Zoé Martin", sort_name="martin zoe")
    assert finds(cast.gaspard, "claire") == [] and finds(cast.gaspard, "zoé") == [wrote.key]
    open_to_all = post(cast.paul, cast.soudure, "Ailleurs")
    drain_log()
    set_audience(as_(cast.paul), open_to_all, audience_of(cast.vauban, {0, -cast.gaspard.pk}))
    drain_log()
    assert finds(cast.gaspard, "ailleurs") == [open_to_all.key]
    assert finds(cast.gaspard, "paul") == []  # a guest does not know Paul, though they may read this


def test_drafts_are_found_by_their_author_alone(cast: Cast, client_of, drain_log) -> None:
    audience = widest_audience(cast.soudure)
    save_post(as_(cast.claire), cast.soudure.group, audience, title="Perroquets", body="<p>bleu</p>")
    save_post(as_(cast.claire), cast.soudure.group, audience, title="", body="<p>Autre perroquet vert</p>")
    drain_log()
    titles = [hit.item.text for hit in drafts_about(as_(cast.claire), "perroquet")]
    assert sorted(titles) == ["Autre perroquet vert", "bleu"]
    assert [hit.item.text for hit in drafts_about(as_(cast.claire), "perroquet vert")] == ["Autre perroquet vert"]
    page = client_of(cast.claire).get("/vauban/search/?q=perroquet").content.decode()
    assert "Vos brouillons" in page and page.count("/vauban/drafts/") >= 2
    for person in (cast.paul, cast.nadia, cast.denise, cast.gaspard):
        assert drafts_about(as_(person), "perroquet") == []
        assert "erroquet" not in client_of(person).get("/vauban/search/?q=perroq").content.decode().replace(
            "perroq", ""
        )
