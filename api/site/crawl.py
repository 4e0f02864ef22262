"""Requests every page and file of the static copy from the application, in this process."""

import hashlib
import multiprocessing
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter, RequestRedirect

from api.site import pages
from api.site.addresses import Base, Target, file_name
from kg.errors import KgError

#: The formats in which the data of an entity are copied; the others say the same.
DATA = frozenset({"ttl", "jsonld", "json"})

#: The exports of the neighbourhood of an entity that are copied; every format for every entity would be too many.
NEIGHBOURHOODS = frozenset({"csv"})

#: The endpoints that are copied, each with the parameters that an address may have; others have no end of addresses.
COPIED: Mapping[str, frozenset[str]] = {
    "exports.dataset": frozenset(),
    "exports.downloads": frozenset(),
    "entity_pages.explain": frozenset({"object", "predicate", "subject"}),
    "entity_pages.kind": frozenset({"about", "start"}),
    "entity_pages.kinds": frozenset(),
    "entity_pages.page": frozenset({"order", "start"}),
    "evidence_pages.evidence_map": frozenset({"aspect", "by", "start", "treatment"}),
    "explorer.page": frozenset({"max_level"}),
    "explorer.picture": frozenset({"max_level"}),
    "exports.export": frozenset(),
    "exports.formats": frozenset(),
    "exports.resolve": frozenset(),
    "linked_data.data": frozenset(),
    "linked_data.function": frozenset(),
    "linked_data.identify": frozenset(),
    "linked_data.question": frozenset(),
    "linked_data.questions": frozenset(),
    "methods_pages.glossary": frozenset(),
    "methods_pages.methods": frozenset(),
    "ontology.context": frozenset(),
    "ontology.fixed": frozenset(),
    "ontology.term": frozenset(),
    "ontology.whole": frozenset(),
    "pooled_files.file": frozenset(),
    "pages.about": frozenset(),
    "pages.search": frozenset(),
    "pages.start": frozenset(),
    "pictures.file": frozenset(),
    "problems.explain": frozenset(),
    "releases.changes": frozenset({"format"}),
    "releases.releases": frozenset({"format"}),
    "rest.evidence_map": frozenset({"by"}),
    "rest.findings": frozenset({"about", "format", "limit"}),
    "rest.gaps": frozenset({"by", "format", "limit"}),
    "sparql.answer": frozenset(),
    "summary_pages.index": frozenset(),
    "summary_pages.table": frozenset(),
    "summary_pages.embed": frozenset(),
    "summary_pages.table_csv": frozenset(),
    "summary_pages.table_xlsx": frozenset(),
    "summary_pages.table_fhir": frozenset(),
    "discovery.void": frozenset(),
}


def is_copied(routes: MapAdapter, address: str) -> bool:
    """Tell whether an address is part of the static copy."""
    path, _, query = address.partition("?")
    try:
        endpoint, arguments = routes.match(f"/{path}", method="GET")
    except (HTTPException, RequestRedirect):
        return False
    if endpoint == "linked_data.data" and str(arguments["name"]).partition(".")[2] not in DATA:
        return False
    if endpoint == "exports.export" and arguments["name"] in NEIGHBOURHOODS and query.partition("=")[0] == "center":
        return "&" not in query
    allowed = COPIED.get(endpoint)
    return allowed is not None and {pair.partition("=")[0] for pair in query.split("&") if pair} <= allowed


_Result = TypeVar("_Result")
#: Addresses handed to a process at a time.
_AT_ONCE = 8
#: What the processes do. They are forked once it is set, and so share the application.
_work: Callable[[str], Any]


@contextmanager
def workers(work: Callable[[str], _Result]) -> Iterator[Callable[[Iterable[str]], Iterator[_Result]]]:
    """Yield what does some work on many names in as many processes as there are processors, results in order."""
    global _work
    _work = work
    context = multiprocessing.get_context("fork")
    with ProcessPoolExecutor(
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None, context
    ) as pool:
        yield lambda names: pool.map(_run, names, chunksize=_AT_ONCE)


def _run(name: str) -> Any:
    return _work(name)


_ACCEPT = "text/html,application/xhtml+xml,*/*;q=0.5"


class SiteError(KgError):
    """The static copy cannot be written."""


