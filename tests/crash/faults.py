"""Faults at each step on the file system: a process is killed there, or the disk is full or read-only from there on.

A step is what Python code does to files: opening one for writing, each write and fsync, making, renaming, linking and
removing. What other libraries write themselves lies between two steps. A run is a fork of this process, which has
loaded everything and may have done part of the work: so a step costs little.
"""

import builtins
import errno
import io
import os
import signal
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_CHANGES = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.symlink", "os.link", "os.truncate"}
#: What needs room on the disk. Names are removed from a full disk, but not from one that is read-only.
_GROWS = {"open", "write", "fsync", "os.mkdir", "os.rename", "os.symlink", "os.link"}
#: Whose second argument is the name that is made.
_TWO = {"os.rename", "os.symlink", "os.link"}
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT

KILL, FULL, READ_ONLY = "kill", "full", "read-only"


@dataclass(frozen=True)
class End:
    """How a run ended: its steps, its exit code (negative for a signal), and what it printed."""

    steps: tuple[str, ...]
    code: int
    said: str


def run(work: Callable[[], object], folder: Path, fault: str = "", at: int = -1) -> End:
    """Do some work in a process of its own, with a fault at one of its steps in a folder, counted from 0."""
    report, said = folder.parent / "steps", folder.parent / "said"
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        code = 1
        signal.alarm(120)
        try:
            output = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            os.dup2(output, 1)
            os.dup2(output, 2)
            sys.stdout = io.TextIOWrapper(io.FileIO(1, "w", closefd=False), write_through=True)
            sys.stderr = io.TextIOWrapper(io.FileIO(2, "w", closefd=False), write_through=True)
            _watch(folder, os.open(report, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), fault, at)
            try:
                work()
                code = 0
            except SystemExit as ended:
                code = int(ended.code or 0)
            except BaseException:
                traceback.print_exc()
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    return End(tuple(report.read_text().splitlines()), os.waitstatus_to_exitcode(status), said.read_text())


def _watch(folder: Path, report: int, fault: str, at: int) -> None:
    """Count the steps of this process in a folder, and have the fault happen."""
    count = 0
    inside = os.fspath(folder)

    def step(kind: str, path: str) -> None:
        nonlocal count
        if not path.startswith(inside):
            return
        number, count = count, count + 1
        os.write(report, f"{kind} {path.removeprefix(inside)}\n".encode())
        if number == at and fault == KILL:
            os.kill(os.getpid(), signal.SIGKILL)
        if 0 <= at <= number and (fault == READ_ONLY or (fault == FULL and kind in _GROWS)):
            code = errno.ENOSPC if fault == FULL else errno.EROFS
            # As the system does: the error of a write names no file.
            raise OSError(code, os.strerror(code), *([path] if kind not in ("write", "fsync") else []))

    def hear(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open" and not isinstance(arguments[0], int) and arguments[2] & _WRITING:
            step("open", os.fsdecode(arguments[0]))
        elif event in _CHANGES:
            path = os.fsdecode(arguments[event in _TWO])
            # Names relative to an open folder are those that rmtree removes.
            step(event, path if Path(path).is_absolute() else f"{inside}/.../{path}")

    class Raw(io.FileIO):
        def write(self, data: Any) -> int | None:
            step("write", os.fspath(self.name) if isinstance(self.name, str | os.PathLike) else "")
            return super().write(data)

    opened = io.open

    def open_(file: Any, mode: str = "r", buffering: int = -1, *rest: Any, **named: Any) -> Any:
        if isinstance(file, int) or not set(mode) & set("wax+") or buffering == 0:
            return opened(file, mode, buffering, *rest, **named)
        raw = Raw(file, mode.replace("b", "").replace("t", ""), opener=named.pop("opener", None))
        buffered = io.BufferedRandom(raw) if "+" in mode else io.BufferedWriter(raw)
        return buffered if "b" in mode else io.TextIOWrapper(buffered, *rest, **named)

    def fsync_(descriptor: int) -> None:
        """Count the step and wait for no disk: what a killed process wrote is there for the next one without it."""
        step("fsync", str(Path(f"/proc/self/fd/{descriptor}").readlink()))

    io.open = builtins.open = open_
    os.fsync = fsync_
    sys.addaudithook(hear)
