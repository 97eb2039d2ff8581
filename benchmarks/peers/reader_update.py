"""Collect feeds with `reader`, in its own database: with addresses, add them; without, look at all, whatever is due.

`python reader_update.py DATABASE [ADDRESS]...`
"""

from __future__ import annotations

import sys

from reader import make_reader

with make_reader(sys.argv[1]) as reader:
    if sys.argv[2:]:
        for url in sys.argv[2:]:
            reader.add_feed(url)
    else:
        reader.update_feeds(workers=8, scheduled=False)
        counts = reader.get_entry_counts()
        print(f"{counts.total:,} entries")
