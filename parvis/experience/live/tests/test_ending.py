"""Pages that are told to stop lose nothing of what was read just before."""

import contextlib
from pathlib import Path

import httpx
import pytest

from parvis.experience.live.tests.test_browser import _BEGIN, _THEM
from parvis.experience.live.tests.test_streams import _WHO
from tests.installation import installation, until


@pytest.mark.slow
def test_what_was_read_last_is_written_as_the_pages_stop(tmp_path: Path) -> None:
    with installation(tmp_path) as made:
        cookies = made.python(_BEGIN)
        key = made.python(_WHO + _THEM + "answer = post(claire, soudure).key")
        pages = made.start("-m", "parvis.web.serve", "pages")
        origin = f"http://localhost:{made.port}"

        def answers() -> bool:
            with contextlib.suppress(httpx.HTTPError):
                return httpx.get(f"http://127.0.0.1:{made.port}/healthz", timeout=30).status_code == 200
            return False

        until(answers)
        shown = httpx.get(f"{origin}/vauban/t/{key}", cookies={"parvis_session": cookies["Paul"]}, timeout=120)
        assert shown.status_code == 200, made.logs()
        made.stop(pages)
        seen = "from parvis.core.items.models import Seen\nanswer = Seen.objects.filter(person=paul).count()"
        assert made.python(_WHO + _THEM + seen) == 1, made.logs()
