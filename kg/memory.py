"""Work that makes millions of objects at once, without Python's collector of cycles."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_gc() -> Iterator[None]:
    """Do not search for unreachable cycles of objects within the block.

    The search grows with all that is in memory, and takes a quarter of the time of a build, which makes few cycles.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
