"""The least that has to be done for Markdown articles: read, YAML, Markdown to HTML, sanitize. Nothing is written.

`python markdown_loop.py FOLDER`
"""

from __future__ import annotations

import sys
from pathlib import Path

import nh3
import pyromark
import yaml

count = 0
for path in sorted(Path(sys.argv[1]).iterdir()):
    _, front, body = path.read_text("utf-8").split("---\n", 2)
    matter = yaml.load(front, yaml.CSafeLoader)
    html = nh3.clean(pyromark.html(body))
    count += bool(matter and html)
print(f"{count:,} articles")
