"""The process that loads a dataset and forks the workers that answer queries over it.

    python -m kg.engine.zygote SOCKET WORKERS MEMORY union|plain DATASET...

It has one thread, reads no query and only forks, so that workers share its store without a copy. They wait for
connections on one Unix socket, take one query at a time, and are replaced when they die for any reason. Another process
stands by, which shares the store, too: when the zygote dies, it becomes the zygote, and nothing is loaded again.
"""

import gc
import os
import socket
import sys
import time
from contextlib import suppress
from importlib import import_module
from pathlib import Path

from kg.engine.embedded import EmbeddedEngine
from kg.engine.forking import Pause, supervise
from kg.engine.sandbox import end_with_parent
from kg.engine.worker import work

#: The environment variable with the process id of the supervisor, which must be the parent.
PARENT = "KG_PARENT"
_LONGEST_PAUSE = 0.5  # seconds before the next zygote goes on, when one after the other dies at once


def main(arguments: list[str]) -> None:
    """Load the dataset, listen, and keep workers running for ever."""
    address, workers, memory, graphs, *files = arguments
    end_with_parent()
    if os.environ.get(PARENT, str(os.getppid())) != str(os.getppid()):
        return  # the parent ended before `end_with_parent` took effect
    try:
        engine = EmbeddedEngine.from_files([Path(file) for file in files], union=graphs == "union")
    except (SyntaxError, OSError, ValueError) as error:
        sys.exit(f"the dataset cannot be read: {error}")
    # Imported here once for all workers; its linear algebra would start a thread for every processor.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    import_module("scipy.special")
    listener = socket.socket(socket.AF_UNIX)
    staged = Path(address + ".new")
    staged.unlink(missing_ok=True)
    listener.bind(str(staged))
    listener.listen(int(workers) * 2)
    gc.freeze()
    ended = Path(address).with_suffix(".ended").open("ab", buffering=0)

    def count(_status: int) -> None:
        with suppress(OSError):  # a full disk must not end what only counts
            ended.write(b"x")

    staged.rename(address)  # whoever connects from now on waits for the workers only
    pause = Pause(_LONGEST_PAUSE)
    while True:
        since = time.monotonic()
        supervise(
            int(workers),
            lambda _: work(listener, engine, int(memory)),
            ended=count,
            standby=sys.platform == "linux",
        )
        # From here on it is another process: that which stood by.
        with suppress(OSError):
            print("the parent of the workers ended; the one that stood by takes its place", file=sys.stderr, flush=True)
        time.sleep(pause.after(time.monotonic() - since))


if __name__ == "__main__":
    main(sys.argv[1:])
