"""The schemes, one module for each clause: a module put here is found by itself, with its parameters beside it in `policy/parameters/`."""

from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from awards.kernel.scheme import Rule, Scheme


def _place(scheme: Scheme[Any]) -> tuple[int, str]:
    """By the policy's articles: R8.e before R11.b."""
    article, _, item = scheme.clause.removeprefix("R").partition(".")
    return int(article), item


_MODULES = [import_module(f"{__name__}.{module.name}") for module in iter_modules(__path__)]
RULES: tuple[Rule[Any], ...] = tuple(
    dict.fromkeys(value for module in _MODULES for value in vars(module).values() if isinstance(value, Rule))
)
"""Everything that judges: the schemes, and the rosters that count for them."""
SCHEMES: tuple[Scheme[Any], ...] = tuple(sorted((rule for rule in RULES if isinstance(rule, Scheme)), key=_place))
"""In the order of the policy's articles."""
BY_ID = {scheme.id: scheme for scheme in SCHEMES}
