"""``/data/pooled/SLUG/FILE``: a pooled result as files, with which anyone can compute it again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort

from api.data.resources import read_resource, resolve
from api.http.responses import CSV, respond
from api.http.serving import labels
from api.pages.pictures.standalone import stand_alone
from api.pages.pooled import pooled_rows
from kg.engine import Format
from kg.export.fhir_pooled import evidence_of
from kg.export.pooled import write_studies
from kg.export.reproduction import write_script
from kg.read.labels import Json

blueprint = Blueprint("pooled_files", __name__)

#: A picture that is opened by itself has its styles inside, and loads nothing.
_SVG_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"


@dataclass(frozen=True)
class File:
    """A file of a pooled result: its format, what it is, and how it is made."""

    format: Format
    meaning: str
    write: Callable[[Json], Any]


#: The files of each pooled result, by name.
FILES: Mapping[str, File] = {
    "studies.csv": File(CSV, "the studies as a table (CSV)", write_studies),
    "forest.svg": File(
        Format("svg", "image/svg+xml", "svg", "results"),
        "the forest plot (SVG)",
        lambda result: stand_alone(pooled_rows(result, external=True)["plot"], result["label"], result["sentence"]),
    ),
    "reproduce.R": File(
        Format("R", "text/plain", "R", "results"),
        "a script in R that computes it again (metafor, lme4)",
        lambda result: write_script(result, "R"),
    ),
    "reproduce.py": File(
        Format("py", "text/plain", "py", "results"),
        "a script in Python that computes it again (numpy, scipy)",
        lambda result: write_script(result, "py"),
    ),
    "evidence.json": File(
        Format("fhir", "application/fhir+json", "json", "results"),
        "FHIR R5 Evidence (JSON)",
        lambda result: evidence_of(labels(), result),
    ),
}


@blueprint.get("/data/pooled/<slug>/<name>")
def file(slug: str, name: str) -> Response:
    """Return a file of a pooled result."""
    if name not in FILES:
        abort(404, f"there is no file {name!r}; there are {', '.join(FILES)}")
    resolve("pooled", slug)
    response = respond(FILES[name].format, lambda: FILES[name].write(read_resource("pooled", slug)))
    if name == "forest.svg":
        response.headers["Content-Security-Policy"] = _SVG_POLICY
    return response
