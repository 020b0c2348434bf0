"""The parameters' seed file: read whole, checked against the rules, refused when anything in it does not fit."""

from pathlib import Path

import yaml

from awards.kernel.parameters import Parameters, ParametersRefused
from awards.policy import check

SEED = Path(check.__file__).with_name("parameters.yaml")


def load_seed(path: Path = SEED) -> Parameters:
    """Raises ParametersRefused: unknown name, overlapping days, a figure below the policy's floor, or no YAML at all."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise ParametersRefused(f"{path.name} is not YAML: {error}") from error
    if not isinstance(content, dict):
        raise ParametersRefused(f"{path.name}: a mapping of names to lists of figures is expected")
    parameters = Parameters.load(content)
    check.check_parameters(parameters)
    check.check_stacking()
    return parameters
