"""Reads the style sheets: tokens in both schemes, contrast. For tests."""

import re
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "static/ui/css"
SHEETS = {path.name: re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S) for path in FOLDER.glob("*.css")}
ALL = "\n".join(SHEETS.values())


def token(name: str, scheme: str) -> str:
    """The hexadecimal colour of a token where the scheme is "light" or "dark"."""
    pair = re.search(rf"--{name}: light-dark\((#\w+), (#\w+)\)", ALL)
    assert pair, name
    return pair[1 if scheme == "light" else 2]


def contrast(one: str, other: str) -> float:
    """The ratio of WCAG 2: 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def mix(share: float, one: str, other: str) -> str:
    """Roughly what color-mix gives: `share` of one in the other, in sRGB."""
    channels = (round(a * share + b * (1 - share)) for a, b in zip(_channels(one), _channels(other), strict=True))
    return "#" + "".join(f"{c:02x}" for c in channels)


def _channels(colour: str) -> list[int]:
    digits = colour.lstrip("#")
    digits = "".join(c * 2 for c in digits) if len(digits) == 3 else digits
    return [int(digits[i : i + 2], 16) for i in (0, 2, 4)]


def _luminance(colour: str) -> float:
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (v / 255 for v in _channels(colour))]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
