"""What a worker gives up before it reads a query: memory, time, core dumps, life without its parent, the network.

All of it is asked of the kernel, so it holds whatever the engine does. Linux has all of it; other systems lack the
end with the parent and the network filter, and `confine` says so.
"""

import ctypes
import math
import os
import platform
import resource
import signal
import struct
import sys

_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP = 1, 38, 22
_SECCOMP_MODE_FILTER = 2
_LINUX = sys.platform == "linux"

# Numbers of system calls (asm/unistd.h): socket, io_uring_setup, execve, execveat, ptrace.
_CALLS = {
    "x86_64": (0xC000003E, 41, 425, (59, 322, 101)),
    "aarch64": (0xC00000B7, 198, 425, (221, 281, 117)),
}
_ALLOW, _DENY, _KILL = 0x7FFF0000, 0x00050000 | 1, 0x80000000  # SECCOMP_RET_*: allow, EPERM, kill the process
_LOAD, _JUMP_IF, _JUMP_FROM, _RETURN = 0x20, 0x15, 0x35, 0x06  # BPF: load, jump if equal, if at least, return
_X32 = 0x40000000  # numbers from here on are the same calls by another door
_NUMBER, _ARCH, _FIRST_ARGUMENT = 0, 4, 16  # offsets in struct seccomp_data
_AF_UNIX = 1


def confine(memory: int) -> tuple[str, ...]:
    """Give up what a worker does not need; return what this system could not enforce.

    ``memory`` is what may be allocated beyond what the process shares with its parent now, in bytes.
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
    """Have the kernel end this process when its parent ends; return whether the system can do that."""
    return _LINUX and _prctl(_PR_SET_PDEATHSIG, by)


def allow_seconds(seconds: float) -> None:
    """Let the process live for so long, on the wall clock and, as a second line, on the processor.

    The kernel ends it when the time is up, wherever it is; `rest` takes the limit away.
    """
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    soft = int(used.ru_utime + used.ru_stime + seconds) + 2
    resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))
    signal.setitimer(signal.ITIMER_REAL, seconds)


def rest() -> None:
    """Take the time limit away until the next query."""
    signal.setitimer(signal.ITIMER_REAL, 0)


def memory_left() -> float:
    """Return how much more this process may allocate, in bytes; infinite without a limit."""
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    return math.inf if limit == resource.RLIM_INFINITY else limit - _address_space()


def _address_space() -> int:
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123 (before anything is imported twice)
        return int(file.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")


def _prctl(option: int, *arguments: int) -> bool:
    library = ctypes.CDLL(None, use_errno=True)
    padded = (*arguments, 0, 0, 0, 0)[:4]
    return bool(library.prctl(option, *(ctypes.c_ulong(argument) for argument in padded)) == 0)


def _close_network() -> bool:
    """Let sockets be AF_UNIX only, and no other program be started; return whether the system can do that."""
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