@dataclass(frozen=True)
class Document:
    """An answer of the application: the file that it was written to, or the address that it redirects to."""

    address: str
    file: str = ""
    policy: str = ""
    digest: str = ""
    links: tuple[Target, ...] = ()
    places: frozenset[str] = frozenset()
    moved: Target | None = None

    @property
    def is_page(self) -> bool:
        """Whether it is HTML."""
        return self.file.endswith(".html")


@dataclass(frozen=True)
class Crawl:
    """All documents by address, and the addresses that redirect to others."""

    documents: dict[str, Document]
    moved: dict[str, Target]


class Crawler:
    """Requests pages from an application as a browser would, in as many processes as there are processors."""

    def __init__(self, app: Flask, base: Base, folder: Path) -> None:
        self._app, self._base, self._folder = app, base, folder
        self._routes = app.url_map.bind(urlsplit(base.url).netloc)

    def crawl(self, start: Iterable[str], show: Callable[[str], object]) -> Crawl:
        """Request the addresses to start with, and all that they link to. Raises SiteError when the application fails.

        What is not found is left out: a link to it says that it is not in the copy.
        """
        documents: dict[str, Document] = {}
        wanted = set(start)
        with workers(self._fetch) as fetch:
            while wanted:
                found = []
                for document in fetch(sorted(wanted)):
                    found.append(document)
                    show(f"{len(documents) + len(found)} documents: {document.address}")
                documents |= {document.address: document for document in found}
                linked = {target.address for document in found for target in document.links}
                wanted = {address for address in linked - documents.keys() if is_copied(self._routes, address)}
        moved = {document.address: document.moved for document in documents.values() if document.moved}
        written = {document.address: document for document in documents.values() if document.file}
        _check(written.values())
        return Crawl(written, moved)

    def rewrite(self, crawl: Crawl, copy: pages.Copy, show: Callable[[str], object]) -> None:
        """Rewrite the links of all pages so that they lead to files."""
        todo = {document.file: document for _, document in sorted(crawl.documents.items()) if document.is_page}

        def one(file: str) -> str:
            document, path = todo[file], self._folder / file
            path.write_bytes(pages.rewrite(path.read_bytes(), document.address, document.policy, copy))
            return file

        with workers(one) as run:
            for number, file in enumerate(run(sorted(todo)), start=1):
                show(f"{number} of {len(todo)} pages: {file}")

    def request(self, address: str) -> bytes | None:
        """Return the answer at an address; None when there is none."""
        answer = self._app.test_client().get(f"/{address}", base_url=self._base.url)
        return answer.data if answer.status_code == 200 else None

    def _fetch(self, address: str) -> Document:
        answer = self._app.test_client().get(f"/{address}", base_url=self._base.url, headers={"Accept": _ACCEPT})
        status = answer.status_code
        if 300 <= status < 400:
            moved = self._base.target(answer.location or "", address)
            if moved is None:
                raise SiteError(f"{address} redirects to {answer.location}, which is another site")
            return Document(address, links=(moved,), moved=moved)
        if status >= 500:
            raise SiteError(f"the application fails at /{address}, with status {status}")
        if status != 200:
            return Document(address)
        # The file name of an export tells what it contains; that of a list (findings.csv) is the same for every query.
        saved_as = _saved_as(answer.headers.get("Content-Disposition", "")) if address.startswith("export/") else ""
        file = file_name(address, answer.mimetype or "", saved_as)
        path = self._folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(answer.data)
        linked, places = pages.read(answer.data, self._base, address) if file.endswith(".html") else ((), frozenset())
        policy = answer.headers.get("Content-Security-Policy", "")
        return Document(address, file, policy, hashlib.sha256(answer.data).hexdigest(), linked, places)


def _saved_as(disposition: str) -> str:
    """Return the file name of a Content-Disposition header.

    >>> _saved_as('attachment; filename="calcikg-1234.csv"'), _saved_as("")
    ('calcikg-1234.csv', '')
    """
    return disposition.partition("filename=")[2].strip('"')


def _check(documents: Iterable[Document]) -> None:
    """Raise SiteError when two documents would have the same file."""
    files: dict[str, Document] = {}
    for document in documents:
        other = files.setdefault(document.file.lower(), document)  # capitals make no difference on many file systems
        if other.digest != document.digest or other.file != document.file:
            raise SiteError(f"{other.address} and {document.address} would both be {document.file}")
