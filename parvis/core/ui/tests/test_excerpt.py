"""The beginning of a text."""

from parvis.core.ui.excerpt import plain_excerpt


def test_tags_go_and_blocks_stay_apart():
    assert plain_excerpt("<p>One <b>two</b>.</p><ul><li>three</li><li>four</li></ul>") == "One two. three four"


def test_entities_become_characters_and_comparisons_stay():
    assert plain_excerpt("<p>R&amp;D: 3 &lt; 4</p>") == "R&D: 3 < 4"


def test_a_long_text_is_cut_after_a_word():
    cut = plain_excerpt("one two three four five six", limit=14)
    assert cut == "one two three…"
    assert len(cut) <= 14


def test_a_word_longer_than_the_room_is_cut():
    assert plain_excerpt("x" * 50, limit=10) == "x" * 9 + "…"


def test_a_short_text_is_whole():
    assert plain_excerpt("", 10) == ""
    assert plain_excerpt("ten chars.", 10) == "ten chars."
