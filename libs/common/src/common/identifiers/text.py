"""How people type codes: full-width characters, blanks, lower case."""

from __future__ import annotations

import unicodedata


def tidied(text: str) -> str:
    """The same code in half-width capitals without blanks."""
    if text.isascii() and text.isalnum():
        return text.upper()
    return "".join(unicodedata.normalize("NFKC", text).split()).upper()
