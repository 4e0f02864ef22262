"""Concurrency and rate limits: how many queries run at once, and how many requests a client may send.

Both are counted for all web processes together, in small files that they share, and by client: an IPv4 address, or the
64 bits of an IPv6 address that its network was given.
"""

import fcntl
import hashlib
import math
import mmap
import os
import struct
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv6Address
from pathlib import Path
from weakref import WeakValueDictionary

from flask import current_app, request

from api.runtime import RESERVED, allocate
from kg.errors import BusyError, ClientDisconnectedError

#: Queries that may wait for a slot, in all web processes together, and those of one client among them.
QUEUE = 128
QUEUE_SHARE = 96
#: Requests that a client may send at once, in seconds of its rate.
BURST = 4.0
#: Seconds for which a client has no reserved slot after a query of it that was not short.
PENALTY = 30.0
#: Blueprints without a rate limit: they report whether the service works, and explain refusals.
UNLIMITED = frozenset({"monitoring", "problems"})

#: Set in the environment of a request that was counted before it came to the application.
COUNTED = "calcikg.counted"

_SLOT = struct.Struct("8sq")  # the client, and the process that holds the slot for it
_FREE = b"\0" * 8
_PAUSE = 0.001  # seconds between two attempts to get a slot, as processes do not notify each other
_POLL = 0.1  # seconds between two checks that the client is still connected
_BUCKET = struct.Struct("8sd")  # the client, and when its bucket is full again
_WAYS = 8
_SETS = 1024


class ClientBusyError(BusyError):
    """The client already has as many queries running or waiting as one client may."""

    problem = "too-many-queries"


class RateError(BusyError):
    """A client has sent more than it may; the same is accepted after ``wait`` seconds."""

    problem = "too-many-requests"

    def __init__(self, reason: str, wait: float) -> None:
        self.wait = wait
        super().__init__(reason)

    @property
    def retry_after(self) -> int:
        """The whole seconds after which a request is accepted (RFC 9110, section 10.2.3)."""
        return max(1, math.ceil(self.wait))


@dataclass(frozen=True)
class Slot:
    """A slot that a query holds until ``free`` is called; in a ``short`` one it may run for a short time only."""

    short: bool
    free: Callable[[], None]


class Slots:
    """Slots for running queries: a client may hold all but one, so that the next query of another finds one free.

    Several clients together may hold all of them for long. So a few further slots are reserved for short queries, and
    a query that finds no other one free is tried there. Whether it is short only turns out: a client whose query was
    not has none of the reserved slots for a while.

    A query that finds no slot waits for a short while, in a queue that is bounded too, and of which one client may take
    a share only; a query that finds no room there is refused at once.
    """

    def __init__(self, number: int, timeout: float, path: Path | None = None) -> None:
        """Share ``number`` slots in a file, or without one among the threads of this process.

        ``timeout`` is how long a query may wait for a slot, in seconds.
        """
        self._timeout = timeout
        self._running = _Table(number, max(1, number - 1), path)
        self._reserved = _Table(RESERVED, RESERVED - 1, _beside(path, "reserved"))
        self._waiting = _Table(QUEUE, QUEUE_SHARE, _beside(path, "waiting"))
        self._penalties = RateLimiter(1 / PENALTY, _beside(path, "penalties"), burst=1)
        self._lock = threading.Lock()
        self._heads: WeakValueDictionary[tuple[bytes, bool], threading.Lock] = WeakValueDictionary()
        self._freed = threading.Condition()

    def take(self, address: str, gone: Callable[[], bool] | None = None, *, short: bool = False) -> Slot:
        """Wait for a slot for a client, which may be a ``short`` one.

        Raises BusyError or ClientBusyError after a while, and ClientDisconnectedError as soon as ``gone`` says so.
        """
        slot, _ = self._take(address, short)
        return slot or self._wait(address, short, gone or (lambda: False))

    def penalise(self, address: str) -> None:
        """Keep a client from the reserved slots for a while, as its query was not short."""
        with suppress(RateError):  # it is kept from them already
            self._penalties.spend(address)

    def taken(self) -> int:
        """Return how many slots are taken."""
        return self._running.taken() + self._reserved.taken()

    def waiting(self) -> int:
        """Return how many queries wait for a slot."""
        return self._waiting.taken()

    def _take(self, address: str, short: bool) -> tuple[Slot | None, int]:
        """Take a slot if one is free for the client; also return how many it holds of those that are not reserved."""
        client = client_key(address)
        row, running = self._running.take(client)
        if row is not None:
            return Slot(False, lambda: self._free(self._running, row)), running
        reserved, _ = self._reserved.take(client) if short and not self._penalties.is_spent(address) else (None, 0)
        if reserved is not None:
            return Slot(True, lambda: self._free(self._reserved, reserved)), running
        return None, running

    def _wait(self, address: str, short: bool, gone: Callable[[], bool]) -> Slot:
        client = client_key(address)
        place, waiting = self._waiting.take(client)
        if place is None:
            if waiting >= QUEUE_SHARE:
                raise ClientBusyError(f"you already have {waiting} queries waiting, the maximum for one client")
            raise BusyError(f"{QUEUE} queries are already waiting")
        with self._lock:
            head = self._heads.setdefault((client, short), threading.Lock())
        first, running, end = False, 0, time.monotonic() + self._timeout
        try:
            while (left := end - time.monotonic()) > 0:
                if gone():
                    raise ClientDisconnectedError("the client disconnected")
                # Of each client only one thread asks, so that many that wait cost no more than one.
                first = first or head.acquire(timeout=min(left, _POLL))
                if not first:
                    continue
                slot, running = self._take(address, short)
                if slot is not None:
                    return slot
                with self._freed:
                    self._freed.wait(_PAUSE)
        finally:
            if first:
                head.release()
            self._waiting.free(place)
        if running >= self._running.share:
            raise ClientBusyError(f"you already have {running} queries running, the maximum for one client")
        raise BusyError(f"no slot became free within {self._timeout:g} seconds")

    def _free(self, table: "_Table", row: int) -> None:
        table.free(row)
        with self._freed:
            self._freed.notify_all()


