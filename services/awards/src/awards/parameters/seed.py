"""The parameters' seed files, one for each scheme: read whole, checked against the rules, refused when anything in them does not fit.

Each figure has the day from which it holds. They are the first entries of the database and no more (ADR 16): what is changed here changes
nothing where it has been entered; figures are proposed and decided. Money is fen, shares are basis points. The readings (A20, A25, …) are explained with each scheme.
"""

from pathlib import Path
from typing import Any

import yaml

from awards.kernel.parameters import Parameters, ParametersRefused
from awards.policy import check

SEED = Path(check.__file__).with_name("parameters")


def load_seed(folder: Path = SEED) -> Parameters:
    """Raises ParametersRefused: unknown name, overlapping days, a figure below the policy's floor, or no YAML at all."""
    content: dict[str, Any] = {}
    for path in sorted(folder.glob("*.yaml")):
        for name, figures in _read(path).items():
            if name in content or not name.startswith(f"{path.stem.replace('_', '-')}."):
                raise ParametersRefused(f"{path.name}: {name} belongs into the file of its scheme, once")
            content[name] = figures
    parameters = Parameters.load(content)
    check.check_parameters(parameters)
    check.check_stacking()
    return parameters


def _read(path: Path) -> dict[str, Any]:
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    except yaml.YAMLError as error:
        raise ParametersRefused(f"{path.name} is not YAML: {error}") from error
    if not isinstance(content, dict):
        raise ParametersRefused(f"{path.name}: a mapping of names to lists of figures is expected")
    return content
