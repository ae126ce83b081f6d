"""Every kind of item, in every form, as everybody who may see it."""

import pytest
from django.template import Context, Engine, engines

from parvis.core.files.actions import keep_file
from parvis.core.items.kinds import all_specs, cards
from parvis.core.items.models import Item, Kind
from parvis.work.communities.queries import widest_audience
from parvis.work.conversations.actions import publish_comment, publish_post, share
from tests.cast import Cast, as_, at

FORMS = ["card", "line", "mail", "plain"]
ROLES = ["claire", "paul", "nadia", "denise", "gaspard", "celine", "otto", "yann"]


@pytest.fixture
def house(cast: Cast) -> Cast:
    """Items of every kind, public and private, with files, answers and a share."""
    paper = keep_file("Relevé <b>.txt", [b"mesures"])
    for person, community in ((cast.claire, cast.soudure), (cast.denise, cast.direction), (cast.claire, cast.achats)):
        post = publish_post(
            as_(person),
            community.group,
            widest_audience(community),
            title="Buse & <i>focale</i>",
            body="<p>Réglée</p>",
            files=[paper],
        )
        publish_comment(as_(person, at(hours=2)), post, body="<p>Vu</p>", files=[paper])
    share(as_(cast.paul), post_of(cast), cast.soudure.group, widest_audience(cast.soudure), body="<p>Voyez</p>")
    return cast


def post_of(cast: Cast) -> Item:
    return Item.objects.get(kind=Kind.POST, place=cast.direction.group)


def engine() -> Engine:
    return engines["django"].engine


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_kind_is_shown_in_every_form_to_everybody_who_may_see_it(house: Cast, language: str) -> None:
    from django.utils import translation

    shown: set[tuple[str, str]] = set()
    with translation.override(language):
        for role in ROLES:
            viewer = as_(getattr(house, role))
            items = list(Item.objects.visible_to(viewer).select_related("author", "place", "root"))
            for card in cards(viewer, items):
                for form in FORMS:
                    context = Context(
                        {
                            "viewer": viewer,
                            "card": card,
                            "item": card.item,
                            "extra": card.extra,
                            "url": card.url,
                            "offers": card.offers,
                            "spec": card.spec,
                        }
                    )
                    words = engine().get_template(getattr(card.spec, form)).render(context)
                    said = card.item.title or card.item.text
                    assert said.split()[0] in words, (role, card.item.kind, form)
                    assert card.item.key in words or card.extra["place"].url in words
                    assert form == "plain" or "<i>focale" not in words
                    shown.add((card.item.kind, form))
    assert shown == {(spec.kind, form) for spec in all_specs() for form in FORMS}


def test_those_who_see_nothing_are_shown_nothing(house: Cast) -> None:
    for role in ("celine", "yann"):
        assert not Item.objects.visible_to(as_(getattr(house, role))).exists()


def test_cards_cost_the_same_number_of_queries_for_one_and_for_many(house: Cast, django_assert_max_num_queries) -> None:
    viewer = as_(house.claire)
    items = list(Item.objects.visible_to(viewer).filter(kind=Kind.POST).select_related("author", "place", "root"))
    with django_assert_max_num_queries(5):
        cards(viewer, items[:1])
    with django_assert_max_num_queries(5):
        assert len(cards(viewer, items)) > 1
