"""Writes the static copy: pages, files, downloads, and the data that scripts load, into one folder."""

import base64
import gzip
import json
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask, render_template

from api.app import create_app
from api.data.resources import functions
from api.http.serving import InProcess, Served, described, labels
from api.site.addresses import Base
from api.site.crawl import DATA, Crawler, SiteError
from api.site.pages import SCRIPT, Copy
from kg.engine import Engine
from kg.export import EXPORTS
from kg.export.nanopub import read_nanopublications
from kg.files import whole_folder
from kg.prefixes import BASE, ID, NANOPUB
from kg.read.entities import first
from kg.read.findings import find_findings
from kg.read.questions import questions
from kg.search.entries import Entry, read_entries
from kg.settings import Settings

#: Marks a folder as a static copy, which may be replaced.
MARK = "calcikg-site.json"


@contextmanager
def atomic_folder(target: Path, about: dict[str, str]) -> Iterator[Path]:
    """Yield a folder beside the target that takes its name when the block ends without an error.

    Raises SiteError when the target is anything but a static copy: only a copy is replaced.
    """
    target = target.resolve()
    if not target.parent.is_dir():
        raise SiteError(f"{target.parent} is not a folder")
    if target.exists() and not _is_copy(target):
        raise SiteError(
            f"{target} was not made by `kg export site` and is not empty; remove it, or name another folder"
        )
    with whole_folder(target) as part:
        yield part
        (part / MARK).write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")


def _is_copy(folder: Path) -> bool:
    return folder.is_dir() and ((folder / MARK).is_file() or not any(folder.iterdir()))


#: What the workbench requests from the service.
ANSWERS = ("workbench/vocabulary", "workbench/questions")


def write_scripts(folder: Path, engine: Engine, quads: Iterable[Path], request: Callable[[str], bytes | None]) -> None:
    """Write the data that scripts need as scripts: opened from disk, a browser loads scripts but no data.

    Each assigns to ``calcikg``. ``request`` returns the answer of the application at an address.
    """
    folder.mkdir()
    dataset = b"".join(path.read_bytes() for path in quads)
    _assign(folder / "dataset.js", "dataset", base64.b64encode(gzip.compress(dataset, 9, mtime=0)).decode())
    _assign(folder / "names.js", "names", [_name(entry) for entry in read_entries(engine) if not entry.external])
    answers = {address: json.loads(answer) for address in ANSWERS if (answer := request(address))}
    _assign(folder / "answers.js", "answers", answers)


def _name(entry: Entry) -> list[Any]:
    """Return an entity as the search of the copy needs it: id, type, number of findings, and its names, label first."""
    names = dict.fromkeys(name.text for name in entry.names)
    return [entry.iri.removeprefix(ID), entry.type, entry.uses, *names]


def _assign(path: Path, name: str, value: object) -> None:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    path.write_text(f"(self.calcikg??={{}}).{name}={text}\n", encoding="utf-8")


_STATIC = Path(__file__).parents[1] / "static"
#: Pages that no other page may link to.
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
#: The problems that a query in the browser may have.
_PROBLEMS = ("not-acceptable", "query", "query-syntax")


def write_site(out: Path, data: Path, live: str | None, show: Callable[[str], object]) -> int:
    """Write the static copy of the current snapshot, and return the number of its files.

    ``live`` is the address of the running service, to link to where a copy cannot answer. ``show`` shows progress.
    Raises SiteError when the copy cannot be written.
    """
    if not (_STATIC.parent / SCRIPT).is_file():
        raise SiteError("the scripts of the pages are not bundled yet; `make serve` does so")
    app, here = _application(data)
    assert here.snapshot is not None
    base = Base(live or BASE)
    with atomic_folder(out, {"snapshot": here.version, "base": base.url}) as part:
        crawler = Crawler(app, base, part)
        with app.test_request_context(base_url=base.url):
            start = list(_start())
            values = {"snapshot": here.snapshot, "issued": _issued(), "live": live}
            notes = {name: render_template(f"site_{name}.html", **values) for name in ("footer", "sparql", "explorer")}
        crawl = crawler.crawl(start, show)
        shutil.copytree(_STATIC, part / "static")
        files = {
            path.relative_to(part).as_posix(): path.relative_to(part).as_posix()
            for path in (part / "static").rglob("*")
        }
        files |= {address: document.file for address, document in crawl.documents.items()}
        places = {document.file: document.places for document in crawl.documents.values()}
        crawler.rewrite(crawl, Copy(base, files, crawl.moved, places, live, notes), show)
        show("the data of scripts")
        write_scripts(part / "offline", here.engine, here.snapshot.quads, crawler.request)
        show("nanopublications")
        _write_nanopublications(part / "np", here)
        (part / ".nojekyll").touch()  # GitHub leaves out names that begin with an underscore
        return sum(path.is_file() for path in part.rglob("*"))


def _application(data: Path) -> tuple[Flask, Served]:
    """Return the application over the current snapshot with default settings, but without a limit of requests."""
    settings = Settings.read({"KG_DATA": str(data), "KG_RATE": "0"})
    source = InProcess.open(settings)
    return create_app(settings, source), source.current()


def _start() -> Iterator[str]:
    """Yield the addresses to begin with: pages, exports, and the page and the data of every entity."""
    yield from _PAGES
    yield _VOID
    yield from (f"export/{name}" for name in EXPORTS)
    yield from (f"problems/{name}" for name in _PROBLEMS)
    ids = [iri.removeprefix(ID) for iri in (*labels().entities, *find_findings(labels(), {}).all())]
    ids += [f"question/{slug}" for slug in questions()]
    ids += [str(each["id"]) for each in functions().values()]
    for id_ in ids:
        yield f"page/{id_}"
        yield from (f"data/{id_}.{extension}" for extension in DATA)


def _write_nanopublications(folder: Path, here: Served) -> None:
    """Write each nanopublication by the code of its trusty URI."""
    folder.mkdir()
    for each in read_nanopublications(here.engine):
        (folder / f"{each.iri.removeprefix(NANOPUB)}.trig").write_bytes(each.to_trig())


def _issued() -> object:
    """Return the day of the release, if the dataset has one."""
    description = described()
    return first(description.version, "issued") if description else None
