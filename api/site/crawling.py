"""Asks the application, in this process, for everything that the twin has, and keeps it as files."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask

from api.site import pages
from api.site.addresses import Base, Target, file_name
from api.site.policy import takes
from api.site.workers import workers
from kg.errors import KgError

_ACCEPT = "text/html,application/xhtml+xml,*/*;q=0.5"


class SiteError(KgError):
    """The twin cannot be written: there, or from this application."""


@dataclass(frozen=True)
class Document:
    """What the application answered: the file that it was kept in, or where it leads on to."""

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
    """Everything that was found: documents by address, and addresses that lead on to others."""

    documents: dict[str, Document]
    moved: dict[str, Target]


class Crawler:
    """Asks an application as a browser would, in as many processes as there are processors."""

    def __init__(self, app: Flask, base: Base, folder: Path) -> None:
        self._app, self._base, self._folder = app, base, folder
        self._routes = app.url_map.bind(urlsplit(base.url).netloc)

    def crawl(self, seeds: Iterable[str], show: Callable[[str], object]) -> Crawl:
        """Ask for what the seeds lead to. Raises SiteError when the application fails at something.

        What is not found is left out: a link to it says that it is not here.
        """
        documents: dict[str, Document] = {}
        wanted = set(seeds)
        with workers(self._fetch) as fetch:
            while wanted:
                found = []
                for document in fetch(sorted(wanted)):
                    found.append(document)
                    show(f"{len(documents) + len(found)} documents: {document.address}")
                documents |= {document.address: document for document in found}
                linked = {target.address for document in found for target in document.links}
                wanted = {address for address in linked - documents.keys() if takes(self._routes, address)}
        moved = {document.address: document.moved for document in documents.values() if document.moved}
        kept = {document.address: document for document in documents.values() if document.file}
        _check(kept.values())
        return Crawl(kept, moved)

    def rewrite(self, crawl: Crawl, copy: pages.Copy, show: Callable[[str], object]) -> None:
        """Have the links of all pages lead to files."""
        todo = {document.file: document for _, document in sorted(crawl.documents.items()) if document.is_page}

        def one(file: str) -> str:
            document, path = todo[file], self._folder / file
            path.write_bytes(pages.rewrite(path.read_bytes(), document.address, document.policy, copy))
            return file

        with workers(one) as run:
            for number, file in enumerate(run(sorted(todo)), start=1):
                show(f"{number} of {len(todo)} pages: {file}")

    def ask(self, address: str) -> bytes | None:
        """Return what is at an address; None when there is nothing."""
        answer = self._app.test_client().get(f"/{address}", base_url=self._base.url)
        return answer.data if answer.status_code == 200 else None

    def _fetch(self, address: str) -> Document:
        answer = self._app.test_client().get(f"/{address}", base_url=self._base.url, headers={"Accept": _ACCEPT})
        status = answer.status_code
        if 300 <= status < 400:
            moved = self._base.target(answer.location or "", address)
            if moved is None:
                raise SiteError(f"{address} leads on to {answer.location}, which is another site")
            return Document(address, links=(moved,), moved=moved)
        if status >= 500:
            raise SiteError(f"the application fails at /{address}, with status {status}")
        if status != 200:
            return Document(address)
        saved_as = _saved_as(answer.headers.get("Content-Disposition", ""))
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
    """Raise SiteError when two documents would be one file."""
    files: dict[str, Document] = {}
    for document in documents:
        other = files.setdefault(document.file.lower(), document)  # capitals make no difference on many file systems
        if other.digest != document.digest or other.file != document.file:
            raise SiteError(f"{other.address} and {document.address} would both be {document.file}")
