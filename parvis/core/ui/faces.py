"""What stands for a person or a place where there is no picture: initials and one of twelve tints."""

import re
import zlib

TINTS = 12  # the classes t0…t11 of controls.css; each bears white text at 4.5:1 or better


def tint(key: str) -> str:
    """The class of the tint of whatever has this key; the same on every page and every machine."""
    return f"t{zlib.crc32(str(key).encode()) % TINTS}"


def initials(name: str) -> str:
    """One or two capital letters: of the first and the last word. Empty for a name without a letter or digit."""
    name = name.split("@")[0].replace(".", " ") if "@" in name else re.sub(r"\(.*?\)", " ", name)
    letters = [next((c for c in word if c.isalnum()), "") for word in name.split()]
    letters = [c for c in letters if c]
    return "".join(letters[:1] + letters[1:][-1:]).upper()
