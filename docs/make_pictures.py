"""Takes the pictures of `docs/pictures/` of the demonstration network, in a real browser.

.venv/bin/python docs/make_pictures.py http://localhost:8000     (where bin/run serves a fresh demonstration)
"""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDE, PHONE = (1280, 900), (390, 844)
# What is shown: name of the picture, address, size of the window, light or dark.  A search opens its first result for "thread".
SHOTS = [
    ("home", "/vauban/", WIDE, "light"),
    ("home-dark", "/vauban/", WIDE, "dark"),
    ("community", "/vauban/communities/soudure-laser", WIDE, "light"),
    ("thread", "/vauban/search/?q=rebuts+refroidissement", WIDE, "light"),
    ("search", "/vauban/search/?q=azote", WIDE, "light"),
    ("phone", "/vauban/", PHONE, "light"),
]


def main(origin: str) -> None:
    folder = Path(__file__).parent / "pictures"
    folder.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for language in ("fr", "en"):
            for name, path, size, scheme in SHOTS:
                _take(browser, origin, folder / f"{name}-{language}.png", language, path, size, scheme)
        browser.close()


def _take(
    browser: Browser, origin: str, file: Path, language: str, path: str, size: tuple[int, int], scheme: str
) -> None:
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]},
        color_scheme=scheme,  # type: ignore[arg-type]
        locale=language,
        device_scale_factor=2 if size == PHONE else 1,
    )
    page = context.new_page()
    page.goto(f"{origin}/vauban/demo/")
    page.locator("form button").first.click()
    page.goto(f"{origin}/vauban/profile")
    page.select_option("select[name=language]", language)
    page.locator("main form button.primary").first.click()
    page.goto(origin + path)
    if file.name.startswith("thread"):
        page.locator("article.hit h3 a").first.click()
        page.wait_for_url("**/t/**")
    page.screenshot(path=file)
    context.close()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://localhost:8000")
