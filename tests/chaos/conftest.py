"""What the chaos tests share with those of awards: how its books are read and compared."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[2] / "services/awards/tests"))
