"""Charts as SVG, drawn by pygal: bars and lines of numbers by day, for light and dark.

Each is a document of its own, which a page shows as a picture: nothing in it can run. This module must not know what
the numbers are of.
"""

from __future__ import annotations

import sys
from datetime import date
from functools import lru_cache
from typing import Any

__all__ = ["POLICY", "Series", "all_days", "days_chart", "spark"]

POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""What the document may do if somebody opens it by itself: look like it does."""

Series = tuple[str, tuple[int | None, ...]]
"""What numbers are called, and the numbers."""

_FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif'
_STYLE = """inline:
svg { --ink: #5c6068; --line: #dfdad0; --a: #b5501f; --b: #2f7f8f; --c: #a3234b; background: transparent; }
@media (prefers-color-scheme: dark) {
  svg { --ink: #a6a9b0; --line: #363a43; --a: #e8935c; --b: #63b7c6; --c: #f07a9c; }
}
.background, .plot .background { fill: none; }
text { fill: var(--ink); stroke: none; }
.axis.x text { text-anchor: middle; }
.axis.y text { text-anchor: end; }
.axis .line, .guide.line { stroke: var(--line); stroke-width: 1; fill: none; }
.axis.x .guides:not(.always) .line { stroke: none; }
.rect { stroke: none; }
.color-0 { fill: var(--a); stroke: var(--a); }
.color-1 { fill: var(--b); stroke: var(--b); }
.color-2 { fill: var(--c); stroke: var(--c); }
.series .line { fill: none; stroke-width: 2; }
.dot { stroke: none; }
.legends .legend text { text-anchor: start; }
"""
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LABELS, _STEPS = 5, 4


@lru_cache(maxsize=2000)
def spark(title: str, numbers: tuple[int, ...]) -> bytes:
    """Return small bars without words, one for each number."""
    drawn = _pygal().Bar(
        width=160, height=32, margin=0, spacing=1, show_x_labels=False, show_y_labels=False, show_y_guides=False,
        show_legend=False, **_common(max(numbers, default=0)),
    )  # fmt: skip
    drawn.add("", list(numbers))
    return _document(drawn, title)


@lru_cache(maxsize=200)
def days_chart(title: str, days: tuple[date, ...], series: tuple[Series, ...], *, line: bool = False) -> bytes:
    """Return bars, those of several series on top of each other, or lines."""
    pygal = _pygal()
    highest = max((sum(one or 0 for one in column) for column in zip(*(n for _, n in series), strict=True)), default=0)
    kind = pygal.Line if line else pygal.StackedBar
    drawn = kind(
        width=460, height=150 if len(series) == 1 else 170, margin=8, margin_left=4, margin_right=20, spacing=5,
        truncate_label=-1,
        show_legend=len(series) > 1, legend_at_bottom=True, legend_at_bottom_columns=3, legend_box_size=10,
        truncate_legend=-1, show_minor_x_labels=False, dots_size=2,
        **_common(highest),
    )  # fmt: skip
    drawn.y_labels = _scale(highest)
    drawn.x_labels = [_day(day) for day in days]
    step = max(1, -(-len(days) // _LABELS))
    drawn.x_labels_major = [_day(day) for day in days[::-1][::step]]
    for name, numbers in series:
        drawn.add(name, list(numbers))
    return _document(drawn, title)


@lru_cache(maxsize=1)
def _pygal() -> Any:
    """Return the library, without the finder of old plug-ins that it hooks into all further imports."""
    import pygal

    # Others that come with it stay: what tells which packages are installed is taken over by one of them.
    sys.meta_path[:] = [finder for finder in sys.meta_path if type(finder) is not pygal.PluginImportFixer]
    return pygal


def _common(highest: int) -> dict[str, Any]:
    from pygal.style import Style

    return {
        "css": [_STYLE],
        "style": Style(font_family=_FONT, label_font_size=12, major_label_font_size=12, legend_font_size=13),
        "js": [],
        "range": (0, _scale(highest)[-1]),
        "value_formatter": _number,
        "disable_xml_declaration": True,
        "print_values": False,
        "include_x_axis": True,
        "no_data_text": "",
    }


def _document(drawn: Any, title: str) -> bytes:
    """Return the picture without what the library puts in for scripts, which nobody would run."""
    from lxml import etree

    drawn.uuid = "chart"  # or it would be another in every picture
    root = drawn.render_tree()
    for element in list(root.iter()):
        name = etree.QName(element).localname if isinstance(element.tag, str) else "comment"
        if name in ("script", "comment", "desc", "title") and element.getparent() is not None:
            _drop(element)
    told = etree.Element("title")
    told.text = title
    root.insert(0, told)
    root.set("role", "img")
    made: bytes = etree.tostring(root, encoding="utf-8")
    return made


def _drop(element: Any) -> None:
    parent = element.getparent()
    if element.tail:
        before = element.getprevious()
        if before is None:
            parent.text = (parent.text or "") + element.tail
        else:
            before.tail = (before.tail or "") + element.tail
    parent.remove(element)


def _scale(highest: int) -> list[int]:
    """Return round numbers from 0 to `highest` or a little more."""
    step = 1
    for step in (factor * 10**power for power in range(18) for factor in (1, 2, 5)):
        if step * _STEPS >= highest:
            break
    return [step * number for number in range(max(1, -(-highest // step)) + 1)]


def _day(day: date) -> str:
    return f"{day.day} {_MONTHS[day.month - 1]}"


def _number(value: float) -> str:
    for limit, unit in ((1_000_000_000, "G"), (1_000_000, "M"), (1_000, "k")):
        if value >= limit:
            return f"{value / limit:.3g} {unit}"
    return f"{value:.3g}"


def all_days(since: date, until: date) -> tuple[date, ...]:
    """Return all days from `since` to `until`."""
    return tuple(date.fromordinal(day) for day in range(since.toordinal(), until.toordinal() + 1))
