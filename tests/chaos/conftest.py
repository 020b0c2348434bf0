"""What the chaos tests share: how the books of awards are read, a small city, and the calm year that the others are compared with."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[2] / "services/awards/tests"))

if TYPE_CHECKING:
    from small_city import SmallCity
    from year import Calm


@pytest.fixture(scope="session")
def city() -> "SmallCity":
    from small_city import SmallCity

    return SmallCity(seed=int(os.environ.get("SEED", "1")), whole=False)


@pytest.fixture(scope="session")
async def calm(city: "SmallCity") -> "Calm":
    from town import open_directory
    from year import calm_year

    with open_directory() as directory:
        return await calm_year(city, directory)
