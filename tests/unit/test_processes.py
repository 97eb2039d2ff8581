"""Work in other processes: what it returns and raises, when it is not taken on, and that none is left behind."""

from __future__ import annotations

import os
import select
import subprocess
import sys
from collections.abc import Iterator

import pytest

from errands import die, refuse, where
from feedmill.errors import NormalizeError
from feedmill.jobs.processes import Processes


@pytest.fixture
def processes() -> Iterator[Processes]:
    started = Processes(patience=1, processes=1)
    yield started
    started.close()


def test_a_call_is_made_in_another_process(processes: Processes) -> None:
    assert processes.call(where) not in (None, os.getpid())


def test_an_error_comes_back_with_all_that_it_says(processes: Processes) -> None:
    with pytest.raises(NormalizeError, match="it is no feed") as caught:
        processes.call(refuse, "https://up.example/")
    assert (caught.value.where, caught.value.hint) == ("https://up.example/", "Look at it")


def test_nothing_is_started_for_a_few_calls() -> None:
    processes = Processes(patience=3, processes=1)
    assert [processes.call(where), processes.call(where)] == [None, None]
    assert processes.call(where) is not None
    processes.close()


def test_where_there_is_one_processor_nothing_is_started() -> None:
    processes = Processes(patience=1, processes=0)
    assert processes.call(where) is None


def test_what_a_process_dies_of_is_done_here_from_then_on(
    processes: Processes, caplog: pytest.LogCaptureFixture
) -> None:
    assert processes.call(die) is None
    assert processes.call(where) is None
    assert "has died" in caplog.text


def test_no_call_waits_behind_many_others(processes: Processes) -> None:
    """One is under way and three are next; whatever comes then is better done where it came from."""
    assert processes.call(where) is not None
    for _ in range(4):
        processes._free.acquire()
    assert processes.call(where) is None
    processes._free.release()
    assert processes.call(where) is not None


PROGRAM = """
import os
from feedmill.jobs.processes import Processes
processes = Processes(patience=1, processes=1)
print(processes.call(os.getpid), flush=True)
input()
"""


def test_no_process_outlives_the_one_that_started_it() -> None:
    program = subprocess.Popen(
        [sys.executable, "-c", PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert program.stdout is not None
    descriptor = os.pidfd_open(int(program.stdout.readline()))
    program.kill()
    program.communicate()
    ended, _, _ = select.select([descriptor], [], [], 60)
    os.close(descriptor)
    assert ended
