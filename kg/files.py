"""Files and folders that appear whole or not at all, whatever happens while they are written."""

import ctypes
import errno
import fcntl
import glob
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

#: What a folder is called that makes way for another where the system cannot exchange them in one step.
OLD = ".old-"

_AT_FDCWD, _RENAME_EXCHANGE = -100, 2  # fcntl.h, linux/fs.h


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """Open a file that takes its name, in place of one that is there, when the block ends without an error."""
    target = path.resolve()
    part = _part(target)
    try:
        with naming(path), part.open("xb") as file, locked(part):
            yield file
            file.flush()
            os.fsync(file.fileno())
            part.replace(target)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def whole_folder(path: Path) -> Iterator[Path]:
    """Make a folder that takes its name, in place of one that is there, when the block ends without an error."""
    part = _part(path)
    part.mkdir()
    try:
        with naming(path), locked(part):
            yield part
            put_folder(part, path)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def put_folder(new: Path, place: Path) -> None:
    """Give a finished folder its place; one that is there leaves it in the same step, and is removed.

    Where the system cannot exchange two folders, the old one makes way first. Only a process that is killed between
    the two steps leaves the place empty; `put_back` then restores it.
    """
    if not place.exists():
        new.rename(place)
    elif _exchange(new, place):
        shutil.rmtree(new)
    else:
        old = place.with_name(OLD + place.name)
        place.rename(old)
        new.rename(place)
        shutil.rmtree(old)


def put_back(folder: Path) -> None:
    """Bring back, or remove, the old folders that a killed `put_folder` left in a folder."""
    for old in folder.glob(f"{OLD}*"):
        place = old.with_name(old.name.removeprefix(OLD))
        if place.exists():
            shutil.rmtree(old)
        else:
            old.rename(place)


def point(link: Path, target: Path) -> None:
    """Make a link in one step, in place of one that is there: a reader sees either of them."""
    fresh = link.with_name(f".{link.name}-new")
    fresh.unlink(missing_ok=True)
    try:
        fresh.symlink_to(target)
        fresh.replace(link)
    except OSError:
        with suppress(OSError):
            fresh.unlink()
        raise


def sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def lock(path: Path, *, shared: bool = False) -> int:
    """Lock a file or a folder; return the descriptor that holds the lock until it is closed or the process ends.

    Raises BlockingIOError when another process has the lock; several may share it.
    """
    descriptor = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_NB | (fcntl.LOCK_SH if shared else fcntl.LOCK_EX))
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Lock a file or a folder for the block. Raises BlockingIOError when another process has the lock."""
    descriptor = lock(path)
    try:
        yield
    finally:
        os.close(descriptor)


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Have an error of the system name a file, if it names none: a full disk is reported without one."""
    try:
        yield
    except OSError as error:
        if error.errno is None or error.filename is not None:
            raise
        raise OSError(error.errno, error.strerror, str(path)) from error


def _part(target: Path) -> Path:
    """Return where to write what will be the target, after removing what killed processes left there."""
    for left in target.parent.glob(f".{glob.escape(target.name)}.*.part"):
        with suppress(OSError), locked(left):  # else its process is alive
            shutil.rmtree(left) if left.is_dir() else left.unlink()
    return target.with_name(f".{target.name}.{os.getpid()}.part")


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two folders in one step; return whether the system and the file system can do that (renameat2(2))."""
    library = ctypes.CDLL(None, use_errno=True)
    if not hasattr(library, "renameat2"):
        return False
    paths = _AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other)
    if library.renameat2(*paths, _RENAME_EXCHANGE) == 0:
        return True
    if (number := ctypes.get_errno()) in (errno.EINVAL, errno.ENOSYS):
        return False
    raise OSError(number, os.strerror(number), str(one), None, str(other))
