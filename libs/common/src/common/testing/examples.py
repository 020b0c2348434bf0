"""How thoroughly a property is tried: usually, and with `--hypothesis-profile=long`."""

from hypothesis import settings

_USUALLY = 100
"""Hypothesis' own number, which a profile changes."""


def examples(usual: int) -> int:
    """So many examples or seeds usually, in proportion more with a longer profile."""
    return usual * settings().max_examples // _USUALLY
