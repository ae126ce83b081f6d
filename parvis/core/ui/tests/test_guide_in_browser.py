"""The guide in a real browser: accessibility, no sideways scrolling, the behaviours of the scripts, and all without them.

No server runs: the browser's requests are answered from here, under the project's Content-Security-Policy.
"""

import mimetypes
import shutil
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles import finders
from django.test import RequestFactory

from parvis.core.ui.views import show_guide

playwright = pytest.importorskip("playwright.sync_api")
CHROMIUM = shutil.which("chromium")
pytestmark = [pytest.mark.browser, pytest.mark.skipif(not CHROMIUM, reason="no chromium")]
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
FLAGS += ["--disable-component-update", "--disable-sync"]
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'"
)
TEXT = "parseFloat(getComputedStyle(document.querySelector('main p')).fontSize)"
ORIGIN = "http://parvis.test"


@pytest.fixture(scope="module")
def browser():
    with playwright.sync_playwright() as player:
        chromium = player.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def complaints():
    return []


@pytest.fixture
def show(browser, complaints):
    """Opens a page of the guide; what the browser complains of fails the test."""
    contexts = []

    def open_page(query="?lang=en", *, path="", width=1280, script=True, **options):
        options = {"locale": "en", "reduced_motion": "reduce", **options}
        context = browser.new_context(viewport={"width": width, "height": 900}, java_script_enabled=script, **options)
        context.set_default_timeout(120_000)
        contexts.append(context)
        page = context.new_page()
        page.sent = []
        page.on("console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.route("**/*", lambda route: _answer(route, page.sent))
        # a fragment keeps the summary of errors, far below, from taking the focus of the whole guide
        page.goto(f"{ORIGIN}/-/guide/{path}{query}#main")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def _answer(route, sent):
    url = urlsplit(route.request.url)
    if route.request.method == "POST":
        sent.append(route.request.post_data or "")
        if url.path == "/refused":
            route.fulfill(status=403)
        elif url.path == "/answered":
            route.fulfill(body='<article class="comment" id="c9">Bonjour</article>', content_type="text/html")
        else:
            route.fulfill(status=204)
    elif url.path == "/found":
        route.fulfill(body="<p id=found>Louise</p>", content_type="text/html")
    elif url.path.startswith("/static/"):
        found = finders.find(url.path.removeprefix("/static/"))
        kind = mimetypes.guess_type(url.path)[0]
        route.fulfill(body=Path(found).read_bytes(), content_type=kind) if found else route.fulfill(status=404)
    else:
        page = url.path.removeprefix("/-/guide/").strip("/")
        body = show_guide(RequestFactory().get(f"{url.path}?{url.query}"), page).content
        route.fulfill(body=body, content_type="text/html", headers={"Content-Security-Policy": POLICY})


def _sent(page, count):
    """How many forms were sent, once there are `count`; looked at a moment later, for one too many."""
    until = time.monotonic() + 60
    while len(page.sent) < count and time.monotonic() < until:
        page.wait_for_timeout(20)
    page.wait_for_timeout(50)
    return len(page.sent)


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["", "sign-in/", "404/"])
def test_axe_finds_nothing_to_say(show, path, scheme, width):
    from axe_playwright_python.sync_playwright import Axe

    results = Axe().run(show("?lang=fr", path=path, color_scheme=scheme, width=width))
    assert [(v["id"], [n["html"] for n in v["nodes"]]) for v in results.response["violations"]] == []


@pytest.mark.parametrize("query", ["?lang=fr", "?lang=ar"])
@pytest.mark.parametrize("width", [320, 390, 700, 1000, 1280])
def test_no_page_scrolls_sideways(show, width, query):
    page = show(query, width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [1280, 390])
def test_text_of_twice_the_size_fits(show, width):
    """The size is the reader's own, from the browser's settings: the widths at which the page folds are counted in it."""
    page = show("?lang=fr", width=width)
    usual = page.evaluate(TEXT)
    page.context.new_cdp_session(page).send("Page.setFontSizes", {"fontSizes": {"standard": 32, "fixed": 26}})
    page.reload()
    assert page.evaluate(TEXT) == 2 * usual
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_menu_opens_without_a_script(show):
    page = show(script=False)
    page.locator("summary", has_text="A menu").click()
    assert page.get_by_text("Copy the link").is_visible()


def test_a_menu_is_walked_by_keys_and_closed_by_escape(show):
    page = show()
    summary = page.locator("summary", has_text="A menu")
    summary.focus()
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.textContent") == "Copy the link"
    page.keyboard.press("End")
    assert page.evaluate("document.activeElement.textContent") == "Delete"
    page.keyboard.press("Escape")
    assert not page.get_by_text("Copy the link").is_visible()
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_a_menu_closes_when_one_clicks_elsewhere(show):
    page = show()
    page.locator("summary", has_text="A menu").click()
    page.locator("h1").click()
    assert not page.get_by_text("Copy the link").is_visible()


def test_the_slash_leads_to_the_question_box_unless_one_writes(show):
    page = show()
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.name") == "q"
    page.locator("#write-1").focus()
    page.keyboard.press("/")
    assert page.locator("#write-1").input_value() == "/"


def test_what_destroys_is_confirmed_first(show):
    page = show()
    for answer, posts in (("Cancel", 0), ("Delete", 1)):
        page.get_by_label("More about this post").click()
        page.locator(".menu-list button.danger:visible").click()
        dialog = page.locator("#confirm")
        assert dialog.get_by_role("heading").text_content() == "Delete this post and its 2 answers?"
        dialog.get_by_role("button", name=answer).click()
        assert _sent(page, posts) == posts
        page.keyboard.press("Escape")


def test_ctrl_enter_sends_once(show):
    page = show()
    page.locator("#write-1").fill("Bonjour")
    page.keyboard.press("Control+Enter")
    page.keyboard.press("Control+Enter")
    assert _sent(page, 1) == 1
    assert "body=Bonjour" in page.sent[0]


def test_a_reply_link_leads_to_the_writing_line(show):
    page = show()
    page.locator("a[data-reply-to]").first.click()
    assert page.evaluate("document.activeElement.id") == "write-2"


def test_the_question_box_offers_what_it_knows_and_is_walked_by_keys(show):
    page = show()
    page.keyboard.press("/")
    page.keyboard.type("buse")
    page.wait_for_selector(".offers a")
    page.keyboard.press("ArrowDown")
    assert "Louise Garnier" in page.evaluate("document.activeElement.textContent")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    assert "All results" in page.evaluate("document.activeElement.textContent")
    page.keyboard.press("Escape")
    assert page.locator(".offers").count() == 0
    assert page.evaluate("document.activeElement.name") == "q"


def _send_by_htmx(page, address):
    page.evaluate(
        """address => { const form = document.querySelector("#write-2").form; form.setAttribute("hx-post", address);
           form.setAttribute("hx-target", "#more"); form.setAttribute("hx-swap", "beforeend");
           form.insertAdjacentHTML("beforebegin", "<div id=more></div>"); htmx.process(form) }""",
        address,
    )
    page.locator("#write-2").fill("Bonjour")
    page.keyboard.press("Control+Enter")


def test_an_answer_sent_without_leaving_the_page_empties_its_line(show):
    page = show()
    _send_by_htmx(page, "/answered")
    page.wait_for_selector("#c9")
    assert page.locator("#write-2").input_value() == ""
    assert page.evaluate("document.activeElement.id") == "write-2"
    assert len(page.sent) == 1


def test_a_form_that_asks_for_a_part_while_one_fills_it_in_keeps_what_is_written(show):
    page = show()
    page.evaluate(
        """() => { const form = document.querySelector("#write-2").form;
           form.insertAdjacentHTML("beforeend", "<div id=part></div><button type=button id=look hx-get='/found' hx-target='#part'>Look</button>");
           htmx.process(form) }"""
    )
    page.locator("#write-2").fill("Bonjour")
    page.locator("#look").click()
    page.wait_for_selector("#part #found")
    assert page.locator("#write-2").input_value() == "Bonjour"


def test_an_answer_that_is_refused_stays_written_and_it_is_said(show, complaints):
    page = show()
    _send_by_htmx(page, "/refused")
    page.wait_for_selector("#messages .toast.error")
    assert page.locator("#write-2").input_value() == "Bonjour"
    assert page.locator("form[aria-busy]").count() == 0
    complaints.clear()  # the browser notes the refusal


def test_the_pill_counts_each_news_once(show):
    page = show("?lang=fr")
    for key in ("a", "b", "a"):
        page.evaluate("key => document.dispatchEvent(new CustomEvent('parvis:fresh', {detail: {key}}))", key)
    assert page.locator(".pill").text_content().strip() == "5 nouveaux"


def test_a_page_says_things_in_a_polite_region(show):
    page = show()
    page.evaluate("document.dispatchEvent(new CustomEvent('parvis:say', {detail: {text: 'Saved.', level: 'success'}}))")
    region = page.locator("#messages")
    assert region.get_attribute("aria-live") == "polite"
    assert "Saved." in region.text_content()
    region.get_by_role("button", name="Close").click()
    assert "Saved." not in region.text_content()


def test_times_count_on_while_a_page_is_open(show):
    page = show()
    page.clock.install(time="2030-01-01T09:00:00")  # a browser whose clock is wrong by years
    page.reload()
    times = page.locator("time[data-later]")
    page.clock.fast_forward("10:00")
    assert {"10 min ago", "15 min ago"} == set(times.all_text_contents())
    page.clock.fast_forward("01:00:00")
    assert {"this morning, 11:41", "this morning, 11:37"} == set(times.all_text_contents())
