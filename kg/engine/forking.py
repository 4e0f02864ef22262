"""Keeps a number of forked processes running, and starts another for each that ends."""

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress

from kg.engine.sandbox import end_with_parent

_LEAST = 0.01
#: The place of the process that stands by.
_STANDBY = -1
#: Tells it that its parent has died.
_DIED = signal.SIGUSR1


class Pause:
    """The pause before what has ended is started again: none, or one that doubles as long as it ends at once."""

    def __init__(self, longest: float, *, least: float = _LEAST, quick: float = 1.0) -> None:
        """Let it last ``least`` to ``longest`` seconds; what ends within ``quick`` seconds may not work at all."""
        self._longest, self._least, self._quick = longest, least, quick
        self._last = 0.0

    def after(self, seconds: float) -> float:
        """Return the seconds to wait now that it has ended, so long after its start."""
        self._last = min(self._longest, max(self._least, 2 * self._last)) if seconds < self._quick else 0.0
        return self._last


def supervise(
    number: int,
    run: Callable[[int], None],
    *,
    ended: Callable[[int], object] = lambda status: None,
    longest: float = _LEAST,
    grace: float = 0.0,
    standby: bool = False,
) -> None:
    """Keep so many processes running until SIGTERM; each is told its place, a number from 0 on.

    A process that takes the place of another has its number. ``ended`` is called with the wait status of each that
    ends. Processes that end right after their start are replaced after a pause that doubles up to ``longest`` seconds,
    so that they do not keep the processor busy. At SIGTERM they have ``grace`` seconds to finish by themselves; the
    exit code is 0 when all did.

    With ``standby`` one more process stands by: should this one die, the call returns there, with all that is in
    memory, and whoever made the call makes it again. It needs Linux, and a parent of this process that adopts it then
    (`sandbox.adopt_orphans`); else it ends.
    """
    started: dict[int, tuple[int, float]] = {}

    def start(place: int) -> bool:
        """Start a process; return whether this is another one now, which stood by."""
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})  # `end` has to know every process
        if place == _STANDBY:
            child = _stand_by()
        else:
            child = fork(lambda: run(place), signal.SIGTERM if grace else signal.SIGKILL)
        started[child] = place, time.monotonic()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        return child == 0

    def end(*_: object) -> None:
        for child in started:
            with suppress(ProcessLookupError):  # it may just have ended
                os.kill(child, signal.SIGTERM if grace else signal.SIGKILL)
        os._exit(0 if not grace or _finish(set(started), grace) else 1)

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    pause = Pause(longest)
    missing = [*([_STANDBY] if standby else []), *range(number)]
    while True:
        for place in missing:
            if start(place):
                return
        child, status = os.waitpid(-1, 0)
        place, since = started.pop(child)
        if place != _STANDBY:
            ended(status)
        time.sleep(pause.after(time.monotonic() - since))
        missing = [place]


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


def _stand_by() -> int:
    """Start a process that waits until this one has died; return its process id here, and 0 there, then."""
    this, parent = os.getpid(), os.getppid()
    child = os.fork()
    if child == 0:
        signal.pthread_sigmask(signal.SIG_BLOCK, {_DIED})
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        end_with_parent(_DIED)
        while os.getppid() == this:
            signal.sigwait({_DIED})
        end_with_parent()
        if os.getppid() != parent:
            os._exit(1)  # the parent of both has ended, too, or leaves orphans to others
    return child


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
