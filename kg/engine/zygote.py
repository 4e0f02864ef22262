"""The process that loads a dataset and forks the workers that answer queries over it.

    python -m kg.engine.zygote SOCKET WORKERS MEMORY union|plain rewrite|as-sent FILE...|FOLDER

It has one thread, reads no query and only forks, so that workers share its store without a copy; a store on disk, in a
FOLDER, each worker opens for itself. They wait for
connections on one Unix socket, take one query at a time, and are replaced when they die for any reason. Another process
stands by, which shares the store, too: when the zygote dies, it becomes the zygote, and nothing is loaded again.
"""

import gc
import os
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from importlib import import_module
from pathlib import Path

from kg.engine.embedded import EmbeddedEngine
from kg.engine.forking import Pause, fork, supervise
from kg.engine.sandbox import end_with_parent
from kg.engine.worker import work

#: The environment variable with the process id of the supervisor, which must be the parent.
PARENT = "KG_PARENT"
#: The environment variable with a descriptor on which the zygote says, by a byte, that its socket is there.
READY = "KG_READY"
_PAUSE = 0.05  # seconds between two attempts to make the socket
_LONGEST_PAUSE = 0.5  # seconds before the next zygote goes on, when one after the other dies at once


def main(arguments: list[str]) -> None:
    """Load the dataset, listen, and keep workers running for ever."""
    address, workers, memory, graphs, queries, *files = arguments
    end_with_parent()
    if os.environ.get(PARENT, str(os.getppid())) != str(os.getppid()):
        return  # the parent ended before `end_with_parent` took effect
    try:
        open_ = _opener([Path(file) for file in files], union=graphs == "union", rewrite=queries == "rewrite")
    except (SyntaxError, OSError, ValueError) as error:
        sys.exit(f"the dataset cannot be read: {error}")
    # Imported here once for all workers; its linear algebra would start a thread for every processor.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    import_module("scipy.special")
    gc.freeze()
    while True:
        try:
            ended = Path(address).with_suffix(".ended").open("ab", buffering=0)
            listener = _listen(address, int(workers) * 2)
        except FileNotFoundError:  # the folder was removed; the supervisor makes it again
            time.sleep(_PAUSE)
        else:
            break

    def count(_status: int) -> None:
        with suppress(OSError):  # a full disk must not end what only counts
            ended.write(b"x")

    if READY in os.environ:
        with open(int(os.environ[READY]), "wb", buffering=0) as say:  # noqa: PTH123 (a descriptor)
            say.write(b".")
    pause = Pause(_LONGEST_PAUSE)
    while True:
        since = time.monotonic()
        supervise(
            int(workers),
            lambda _: work(listener, open_(), int(memory)),
            ended=count,
            standby=sys.platform == "linux",
        )
        # From here on it is another process: that which stood by.
        with suppress(OSError):
            print("the parent of the workers ended; the one that stood by takes its place", file=sys.stderr, flush=True)
        time.sleep(pause.after(time.monotonic() - since))


def _opener(paths: list[Path], *, union: bool, rewrite: bool) -> Callable[[], EmbeddedEngine]:
    """Return what gives a worker its engine: the one that is loaded here, or one over a store on disk.

    Raises what is wrong with the files; that a store cannot be opened is found by a process that ends.
    """
    if not paths or not paths[0].is_dir():
        engine = EmbeddedEngine.from_files(paths, union=union, rewrite=rewrite)
        engine.prepare()
        return lambda: engine
    open_ = partial(EmbeddedEngine.open, paths[0], union=union, rewrite=rewrite)

    def try_it() -> None:
        open_()

    if os.waitpid(fork(try_it), 0)[1]:
        raise OSError(f"{paths[0]} is damaged; remove it, and it is filled again")
    return open_


def _listen(address: str, backlog: int) -> socket.socket:
    """Make the socket; whoever connects from then on waits for the workers only."""
    listener = socket.socket(socket.AF_UNIX)
    staged = Path(address + ".new")
    staged.unlink(missing_ok=True)
    listener.bind(str(staged))
    listener.listen(backlog)
    staged.rename(address)
    return listener


if __name__ == "__main__":
    main(sys.argv[1:])
