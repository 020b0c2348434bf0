"""How thoroughly a property is tried: usually, with `--hypothesis-profile=long`, and in the inner loop with `quick`."""

from hypothesis import settings

_USUALLY = 100
"""Hypothesis' own number, which a profile changes."""


def examples(usual: int) -> int:
    """So many examples or seeds usually, in proportion more or fewer with another profile."""
    return max(1, usual * settings().max_examples // _USUALLY)
