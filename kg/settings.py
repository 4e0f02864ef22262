"""Settings, all by environment: one table of name, default and meaning (contract, section 6)."""

import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from kg.engine import ServiceClient


@dataclass(frozen=True)
class Setting:
    """One environment variable."""

    name: str
    default: str
    meaning: str


SETTINGS = (
    Setting("KG_DATA", "./build", "folder of the snapshots"),
    Setting("KG_QUERY_TIMEOUT", "30", "seconds that one query may take"),
    Setting("KG_QUERY_MEMORY", "2048", "memory that one query may take, in MiB"),
    Setting("KG_QUERY_ANSWER", "512", "largest answer of one query, in MiB"),
    Setting("KG_QUEUE_TIMEOUT", "5", "seconds that a query may wait for a free worker"),
    Setting("KG_WORKERS", "", "queries that run at once; empty: one for each processor, at least two"),
    Setting("KG_RATE", "200", "requests a second that a client may send; four seconds' worth at once; 0: any number"),
    Setting("KG_CLIENT_TIMEOUT", "30", "seconds for a client to send its request, or to take on its answer"),
    Setting("KG_CACHE", "64", "answers kept in the memory of each web process, in MiB"),
    Setting("KG_TRUSTED_PROXY", "", "address of a proxy whose X-Forwarded headers are believed"),
    Setting("KG_ACCESS_LOG", "", "1: a JSON line for each request on standard output"),
    Setting("KG_SERVICE_ALLOW", "", "endpoints that SERVICE may call, divided by spaces; empty: SERVICE is refused"),
    Setting("KG_MAX_BODY", "1", "largest request body, in MiB"),
)


@dataclass(frozen=True)
class Settings:
    """The values in force; sizes in bytes, times in seconds."""

    data: Path
    query_timeout: float
    query_memory: int
    query_answer: int
    queue_timeout: float
    workers: int
    rate: float
    client_timeout: float
    cache: int
    trusted_proxy: str
    access_log: bool
    service_allow: tuple[str, ...]
    max_body: int

    def service_client(self) -> ServiceClient | None:
        """Return what sends queries to the endpoints that SERVICE may call; None when it may call none."""
        if not self.service_allow:
            return None
        from kg.engine.service.endpoints import Endpoints

        return Endpoints(self.service_allow, self.query_timeout)

    @classmethod
    def read(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        """Read the environment; raises ValueError naming the variable that is not a positive number."""
        values = {setting.name: environ.get(setting.name) or setting.default for setting in SETTINGS}
        return cls(
            data=Path(values["KG_DATA"]),
            query_timeout=_number("KG_QUERY_TIMEOUT", values),
            query_memory=int(_number("KG_QUERY_MEMORY", values) * 2**20),
            query_answer=int(_number("KG_QUERY_ANSWER", values) * 2**20),
            queue_timeout=_number("KG_QUEUE_TIMEOUT", values),
            workers=int(_number("KG_WORKERS", values)) if values["KG_WORKERS"] else max(2, os.cpu_count() or 1),
            rate=_number("KG_RATE", values, zero=True),
            client_timeout=_number("KG_CLIENT_TIMEOUT", values),
            cache=int(_number("KG_CACHE", values) * 2**20),
            trusted_proxy=values["KG_TRUSTED_PROXY"],
            access_log=values["KG_ACCESS_LOG"] == "1",
            service_allow=_endpoints("KG_SERVICE_ALLOW", values),
            max_body=int(_number("KG_MAX_BODY", values) * 2**20),
        )


def _number(name: str, values: Mapping[str, str], *, zero: bool = False) -> float:
    try:
        number = float(values[name])
    except ValueError:
        number = -1
    if not (0 < number < math.inf or (zero and number == 0)):
        raise ValueError(f"{name} is {values[name]!r}; give a number above 0{', or 0' * zero}")
    return number


def _endpoints(name: str, values: Mapping[str, str]) -> tuple[str, ...]:
    endpoints = tuple(values[name].replace(",", " ").split())
    for endpoint in endpoints:
        url = urlsplit(endpoint)
        if url.scheme not in ("http", "https") or not url.hostname or url.username is not None:
            raise ValueError(f"{name} holds {endpoint!r}; give http or https addresses without user names")
    return endpoints
