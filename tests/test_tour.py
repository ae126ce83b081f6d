"""The documents name only what exists."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize(
    "name", ["README.md", "CONTRIBUTING.md", "SECURITY.md", "docs/tour.md", "docs/architecture.md"]
)
def test_the_paths_that_a_document_names_exist(name: str) -> None:
    text = (ROOT / name).read_text()
    named = set(re.findall(r"`((?:parvis|tests|docs|bin)/[\w./]*\w)", text))
    linked = {str(Path(name).parent / link) for link in re.findall(r"\]\(([\w./-]+)\)", text)}
    missing = sorted(path for path in named | linked if not (ROOT / path).exists())
    assert not missing, f"{name} names what is not there: {missing}"
