"""Writes the twin: pages, files, downloads, and what scripts need, into one folder."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

from flask import Flask, render_template

from api import create_app
from api.data.resources import functions
from api.http.admission import RateLimiter
from api.http.serving import InProcess, Served, described, labels
from api.site import offline
from api.site.addresses import Base
from api.site.crawling import Crawler, SiteError
from api.site.folder import whole
from api.site.pages import SCRIPT, Copy
from api.site.policy import DATA
from kg.export import EXPORTS
from kg.export.nanopub import read_nanopublications
from kg.prefixes import BASE, ID, NANOPUB
from kg.read.entities import first
from kg.read.questions import questions
from kg.settings import Settings

_STATIC = Path(__file__).parents[1] / "static"
#: Pages that others may not lead to.
_PAGES = (
    "",
    "page",
    "search",
    "sparql",
    "evidence-map",
    "explorer",
    "downloads",
    "releases",
    "about",
    "ontology",
    "context.jsonld",
)
_VOID = ".well-known/void"
#: What a query in the browser may meet.
_PROBLEMS = ("not-acceptable", "query", "query-syntax")


def write(out: Path, data: Path, live: str | None, show: Callable[[str], object]) -> int:
    """Write the twin of the current snapshot, and return how many files it has.

    ``live`` is the address of the running service, which is linked to where a copy cannot do.
    """
    if not (_STATIC.parent / SCRIPT).is_file():
        raise SiteError("the scripts of the pages are not bundled yet; `make serve` does so")
    app, here = _application(data)
    assert here.snapshot is not None
    base = Base(live or BASE)
    with whole(out, {"snapshot": here.version, "base": base.url}) as part:
        crawler = Crawler(app, base, part)
        with app.test_request_context(base_url=base.url):
            seeds = list(_seeds())
            told = {"snapshot": here.snapshot, "issued": _issued(), "live": live}
            notes = {name: render_template(f"site_{name}.html", **told) for name in ("footer", "sparql", "explorer")}
        crawl = crawler.crawl(seeds, show)
        shutil.copytree(_STATIC, part / "static")
        files = {
            path.relative_to(part).as_posix(): path.relative_to(part).as_posix()
            for path in (part / "static").rglob("*")
        }
        files |= {address: document.file for address, document in crawl.documents.items()}
        places = {document.file: document.places for document in crawl.documents.values()}
        crawler.rewrite(crawl, Copy(base, files, crawl.moved, places, live, notes), show)
        show("what scripts need")
        offline.write(part / "offline", here.engine, here.snapshot.quads, crawler.ask)
        show("nanopublications")
        _write_nanopublications(part / "np", here)
        (part / ".nojekyll").touch()  # GitHub would leave out what begins with an underscore
        return sum(path.is_file() for path in part.rglob("*"))


def _application(data: Path) -> tuple[Flask, Served]:
    """Return the application over the current snapshot as it is with nothing set, but for whoever asks too often."""
    settings = Settings.read({"KG_DATA": str(data)})
    source = InProcess.open(settings)
    app = create_app(settings, source)
    app.extensions["rate"] = RateLimiter(0)
    return app, source.current()


def _seeds() -> Iterator[str]:
    """Yield the addresses to begin with: pages, the page and the data of every thing, exports, nanopublications."""
    yield from _PAGES
    yield _VOID
    yield from (f"export/{name}" for name in EXPORTS)
    yield from (f"problems/{name}" for name in _PROBLEMS)
    things = [iri.removeprefix(ID) for iri in labels().entities]
    things += [f"question/{slug}" for slug in questions()]
    things += [str(each["id"]) for each in functions().values()]
    for thing in things:
        yield f"page/{thing}"
        yield from (f"data/{thing}.{extension}" for extension in DATA)


def _write_nanopublications(folder: Path, here: Served) -> None:
    """Write each nanopublication by the code of its trusty URI."""
    folder.mkdir()

    for each in read_nanopublications(here.engine):
        (folder / f"{each.iri.removeprefix(NANOPUB)}.trig").write_bytes(each.to_trig())


def _issued() -> object:
    """Return the day of the release, if the dataset tells it."""
    description = described()
    return first(description.version, "issued") if description else None
