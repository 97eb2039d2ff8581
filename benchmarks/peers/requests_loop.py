"""Ask for addresses one after another over one kept connection: what a bare loop of `requests` reaches.

`python requests_loop.py FILE`: FILE holds a JSON object, the addresses and with each the headers that make its request
conditional. Those for the next time are written into it.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

import requests

file = Path(sys.argv[1])
known: dict[str, dict[str, str]] = json.loads(file.read_text())
statuses: Counter[int] = Counter()
with requests.Session() as session:
    for url, validators in known.items():
        answer = session.get(url, headers=validators, timeout=30)
        statuses[answer.status_code] += 1
        pairs = (("If-None-Match", "ETag"), ("If-Modified-Since", "Last-Modified"))
        known[url] = {ours: answer.headers[theirs] for ours, theirs in pairs if theirs in answer.headers}
file.write_text(json.dumps(known))
print(", ".join(f"{count:,} answers {status}" for status, count in sorted(statuses.items())))
