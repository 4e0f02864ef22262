"""How many requests a client may send: a token bucket for each, shared by the web processes.

A bucket is kept as one number, the time at which it will be full again (the generic cell rate algorithm, ITU-T I.371):
a request adds the time that it costs, and is refused when that would lie further ahead than a whole bucket. The table
has a fixed number of rows; a client has its row in one of eight places, and takes that of the client whose bucket is
full, or will be first: a full bucket says nothing, so what is forgotten is as little as can be.
"""

import math
import struct
import time
from pathlib import Path

from flask import current_app, request

from api.http import client
from api.http.shared import Shared
from kg.errors import BusyError

#: Requests that a client may send at once, in seconds of its rate.
BURST = 4.0
#: The blueprints whose routes ask the engine; what says that the service lives is never refused.
LIMITED = frozenset(
    {
        "entity_pages",
        "explanations",
        "exports",
        "graph_store",
        "linked_data",
        "ontology",
        "releases",
        "rest",
        "sparql",
        "well_known",
        "workbench",
    }
)
_ROW = struct.Struct("8sd")  # the client, and when its bucket is full again
_PLACES = 8
_SETS = 1024


class RateError(BusyError):
    """A client has sent more requests than it may; ``wait`` is after how many seconds the next one is let in."""

    def __init__(self, rate: float, wait: float) -> None:
        self.wait = wait
        super().__init__(f"you may send {rate:g} requests a second, and {rate * BURST:g} at once")


class Rate:
    """The buckets of all clients."""

    def __init__(self, rate: float, path: Path | None = None) -> None:
        """Let each client send ``rate`` requests a second, or as many as it likes when that is 0."""
        self._rate = rate
        self._shared = Shared(_SETS * _PLACES * _ROW.size, path)

    def spend(self, address: str, now: float | None = None) -> None:
        """Count a request of a client; raises RateError, and counts nothing, when it is one too many.

        The time is that of the system's monotonic clock, which all processes share.
        """
        if not self._rate:
            return
        key = client.key(address)
        first = int.from_bytes(key[:4], "big") % _SETS * _PLACES
        with self._shared.alone():
            rows = [_ROW.unpack_from(self._shared.bytes, (first + place) * _ROW.size) for place in range(_PLACES)]
            now = time.monotonic() if now is None else now
            places = [place for place, (holder, _) in enumerate(rows) if holder == key]
            place = places[0] if places else min(range(_PLACES), key=lambda place: float(rows[place][1]))
            full = max(now, rows[place][1]) if places else now
            wait = full + 1 / self._rate - now - max(BURST, 1 / self._rate)
            if wait > 1e-9:  # less than that is rounding
                raise RateError(self._rate, wait)
            _ROW.pack_into(self._shared.bytes, (first + place) * _ROW.size, key, full + 1 / self._rate)


def limit() -> None:
    """Count this request when its route asks the engine; raises RateError when its client has sent too many."""
    if request.blueprint in LIMITED:
        rate: Rate = current_app.extensions["rate"]
        rate.spend(request.remote_addr or "")


def retry_after(error: RateError) -> str:
    """Return the whole seconds after which a request is let in (RFC 9110, section 10.2.3)."""
    return str(max(1, math.ceil(error.wait)))
