"""The times of a case as a picture: bars in SVG, to be read on white and on black."""

from __future__ import annotations

from benchmarks.measure import Case, Medians

__all__ = ["chart"]

_COLORS = ("#2a78d6", "#1baa8a", "#c98500", "#8b63d1")
_GREY = "#768390"
"""Legible on white and on black: a picture in a page does not know which it is."""

_VALUES_BESIDE_BARS = (
    "inline:.text-overlay text {text-anchor: start !important; transform: translate(5px, 0)}"
    " .guide.line {stroke: none !important}"
)


def chart(case: Case, found: Medians) -> bytes:
    """Return a picture of the median times: a group of bars for each contender, a bar for each work."""
    import pygal
    from pygal.config import Config
    from pygal.style import Style

    style = Style(
        background="transparent", plot_background="transparent", foreground=_GREY, foreground_strong=_GREY,
        foreground_subtle=_GREY, colors=_COLORS, opacity="1", font_family="system-ui, sans-serif",
        label_font_size=13, major_label_font_size=13, legend_font_size=13, value_font_size=12, title_font_size=15,
        value_colors=(_GREY,) * len(_COLORS),
    )  # fmt: skip
    times = [sample.wall for (work, _), sample in found.items() if work in case.works]
    picture = pygal.HorizontalBar(
        style=style, css=(*Config.css.value, _VALUES_BESIDE_BARS), js=(),
        title=f"{case.title}: seconds", width=800, height=120 + 24 * (len(case.works) + 1) * len(case.present),
        print_values=True, print_values_position="top", value_formatter=_seconds, range=(0, max(times) * 1.12),
        show_legend=len(case.works) > 1, legend_at_bottom=True, legend_at_bottom_columns=len(case.works),
        truncate_label=-1, truncate_legend=-1, margin=12, spacing=8,
    )  # fmt: skip
    picture.uuid = "times"  # or it would be another in every picture
    contenders = list(reversed(case.present))  # the first one at the top
    picture.x_labels = [contender.name for contender in contenders]
    for work in case.works:
        samples = (found.get((work, contender.name)) for contender in contenders)
        picture.add(work, [sample.wall if sample else None for sample in samples])
    drawn: bytes = picture.render()
    return drawn


def _seconds(value: float) -> str:
    return f"{value:.3g}"
