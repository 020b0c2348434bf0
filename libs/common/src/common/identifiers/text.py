"""How people type codes: full-width characters, blanks, lower case."""

from __future__ import annotations

import unicodedata

_NOT_PLAIN = frozenset({"Cc", "Cs"})


def tidied(text: str) -> str:
    """The same code in half-width capitals without blanks."""
    if text.isascii() and text.isalnum():
        return text.upper()
    return "".join(unicodedata.normalize("NFKC", text).split()).upper()


def is_plain(text: str) -> bool:
    """Whether it holds nothing that no keyboard writes: control characters, which no database column takes, and halves of characters."""
    return text.isprintable() or not any(unicodedata.category(character) in _NOT_PLAIN for character in text if character not in "\t\r\n")
