"""What the drawing of charts leaves behind in the process: nothing that others would notice."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import sys
from feedmill.serve.dashboard.charts import spark
assert spark("Entries", (1, 2, 3)).startswith(b"<svg")
import importlib.metadata
print(importlib.metadata.version("trafilatura"))
print([type(finder).__name__ for finder in sys.meta_path if "Plugin" in type(finder).__name__])
"""


def test_drawing_leaves_the_imports_of_others_alone() -> None:
    """A finder of the library's warns at every import; another that comes with it tells which packages there are."""
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    version, left = done.stdout.splitlines()
    assert version
    assert left == "[]"
