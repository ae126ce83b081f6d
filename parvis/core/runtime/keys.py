"""Keys: how items, persons and groups are named outside the database."""

import secrets

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"  # base 58: no 0, O, I, l
KEY_LENGTH = 12


def new_key() -> str:
    """Twelve random base-58 characters (70 bits): cannot be guessed, can be read aloud."""
    number, letters = secrets.randbelow(58**KEY_LENGTH), []
    for _ in range(KEY_LENGTH):
        number, letter = divmod(number, 58)
        letters.append(ALPHABET[letter])
    return "".join(letters)


def is_key(text: str) -> bool:
    """Whether `text` has the shape of a key."""
    return len(text) == KEY_LENGTH and all(c in ALPHABET for c in text)
