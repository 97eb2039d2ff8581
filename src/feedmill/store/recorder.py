"""Looks from many threads, recorded together: whoever has the turn to write takes along those that wait for it.

This module must not know what is in a look, or how it is written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock

from feedmill.store.looks import Look

__all__ = ["Recorder"]


@dataclass(slots=True, eq=False)
class _Waiting:
    look: Look
    done: bool = False
    error: BaseException | None = None


class Recorder:
    """Records looks by `write`, which is given looks at different sources, and returns those that were refused."""

    def __init__(self, write: Callable[[Sequence[Look]], Mapping[str, Exception]]) -> None:
        self._write = write
        self._waiting: list[_Waiting] = []
        self._list = Lock()
        self._turn = Lock()

    def record(self, look: Look) -> None:
        """Record a look; returns when it is recorded, and raises what kept it from that."""
        mine = _Waiting(look)
        with self._list:
            self._waiting.append(mine)
        with self._turn:
            if not mine.done:
                self._record(self._taken())
        if mine.error is not None:
            raise mine.error

    def _taken(self) -> list[_Waiting]:
        """Take the looks that wait, the first of each source."""
        with self._list:
            taken: dict[str, _Waiting] = {}
            for one in self._waiting:
                taken.setdefault(one.look.state.name, one)
            self._waiting = [one for one in self._waiting if taken[one.look.state.name] is not one]
        return list(taken.values())

    def _record(self, together: list[_Waiting]) -> None:
        try:
            refused = self._write([one.look for one in together])
        except BaseException as error:  # noqa: BLE001  # whatever it is, each of them is told
            for one in together:
                one.done, one.error = True, error
        else:
            for one in together:
                one.done, one.error = True, refused.get(one.look.state.name)
