"""The engine of the service: each query runs in a worker process that can be killed.

The workers belong to a zygote (see [kg.engine.zygote][]) and are reached over a Unix socket. A query that takes too
long, too much memory, or breaks the engine costs its own worker, which is replaced, and nothing else.
"""

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from kg.engine.base import Answer, Call, Engine, Query
from kg.engine.conversation import Conversation, Limits, NotTakenError
from kg.engine.formats import Format
from kg.errors import BusyError


class IsolatedEngine(Engine):
    """Passes queries to the workers of a zygote."""

    def __init__(self, address: Path, limits: Limits, call: Call | None = None) -> None:
        """Reach the workers at an address; ``call`` asks the endpoints that SERVICE names for them."""
        self._address, self._limits, self._call = str(address), limits, call
        self.missing: tuple[str, ...] = ()

    def answer(self, query: Query, formats: Sequence[Format], gone: Callable[[], bool] | None = None) -> Answer:
        """Answer a query (see [kg.engine.base.Engine][]); returns when the first part of the answer is there."""
        give_up = time.monotonic() + self._limits.queue
        while True:
            call = Conversation(self._address, self._limits, self._call, gone or _there)
            try:
                call.ask(query, formats)
                self.missing = call.missing
                answer = call.begin()
            except NotTakenError:
                call.close()
                if time.monotonic() > give_up:
                    raise BusyError("no worker was free to answer") from None
            except BaseException:
                call.close()
                raise
            else:
                return answer


def _there() -> bool:
    return False
