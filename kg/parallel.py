"""Runs work in a process of its own beside the process that needs it, with all that is in memory."""

import os
import pickle
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from kg.engine.forking import fork


@contextmanager
def beside(work: Callable[[], object]) -> Iterator[None]:
    """Do some work beside the block, and wait for it at the end of the block.

    What the work raises is raised there, also when the block raises something of its own; what it returns or changes
    in memory is lost. If the block is interrupted, or this process is killed, the work is stopped.
    """
    reading, writing = os.pipe()
    child = fork(lambda: _send_error(work, writing))
    os.close(writing)
    try:
        with open(reading, "rb") as pipe:  # noqa: PTH123
            try:
                yield
            except Exception:
                if error := pipe.read():
                    raise pickle.loads(error) from None
                raise
            error = pipe.read()
    except BaseException:
        os.kill(child, signal.SIGKILL)
        raise
    finally:
        _, status = os.waitpid(child, 0)
    if error:
        raise pickle.loads(error)
    if code := os.waitstatus_to_exitcode(status):
        raise ChildProcessError(f"a process of this command ended with {code}; it may have needed too much memory")


def _send_error(work: Callable[[], object], writing: int) -> None:
    try:
        work()
    except Exception as error:
        with open(writing, "wb") as pipe:
            pickle.dump(error, pipe)
