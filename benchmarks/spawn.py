"""Run one command and tell what it took. A small process of its own, since what the kernel counts for a child begins
with the memory of its parent; so nothing but the standard library, and little of that.

    python -I -S spawn.py RESULT COMMAND [ARGUMENT]...

writes `wall cpu memory code` to the file RESULT: seconds, seconds of user and system time of the command and of all
that it waited for, bytes, and the exit code. The memory is the larger of two: the most that the largest process had
resident, as the kernel keeps it, and, while there are several processes, the largest sum of their proportional shares
(PSS).
"""

from __future__ import annotations

import os
import select
import sys
import time

PAUSE = 0.05
"""Seconds between two looks at the processes."""


def tree(root: int) -> list[int]:
    """Return the process and all of its descendants that live now."""
    found = [root]
    for process in found:  # it grows while it is read
        try:
            for thread in os.listdir(f"/proc/{process}/task"):
                with open(f"/proc/{process}/task/{thread}/children") as children:
                    found += map(int, children.read().split())
        except OSError:
            continue
    return found


def share(process: int) -> int:
    """Return its proportional share of memory in bytes; 0 if it is gone."""
    try:
        with open(f"/proc/{process}/smaps_rollup") as lines:
            return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
    except OSError:
        return 0


def largest(child: int) -> int:
    """Wait until `child` has ended, which is left to be reaped; return the largest sum of shares that was seen."""
    most = 0
    if not hasattr(os, "pidfd_open"):  # not Linux: nothing to look at
        return most
    ended = select.poll()
    ended.register(os.pidfd_open(child), select.POLLIN)
    while not ended.poll(PAUSE * 1000):
        if len(processes := tree(child)) > 1:
            most = max(most, sum(map(share, processes)))
    return most


def main(result: str, command: list[str]) -> None:
    """Run `command` to its end, and write what it took."""
    start = time.perf_counter()
    child = os.posix_spawnp(command[0], command, os.environ)
    shared = largest(child)
    _, status, used = os.wait4(child, 0)
    wall = time.perf_counter() - start
    memory = max(used.ru_maxrss * (1 if sys.platform == "darwin" else 1024), shared)
    with open(result, "w") as out:
        out.write(f"{wall} {used.ru_utime + used.ru_stime} {memory} {os.waitstatus_to_exitcode(status)}")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
