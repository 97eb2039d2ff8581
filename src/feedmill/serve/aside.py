"""Where documents are read and compressed, away from the event loop: two threads, however many ask.

More would not be faster, for there is seldom much to do at once, and each keeps memory that it once compressed with:
with the usual number of threads a server grew by half within minutes. This module must not know what they do.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar, TypeVarTuple

__all__ = ["aside"]

T = TypeVar("T")
Arguments = TypeVarTuple("Arguments")

_THREADS = ThreadPoolExecutor(2, thread_name_prefix="feedmill-documents")


async def aside(work: Callable[[*Arguments], T], *arguments: *Arguments) -> T:
    """Do `work` there; return what it returns, or raise what it raises."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, work, *arguments)
