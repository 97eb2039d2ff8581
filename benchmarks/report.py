"""What was measured, as Markdown: pure functions. This module must not know how anything was measured."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from benchmarks.measure import Case, Figure, Medians, Sample

__all__ = ["figure_row", "section", "table", "with_section"]

_HEAD = ("", "time", "×", "CPU", "×", "memory", "what it did")
_RULE = ("---", "--:", "--:", "--:", "--:", "--:", "---")


def section(case: Case, found: Medians, machine: str, date: str, rounds: int) -> str:
    """Return all that is told of a case: where, when, of what, the tables and what it is held against."""
    runs = f"{rounds} rounds" if rounds > 1 else "1 round"
    if case.repeat > 1:
        runs += f" of {case.repeat} runs each"
    measured = {name for _, name in found}
    who = ", ".join(f"{one.name} {one.version}".strip() for one in case.present if one.name in measured)
    parts = [f"{date}; {machine}; {runs}. Input: {case.input}.", f"Compared: {who}."]
    if case.absent:
        parts[1] += f" Not installed, so left out: {', '.join(case.absent)}."
    if failed := [one.name for one in case.present if one.name not in measured]:
        parts[1] += f" Failed, so left out: {', '.join(failed)}."
    parts += [table(case, found, work) for work in case.works]
    if case.figures:
        parts.append(_lines([("", "measured", "goal", "met"), ("---", "--:", "--:", "---")], case.figures, found))
    notes = [f"- {one.name}: {one.note}." for one in case.present if one.note and one.name in measured]
    return "\n\n".join([*parts, *(["\n".join(notes)] if notes else [])])


def table(case: Case, found: Medians, work: str) -> str:
    """Return the table of one work: medians, and how many times those of the first they are."""
    base = found.get((work, case.base))
    took = ((contender.name, found.get((work, contender.name))) for contender in case.present)
    rows = [_HEAD, _RULE, *(_row(name, sample, base) for name, sample in took if sample)]
    return f"**{work[0].upper()}{work[1:]}**\n\n" + "\n".join(map(_line, rows))


def figure_row(figure: Figure, found: Medians) -> tuple[str, ...]:
    """Return what a figure is, its goal, and whether it is met."""
    try:
        value = figure.value(found)
    except KeyError as absent:
        name = absent.args[0][-1] if isinstance(absent.args[0], tuple) else absent.args[0]
        return figure.title, f"not measured: {name} is absent", "", ""
    if figure.at_most is not None:
        goal, met = f"at most {_number(figure.at_most)}{figure.unit}", value <= figure.at_most
    elif figure.at_least is not None:
        goal, met = f"at least {_number(figure.at_least)}{figure.unit}", value >= figure.at_least
    else:
        return figure.title, f"{_number(value)}{figure.unit}", "", ""
    return figure.title, f"{_number(value)}{figure.unit}", goal, "yes" if met else "**no**"


def with_section(document: str, name: str, text: str) -> str:
    """Return a document in which what stands between the marks of a section is replaced by `text`.

    Raises:
        ValueError: the document has no such section.
    """
    begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
    before, found, rest = document.partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"no section {name} between {begin.strip()} and {end}")
    return f"{before}{begin}\n{text}\n\n{end}{after}"


def _lines(head: Sequence[tuple[str, ...]], figures: Iterable[Figure], found: Medians) -> str:
    return "\n".join(map(_line, [*head, *(figure_row(figure, found) for figure in figures)]))


def _row(name: str, sample: Sample, base: Sample | None) -> tuple[str, ...]:
    return (
        name, _seconds(sample.wall), _times(sample.wall, base.wall if base else 0),
        _seconds(sample.cpu), _times(sample.cpu, base.cpu if base else 0), f"{sample.memory / 1e6:,.0f} MB", sample.did,
    )  # fmt: skip


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _seconds(value: float) -> str:
    if value < 0.1:
        return f"{value * 1000:.{1 if value < 0.01 else 0}f} ms"
    return f"{value:.2f} s" if value < 10 else f"{value:.1f} s"


def _times(value: float, base: float) -> str:
    return _number(value / base) if base else ""


def _number(value: float) -> str:
    places = next((places for least, places in ((100, 0), (10, 1), (0.1, 2)) if value >= least), 3)
    return f"{value:,.{places}f}"
