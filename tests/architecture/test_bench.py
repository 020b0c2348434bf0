"""The benchmarks run, on tiny sizes: what they measure is theirs to say, that they still work is ours."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[2] / "bench"
_TINY = """
import json, sys
sys.path.insert(0, sys.argv[1])
if __name__ == "__main__":
    import run
    for name, measure in run.parts(run.TINY, kafka=False).items():
        print(json.dumps([name, *(figure.measured for figure in measure())]), flush=True)
"""


@pytest.mark.slow
def test_every_benchmark_runs_and_measures_something(tmp_path: Path) -> None:
    script = tmp_path / "tiny.py"  # a file of its own: its worker processes begin by reading it again
    script.write_text(_TINY, encoding="utf-8")

    ended = subprocess.run([sys.executable, str(script), str(BENCH)], capture_output=True, text=True, timeout=250, check=False)

    assert ended.returncode == 0, ended.stdout + ended.stderr[-3000:]
    measured = {name: figures for name, *figures in map(json.loads, ended.stdout.splitlines())}
    modules = {path.stem for path in BENCH.glob("*.py") if "def measure(" in path.read_text("utf-8")}
    assert measured.keys() == modules
    assert all(figures and min(figures) > 0 for figures in measured.values())
