"""The same work on many things, in as many processes as there are processors."""

import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

_Result = TypeVar("_Result")
#: Labels handed to a process at a time.
_AT_ONCE = 8
#: What the processes do. They are forked when it is set: they hold the application without a copy of it.
_work: Callable[[str], Any]


@contextmanager
def workers(work: Callable[[str], _Result]) -> Iterator[Callable[[Iterable[str]], Iterator[_Result]]]:
    """Run processes; what is yielded does the work on names, and returns the results in their order."""
    global _work
    _work = work
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None, context
    ) as pool:
        yield lambda names: pool.map(_run, names, chunksize=_AT_ONCE)


def _run(name: str) -> Any:
    return _work(name)
