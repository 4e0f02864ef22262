"""Keeps a number of forked processes running, and starts another for each that ends."""

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from typing import NoReturn

from kg.engine.sandbox import end_with_parent

#: A process that ends sooner after its start, in seconds, may not be able to work at all.
_QUICK = 1.0
_PAUSE = 0.01


def supervise(
    number: int,
    run: Callable[[int], None],
    *,
    ready: Callable[[], object] = lambda: None,
    ended: Callable[[int], object] = lambda status: None,
    longest: float = _PAUSE,
    grace: float = 0.0,
) -> NoReturn:
    """Keep so many processes running until SIGTERM; each is told its place, a number from 0 on.

    A process that takes the place of another has its number. ``ready`` is called once they run, and ``ended`` with the
    wait status of each that ends. Processes that end right after their start are replaced after a pause that doubles up
    to ``longest`` seconds, so that they do not keep the processor busy. At SIGTERM they have ``grace`` seconds to
    finish by themselves; the exit code is 0 when all did.
    """
    started: dict[int, tuple[int, float]] = {}

    def start(place: int) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})  # `end` has to know every process
        child = fork(lambda: run(place), signal.SIGTERM if grace else signal.SIGKILL)
        started[child] = place, time.monotonic()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})

    def end(*_: object) -> None:
        for child in started:
            with suppress(ProcessLookupError):  # it may just have ended
                os.kill(child, signal.SIGTERM if grace else signal.SIGKILL)
        os._exit(0 if not grace or _finish(set(started), grace) else 1)

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for place in range(number):
        start(place)
    ready()
    pause = 0.0
    while True:
        child, status = os.waitpid(-1, 0)
        place, since = started.pop(child)
        quick = time.monotonic() - since < _QUICK
        pause = min(longest, max(_PAUSE, 2 * pause)) if quick else 0.0
        ended(status)
        time.sleep(pause)
        start(place)


def _finish(children: set[int], grace: float) -> bool:
    """Wait until all have ended, and kill those that take longer; return whether all ended well."""
    give_up = time.monotonic() + grace
    well = True
    while children:
        for child in list(children):
            try:
                done, status = os.waitpid(child, os.WNOHANG)
            except ChildProcessError:  # it had ended before
                done, status = child, 0
            if done:
                children.remove(child)
                # One that has not finished starting ends by the signal itself.
                well &= os.waitstatus_to_exitcode(status) in (0, -signal.SIGTERM)
        if children and time.monotonic() > give_up:
            for child in children:
                os.kill(child, signal.SIGKILL)
            return False
        time.sleep(0.02)
    return well


def fork(run: Callable[[], None], by: signal.Signals = signal.SIGKILL) -> int:
    """Start a process that ends with this one, by the signal ``by``; return its process id."""
    parent = os.getpid()
    child = os.fork()
    if child == 0:
        end_with_parent(by)
        if os.getppid() != parent:
            os._exit(1)  # the parent ended before `end_with_parent` took effect
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        code = 1
        try:
            run()
            code = 0
        finally:
            os._exit(code)
    return child
