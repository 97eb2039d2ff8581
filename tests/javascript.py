"""Feed readers in JavaScript, which are installed in tests/node."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

__all__ = ["node_reader"]

_FOLDER = Path(__file__).parent / "node"


def node_reader(reader: str, path: Path) -> list[dict[str, Any]]:
    """What a reader makes of a file: `id`, `title`, `link`, `date`, `html` and `sounds` (addresses) of each entry.

    `reader` is feedsmith, feed-extractor or rss-parser; the last two tell nothing of sounds.
    """
    if not (_FOLDER / "node_modules").is_dir():
        pytest.skip("the readers are not installed: npm ci --prefix tests/node")
    done = subprocess.run(
        ["node", "read.mjs", reader, str(path)], cwd=_FOLDER, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    entries: list[dict[str, Any]] = json.loads(done.stdout)
    return entries
