"""What the documentation says is what the code does."""

import re
from pathlib import Path

from parvis.core.runtime import env

ROOT = Path(__file__).parent.parent
ROW = re.compile(r"^\| `([A-Z_]+)` \| (.*?) \| (.*) \|$", re.MULTILINE)


def test_every_setting_stands_in_the_documentation_with_its_default_and_meaning() -> None:
    told = {
        name: (default.strip("`"), text) for name, default, text in ROW.findall((ROOT / "docs/settings.md").read_text())
    }
    assert told == {setting.name: (setting.default or "empty", setting.help) for setting in env.SETTINGS}


def test_only_the_settings_page_reads_the_environment() -> None:
    reads = re.compile(r"os\.getenv|os\.environ(?!\.setdefault\(\"DJANGO_SETTINGS_MODULE\")")
    # The command line hands its options on to what it starts, and tells which settings are set.
    allowed = {"parvis/core/runtime/env.py", "parvis/web/cli/run.py", "parvis/web/cli/check.py"}
    found = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "parvis").rglob("*.py")
        if "tests" not in path.parts and reads.search(path.read_text())
    }
    assert found <= allowed, f"read settings with parvis.core.runtime.env instead: {sorted(found - allowed)}"
