"""The process that loads the application once and forks the web processes.

    python -m api.webs DESCRIPTOR

They listen on one socket, which the supervisor opened. Each makes an application of its own, since what processes share
are files and locks that each has to open for itself; the modules are loaded before, and their memory is shared.
"""

import gc
import os
import signal
import socket
import sys
import traceback
from contextlib import suppress

from api.runtime import report
from kg.engine.forking import supervise

#: How many web processes there are.
WEBS = 2
#: Seconds in which running requests must finish at the end; a web process gives up before.
_GRACE = 17.0
_LONGEST_PAUSE = 2.0


def main(arguments: list[str]) -> None:
    """Keep the web processes running until SIGTERM."""
    # Imported here once for all web processes: the supervisor, which imports this module, needs nothing of it.
    from api.http import counts

    counts.share()  # before the application makes its counters
    from api import server

    listener = socket.socket(fileno=int(arguments[0]))

    def serve(place: int) -> None:
        counts.take_place(place)
        try:
            server.serve(listener)
        except Exception:
            with suppress(OSError):
                traceback.print_exc()
            raise

    gc.freeze()
    supervise(WEBS, serve, ended=_report, longest=_LONGEST_PAUSE, grace=_GRACE)


def how_it_ended(status: int) -> str:
    """Say how a process ended, by its exit code as `subprocess` gives it: negative for a signal."""
    return f"exit code {status}" if status >= 0 else signal.Signals(-status).name


def _report(status: int) -> None:
    reason = how_it_ended(os.waitstatus_to_exitcode(status))
    report(f"a web process ended ({reason}); another takes its place")


if __name__ == "__main__":
    main(sys.argv[1:])
