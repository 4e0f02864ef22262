"""The sandbox of a worker: limits of memory and time, no core dumps, no network, and death with its parent.

The kernel enforces all of it, whatever the engine does. Systems other than Linux lack some of it, and
`drop_privileges` says what.
"""

import ctypes
import os
import platform
import resource
import signal
import struct
import sys

_PR_SET_PDEATHSIG, _PR_SET_SECCOMP, _PR_SET_CHILD_SUBREAPER, _PR_SET_NO_NEW_PRIVS = 1, 22, 36, 38
_SECCOMP_MODE_FILTER = 2
_LINUX = sys.platform == "linux"

# Numbers of system calls (asm/unistd.h): socket, io_uring_setup, execve, execveat, ptrace.
_CALLS = {
    "x86_64": (0xC000003E, 41, 425, (59, 322, 101)),
    "aarch64": (0xC00000B7, 198, 425, (221, 281, 117)),
}
_ALLOW, _DENY, _KILL = 0x7FFF0000, 0x00050000 | 1, 0x80000000  # SECCOMP_RET_*: allow, EPERM, kill the process
_LOAD, _JUMP_IF, _JUMP_FROM, _RETURN = 0x20, 0x15, 0x35, 0x06  # BPF: load, jump if equal, if at least, return
_X32 = 0x40000000  # the same calls have other numbers from here on
_NUMBER, _ARCH, _FIRST_ARGUMENT = 0, 4, 16  # offsets in struct seccomp_data
_AF_UNIX = 1


def drop_privileges(memory: int) -> tuple[str, ...]:
    """Give up what a worker does not need; return what this system cannot enforce.

    ``memory`` is how many bytes may be allocated beyond those that the process has now.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    missing = []
    if not end_with_parent():
        missing.append("end with the parent")
    if _LINUX:
        limit = _address_space() + memory
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    else:
        missing.append("memory limit")
    if not _close_network():
        missing.append("network filter")
    return tuple(missing)


def end_with_parent(by: signal.Signals = signal.SIGKILL) -> bool:
    """Have the kernel end this process together with its parent; return whether the system can do that."""
    return _LINUX and _prctl(_PR_SET_PDEATHSIG, by)


def adopt_orphans() -> bool:
    """Have processes that lose their parent become children of this one; return whether the system can do that."""
    return _LINUX and _prctl(_PR_SET_CHILD_SUBREAPER, 1)


def set_timer(seconds: float) -> None:
    """Have the kernel kill this process after so much wall-clock time, or about as much processor time."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    soft = int(used.ru_utime + used.ru_stime + seconds) + 2
    resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))
    signal.setitimer(signal.ITIMER_REAL, seconds)


def clear_timer() -> None:
    """Remove the limit that `set_timer` set."""
    signal.setitimer(signal.ITIMER_REAL, 0)


def resident_memory() -> int:
    """Return the bytes of memory that this process holds, shared ones included; 0 where the system does not tell."""
    return _statm()[1] if _LINUX else 0


def most_resident_memory() -> int:
    """Return the most bytes of memory that this process has held so far: much quicker to learn, and never less."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 if _LINUX else 0


def _address_space() -> int:
    return _statm()[0]


def _statm() -> list[int]:
    """Return the sizes of this process in bytes (proc(5)): its address space, its resident memory and more."""
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123
        return [int(pages) * os.sysconf("SC_PAGE_SIZE") for pages in file.read().split()]


def _prctl(option: int, *arguments: int) -> bool:
    library = ctypes.CDLL(None, use_errno=True)
    padded = (*arguments, 0, 0, 0, 0)[:4]
    return bool(library.prctl(option, *(ctypes.c_ulong(argument) for argument in padded)) == 0)


def _close_network() -> bool:
    """Allow no sockets but AF_UNIX, and no other programs; return whether the system can do that."""
    calls = _CALLS.get(platform.machine())
    if not _LINUX or calls is None:
        return False
    architecture, socket_call, ring_call, denied = calls
    program = [
        (_LOAD, 0, 0, _ARCH),
        (_JUMP_IF, 1, 0, architecture),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
        (_JUMP_FROM, 0, 1, _X32),
        (_RETURN, 0, 0, _KILL),
    ]
    for number in (ring_call, *denied):
        program += [(_JUMP_IF, 0, 1, number), (_RETURN, 0, 0, _DENY)]
    program += [
        (_JUMP_IF, 1, 0, socket_call),
        (_RETURN, 0, 0, _ALLOW),
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        (_JUMP_IF, 0, 1, _AF_UNIX),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _DENY),
    ]
    code = b"".join(struct.pack("HBBI", *instruction) for instruction in program)
    buffer = ctypes.create_string_buffer(code, len(code))
    header = struct.pack("HL", len(program), ctypes.addressof(buffer))  # struct sock_fprog, padded by the compiler
    pointer = ctypes.create_string_buffer(header, len(header))
    return _prctl(_PR_SET_NO_NEW_PRIVS, 1) and _prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.addressof(pointer))
