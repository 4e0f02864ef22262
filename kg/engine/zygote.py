"""The process that holds a dataset and forks the workers that answer queries over it.

    python -m kg.engine.zygote SOCKET WORKERS MEMORY union|plain DATASET...

It is single-threaded, reads no query itself and only forks: a worker shares its store without a copy. Workers wait
for connections on one Unix socket, take one query each, and are replaced when they die, of whatever cause.
"""

import gc
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from kg.engine.embedded import EmbeddedEngine
from kg.engine.sandbox import end_with_parent
from kg.engine.worker import work

#: The environment variable by which a supervisor says that it is the parent.
PARENT = "KG_PARENT"


def main(arguments: list[str]) -> None:
    """Load the dataset, listen, fork workers, and replace them for ever."""
    address, workers, memory, graphs, *files = arguments
    end_with_parent()
    # The statistics load a library of linear algebra, which would take memory and a thread for every processor.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if os.environ.get(PARENT, str(os.getppid())) != str(os.getppid()):
        return  # the parent ended before it could be told to take this process with it
    try:
        engine = EmbeddedEngine.from_files([Path(file) for file in files], union=graphs == "union")
    except (SyntaxError, OSError, ValueError) as error:
        sys.exit(f"the dataset cannot be read: {error}")
    listener = socket.socket(socket.AF_UNIX)
    staged = Path(address + ".new")
    staged.unlink(missing_ok=True)
    listener.bind(str(staged))
    listener.listen(int(workers) * 2)
    gc.freeze()
    ended = Path(address).with_suffix(".ended").open("ab", buffering=0)
    # The address appears when there is somebody to answer, not before.
    supervise(
        int(workers),
        lambda: work(listener, engine, int(memory)),
        lambda: staged.rename(address),
        lambda: ended.write(b"x"),
    )


def supervise(number: int, work_: Callable[[], None], ready: Callable[[], object], ended: Callable[[], object]) -> None:
    """Keep so many workers alive until this process is told to end."""
    children: set[int] = set()

    def end(*_: object) -> None:
        for child in children:
            with suppress(ProcessLookupError):  # it may have ended just now
                os.kill(child, signal.SIGKILL)
        os._exit(0)

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        while len(children) < number:
            started = time.monotonic()
            children.add(fork(work_))
        ready()
        ready = lambda: None  # noqa: E731
        child, _ = os.waitpid(-1, 0)
        children.discard(child)
        ended()
        if time.monotonic() - started < 0.01:
            time.sleep(0.01)  # a worker that cannot even start must not take the whole processor


def fork(work_: Callable[[], None]) -> int:
    """Start a worker; its end is always the end of its process."""
    parent = os.getpid()
    child = os.fork()
    if child == 0:
        end_with_parent()
        if os.getppid() != parent:
            os._exit(1)  # the parent ended before it could be told to take this process with it
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        try:
            work_()
        finally:
            os._exit(1)
    return child


if __name__ == "__main__":
    main(sys.argv[1:])
