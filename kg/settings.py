"""Settings by environment variables: one table of default, meaning and type."""

import math
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from kg.engine.http import Credentials
    from kg.engine.service.endpoints import Endpoints
from kg.errors import SettingError

#: The characters of an address that links can begin with.
_BASE_URL = re.compile(r"https?://(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[1-9][0-9]*)?(?:/[A-Za-z0-9._~-]+)*/?")


def _number(text: str, *, zero: bool = False) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not (0 < number < math.inf or (zero and number == 0)):
        raise ValueError(f"give a number above 0{', or 0' * zero}")
    return number


def _mebibytes(text: str, *, zero: bool = False) -> int:
    return int(_number(text, zero=zero) * 2**20)


def _workers(text: str) -> int:
    if not text:
        return max(2, os.cpu_count() or 1)
    if not text.isdecimal() or int(text) == 0:
        raise ValueError("give a whole number above 0")
    return int(text)


def _switch(text: str) -> bool:
    if text not in ("on", "off"):
        raise ValueError("give on or off")
    return text == "on"


def _endpoints(text: str) -> tuple[str, ...]:
    endpoints = tuple(text.replace(",", " ").split())
    for endpoint in endpoints:
        url = urlsplit(endpoint)
        if url.scheme not in ("http", "https") or not url.hostname or url.username is not None:
            raise ValueError("give http or https addresses without user names")
    return endpoints


def _engine(text: str) -> str:
    url = urlsplit(text)
    if text and (url.scheme not in ("http", "https") or not url.hostname or url.username is not None or url.fragment):
        raise ValueError("give the http or https address of a SPARQL endpoint, without user name")
    return text


def _base_url(text: str) -> str:
    try:
        url = urlsplit(text)
        valid = _BASE_URL.fullmatch(text) and url.port != 0 and url.netloc.encode("idna").decode("idna")
    except ValueError:  # a port that is too large, a part of the host that is too long
        valid = None
    if text and not valid:
        raise ValueError("give an http or https address without user name, query and fragment")
    return text.rstrip("/")


def _report(text: str) -> str:
    if text and (not text.startswith(("https://", "http://", "mailto:")) or "{id}" not in text):
        raise ValueError("give an https, http or mailto address with {id} where the id of the finding goes")
    return text


def _setting(default: str, meaning: str, read: Callable[[str], object]) -> Any:
    return field(metadata={"default": default, "meaning": meaning, "read": read})


_ENDPOINTS = "endpoints that SERVICE may call, separated by spaces; empty: SERVICE is refused"
_SHORT = "seconds that a query may take in a slot that is reserved for short ones; two are, beside KG_WORKERS"
_BODY_RATE = "MiB of request bodies a second that a client may send; four seconds' worth at once; 0: any amount"
_LINKS = "public address that absolute links begin with; empty: the one that a request, or the proxy, names"
_LOAD_TIMEOUT = "seconds that `kg load` may take for each MiB of the files, beside the first 60"
_LOAD_EXPANSION = "times that files may grow when `kg load` writes their triples, beside 16 MiB"
_REWRITE = "whether queries that the engine does badly are rewritten, with the same answers; off: never"
_IN_MEMORY = "size of the RDF files, in MiB, up to which a dataset is held in memory; a larger one is a store on disk"
_ENGINE = "SPARQL endpoint that answers in place of the embedded engine, once `kg publish` has filled it"
_ENGINE_USER = "user of `kg serve` and `kg publish` at that engine"
_REPORT = "address where errors in findings are reported, {id} for the finding; empty: pages name none"
_RATE = "requests a second that a client may send; four seconds' worth at once; 0: any number"


@dataclass(frozen=True)
class Settings:
    """The values in force; sizes in bytes, times in seconds. The variable of ``data`` is ``KG_DATA``, and so on."""

    data: Path = _setting("./build", "folder of the snapshots", Path)
    engine: str = _setting("", _ENGINE, _engine)
    engine_user: str = _setting("", _ENGINE_USER, str)
    engine_password: str = _setting("", "password of that user", str)
    in_memory: int = _setting("512", _IN_MEMORY, partial(_mebibytes, zero=True))
    query_timeout: float = _setting("30", "seconds that one query may take", _number)
    query_memory: int = _setting("2048", "memory that one query may take, in MiB", _mebibytes)
    query_answer: int = _setting("512", "largest answer of one query, in MiB", _mebibytes)
    rewrite: bool = _setting("on", _REWRITE, _switch)
    queue_timeout: float = _setting("5", "seconds that a query may wait for a free worker", _number)
    workers: int = _setting("", "queries that run at once; empty: one for each processor, at least two", _workers)
    short_timeout: float = _setting("1", _SHORT, _number)
    rate: float = _setting("200", _RATE, partial(_number, zero=True))
    body_rate: int = _setting("0.5", _BODY_RATE, partial(_mebibytes, zero=True))
    client_timeout: float = _setting("30", "seconds for a client to send a request, or to receive an answer", _number)
    cache: int = _setting("64", "answers cached by each web process, in MiB", _mebibytes)
    base_url: str = _setting("", _LINKS, _base_url)
    report: str = _setting("", _REPORT, _report)
    trusted_proxy: str = _setting("", "address of a proxy whose X-Forwarded headers are trusted", str)
    access_log: bool = _setting("", "1: a JSON line for each request on standard output", "1".__eq__)
    service_allow: tuple[str, ...] = _setting("", _ENDPOINTS, _endpoints)
    max_body: int = _setting("1", "largest request body, in MiB", _mebibytes)
    load_memory: int = _setting("2048", "memory that `kg load` may take to read files, in MiB", _mebibytes)
    load_timeout: float = _setting("3", _LOAD_TIMEOUT, _number)
    load_expansion: float = _setting("20", _LOAD_EXPANSION, _number)

    def credentials(self) -> "Credentials":
        """Return whom the remote engine is told to be asked by."""
        from kg.engine.http import Credentials

        return Credentials(self.engine_user, self.engine_password)

    def service_client(self) -> "Endpoints | None":
        """Return what sends queries to the endpoints that SERVICE may call; None when it may call none.

        They have half of a query's time, so that a query with SERVICE SILENT goes on without a slow one.
        """
        if not self.service_allow:
            return None
        from kg.engine.service.endpoints import Endpoints

        return Endpoints(self.service_allow, self.query_timeout / 2)

    @classmethod
    def read(cls, environ: Mapping[str, str] = os.environ) -> "Settings":
        """Read the environment; raises SettingError naming the variable whose value is invalid."""
        values = {}
        for row in fields(cls):
            name = _variable(row.name)
            text = environ.get(name) or row.metadata["default"]
            try:
                values[row.name] = row.metadata["read"](text)
            except ValueError as error:
                raise SettingError(f"{name} is {text!r}; {error}") from None
        return cls(**values)


def _variable(name: str) -> str:
    return f"KG_{name.upper()}"


@dataclass(frozen=True)
class Setting:
    """One environment variable."""

    name: str
    default: str
    meaning: str


SETTINGS = tuple(
    Setting(_variable(row.name), row.metadata["default"], row.metadata["meaning"]) for row in fields(Settings)
)
