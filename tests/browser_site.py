"""Articles for the pages that a browser is shown: all content, two directions, and what should not be there."""

from __future__ import annotations

__all__ = ["ARABIC", "ENGLISH", "HOSTILE"]

ENGLISH = {
    "2026-11-02-ferry.md": """\
---
title: The night ferry has a new timetable
author: Ann Lee
tags: [ferry, harbour]
---
# What changes

From Monday on the last boat leaves at **23:40**. See [the notice](https://example.org/notice).

### Prices

| route | price |
|---|---|
| Harbour to island, which has a long name that needs room | 4 |

```
a line of code that is far too long for any phone, so that it must be scrolled with the keyboard or with a finger
```

> A quotation.

![The harbour]({address}harbour.png)

[![]({address}harbour.png)](https://example.org/picture)

<aside>An aside</aside>
""",
    "2026-11-01-podcast.md": """\
---
title: A talk about the lighthouse
enclosures:
  - url: "{address}talk.mp3"
    type: audio/mpeg
    length: 1234567
---
Words.
""",
    "2026-10-30-long.txt": "A title without an end "
    + "x" * 200
    + "\n\nSome words, and a long one: "
    + "y" * 300
    + "\n",
}

ARABIC = {
    "2026-11-02-a.md": """\
---
title: جدول جديد للعبّارة الليلية
author: ليلى
tags: [عبّارة]
---
## ما الذي يتغير

ابتداءً من يوم الاثنين تغادر آخر عبّارة في الساعة **23:40**. انظر [الإعلان](https://example.org/notice).

- أولًا
- ثانيًا

> اقتباس من المدير.
""",
    "2026-11-01-b.md": """\
---
title: An article in English
language: en
---
It is written from left to right, and stands among others that are not.
""",
}

HOSTILE = {
    "2026-11-02-a.md": """\
---
title: "<script>smuggled=1</script> & \\"quotes\\" onload='smuggled=1'"
author: "<img src=x: onerror=smuggled=1>"
tags: ["</span><script>smuggled=1</script>"]
url: "https://example.org/\\"><script>smuggled=1</script>"
---
<script>smuggled=1</script>
<img src="{address}harbour.png" onerror="smuggled=1" onload="smuggled=1">
<svg onload="smuggled=1"></svg>
<a href="javascript:smuggled=1">x</a>
<iframe srcdoc="<script>parent.smuggled=1</script>"></iframe>
<style>body { display: none }</style>
""",
    "2026-11-01-b.md": "---\ntitle: Another\n---\nWords.\n",
}
