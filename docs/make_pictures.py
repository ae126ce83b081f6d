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
PAGES = {
    "home": "/vauban/",
    "community": "/vauban/communities/soudure-laser",
}


def main(origin: str) -> None:
    folder = Path(__file__).parent / "pictures"
    folder.mkdir(exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        for language in ("fr", "en"):
            for width, height in ((1280, 900), (390, 844)):
                for scheme in ("light", "dark"):
                    _take(browser, origin, folder, language, width, height, scheme)
        browser.close()


def _take(browser: Browser, origin: str, folder: Path, language: str, width: int, height: int, scheme: str) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=scheme,  # type: ignore[arg-type]
        locale=language,
        device_scale_factor=1,
    )
    page = context.new_page()
    page.goto(f"{origin}/vauban/demo/")
    page.locator("form button").first.click()
    page.goto(f"{origin}/vauban/profile")
    page.select_option("select[name=language]", language)
    page.locator("main form button.primary").first.click()
    for name, path in PAGES.items():
        page.goto(origin + path)
        page.screenshot(path=folder / f"{name}-{language}-{width}-{scheme}.png")
    context.close()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://localhost:8000")