class RateLimiter:
    """A token bucket for each client.

    A bucket is one number, the time at which it will be full again (the generic cell rate algorithm, ITU-T I.371): a
    request adds the time that it costs, and is refused when that would lie further ahead than a whole bucket. The table
    has a fixed size; a client has one of eight rows, and takes that of the client whose bucket is full, or will be
    first: a full bucket says nothing, so as little as possible is forgotten.
    """

    def __init__(self, rate: float, path: Path | None = None, *, burst: float = 1.0, unit: str = "requests") -> None:
        """Let each client spend ``rate`` units a second, or as many as it likes when that is 0.

        At once it may spend what flows in within four seconds, or ``burst`` units if that is more.
        """
        self._rate, self._burst, self._unit = rate, max(burst, rate * BURST), unit
        self._shared = SharedMemory(_SETS * _WAYS * _BUCKET.size, path)

    def spend(self, address: str, now: float | None = None, *, amount: float = 1.0) -> None:
        """Take so many units out of a client's bucket; raises RateError, and takes nothing, when it holds less.

        ``now`` is a time of the system's monotonic clock, which all processes share.
        """
        if not self._rate:
            return
        client = client_key(address)
        with self._shared:
            now = time.monotonic() if now is None else now
            row, full = self._find(client, now)
            full += amount / self._rate
            wait = full - now - self._burst / self._rate
            if wait > 1e-9:  # less than that is rounding
                raise RateError(
                    f"you may send {self._rate:,.10g} {self._unit} a second, {self._burst:,.10g} at once", wait
                )
            _BUCKET.pack_into(self._shared.bytes, row * _BUCKET.size, client, full)

    def is_spent(self, address: str) -> bool:
        """Tell whether a client's bucket holds less than one unit."""
        with self._shared:
            now = time.monotonic()
            _, full = self._find(client_key(address), now)
            return (full - now) * self._rate > self._burst - 1

    def _find(self, client: bytes, now: float) -> tuple[int, float]:
        """Return the row for a client, and when its bucket is full."""
        start = int.from_bytes(client[:4], "big") % _SETS * _WAYS
        rows = [_BUCKET.unpack_from(self._shared.bytes, (start + way) * _BUCKET.size) for way in range(_WAYS)]
        own = [way for way, (holder, _) in enumerate(rows) if holder == client]
        way = own[0] if own else min(range(_WAYS), key=lambda way: float(rows[way][1]))
        return start + way, max(now, rows[way][1]) if own else now


