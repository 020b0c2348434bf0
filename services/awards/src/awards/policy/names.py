"""What an entitlement is called, and which schemes judge a ground."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from awards.kernel.ground import Ground
from awards.kernel.scheme import Scheme
from awards.policy.schemes import SCHEMES


class Key(NamedTuple):
    """An entitlement's name: owed once."""

    scheme: str
    key: str


def schemes_on(ground: Ground) -> Iterable[Scheme[Any]]:
    """The schemes that judge grounds of this kind."""
    return (scheme for scheme in SCHEMES if isinstance(ground, scheme.ground))


def key_of(scheme: Scheme[Any], ground: Ground) -> Key:
    """What the scheme calls this ground's entitlement."""
    return Key(scheme.id, "/".join(str(part) for part in scheme.key(ground)))