def limit_rate() -> None:
    """Count this request and the bytes of its body; raises RateError when its client has sent too many of either."""
    if request.blueprint and request.blueprint not in UNLIMITED and COUNTED not in request.environ:
        requests: RateLimiter = current_app.extensions["rate"]
        requests.spend(request.remote_addr or "")
        if length := request.content_length:
            bodies: RateLimiter = current_app.extensions["body rate"]
            bodies.spend(request.remote_addr or "", amount=min(length, current_app.config["MAX_CONTENT_LENGTH"]))


@lru_cache(maxsize=1024)
def client_key(address: str) -> bytes:
    """Return eight bytes that stand for a client; the second half of an IPv6 address is its own to choose.

    >>> [client_key(address) == client_key("2001:db8::1") for address in ("2001:db8::2", "2001:db8:0:1::1")]
    [True, False]
    >>> client_key("::ffff:192.0.2.1") == client_key("192.0.2.1")
    True
    """
    return hashlib.blake2b(_network(address), digest_size=8).digest()


class SharedMemory:
    """Bytes that all processes see which open the same file; zero at first.

    A lock of ``multiprocessing`` would stay locked for ever when a process is killed that holds it.
    """

    def __init__(self, size: int, path: Path | None) -> None:
        """Share ``size`` bytes in a file, or without one among the threads of this process."""
        self._lock = threading.Lock()
        self._file = allocate(path, size) if path else -1
        self.bytes = mmap.mmap(self._file, size)

    def __enter__(self) -> None:
        """Keep all other threads and processes out; the end of a process lets them in."""
        self._lock.acquire()
        try:
            if self._file >= 0:
                # Not lockf: its locks are of a whole process, so that threads which hold one file and wait for another
                # look like a deadlock to the kernel, which then refuses one of them.
                fcntl.flock(self._file, fcntl.LOCK_EX)
        except BaseException:
            self._lock.release()
            raise

    def __exit__(self, *_: object) -> None:
        """Release the lock."""
        try:
            if self._file >= 0:
                fcntl.flock(self._file, fcntl.LOCK_UN)
        finally:
            self._lock.release()


class _Table:
    """Rows that are each held for a client by a process, or free."""

    def __init__(self, number: int, share: int, path: Path | None) -> None:
        self.share = share
        self._number = number
        self._shared = SharedMemory(number * _SLOT.size, path)

    def take(self, client: bytes) -> tuple[int | None, int]:
        """Take a free row if there is one for the client; also return how many it holds."""
        with self._shared:
            holders = [holder for holder, _ in _SLOT.iter_unpack(self._shared.bytes)]
            own = holders.count(client)
            if own >= self.share or _FREE not in holders:  # unless processes have ended that held some
                holders = self._alive()
                own = holders.count(client)
            if own >= self.share or _FREE not in holders:
                return None, own
            row = holders.index(_FREE)
            _SLOT.pack_into(self._shared.bytes, row * _SLOT.size, client, os.getpid())
            return row, own + 1

    def free(self, row: int) -> None:
        with self._shared:
            _SLOT.pack_into(self._shared.bytes, row * _SLOT.size, _FREE, 0)

    def taken(self) -> int:
        with self._shared:
            return self._number - self._alive().count(_FREE)

    def _alive(self) -> list[bytes]:
        """Return who holds each row; one held by a process that has ended is free."""
        rows = list(_SLOT.iter_unpack(self._shared.bytes))
        alive = {process for process in {process for _, process in rows} if process and _is_alive(process)}
        return [client if process in alive else _FREE for client, process in rows]


def _beside(path: Path | None, name: str) -> Path | None:
    return path and path.with_name(f"{path.name}-{name}")


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def _network(address: str) -> bytes:
    if ":" not in address:
        return address.encode()
    try:
        whole = IPv6Address(address)
    except ValueError:  # whatever a proxy calls its client
        return address.encode()
    return str(whole.ipv4_mapped).encode() if whole.ipv4_mapped else whole.packed[:8]
