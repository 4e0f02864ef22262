"""What has a page and data of its own: entities, questions, and the functions that queries may call."""

from collections.abc import Callable

from flask import Response, url_for
from werkzeug.exceptions import NotFound

from api.http.problems import problem
from api.http.serving import engine, labels, once_per_snapshot
from kg.prefixes import FUNCTION, ID
from kg.read.description import iri_of, read_functions, read_replacements
from kg.read.disagreements import read_disagreements
from kg.read.entities import read_entity, read_sources
from kg.read.findings import read_findings
from kg.read.labels import Json
from kg.read.questions import questions, read_question


class GoneError(Exception):
    """An id that was given once and is no longer used; ``replacements`` are the IRIs that stand for it now."""

    def __init__(self, iri: str, replacements: list[str]) -> None:
        self.iri, self.replacements = iri, replacements
        super().__init__(iri)


def resolve(kind: str, slug: str) -> str:
    """Return the IRI of a thing. Raises GoneError for a retired id, NotFound for one that never was."""
    iri = iri_of(kind, slug)
    if _exists(kind, slug, iri):
        return iri
    if iri.startswith(ID) and (replacements := _replacements(iri)) is not None:
        raise GoneError(iri, replacements)
    raise NotFound(f"there is no {kind}/{slug} here")


def read_resource(kind: str, slug: str) -> Json:
    """Return a thing in the shape that the REST API gives it."""
    iri = iri_of(kind, slug)
    readers: dict[str, Callable[[], Json]] = {
        "finding": lambda: read_findings(labels(), [iri])[0],
        "source": lambda: read_sources(labels(), [iri])[0],
        "study": lambda: read_sources(labels(), [iri])[0],
        "disagreement": lambda: read_disagreements(labels(), [iri])[0],
        "question": lambda: read_question(labels(), questions()[slug], url_for("sparql.answer", _external=True), {}),
        "function": lambda: functions()[iri],
    }
    return readers.get(kind, lambda: read_entity(labels(), iri))()


def of_kind(kind: str) -> list[Json]:
    """Return the entities whose ids begin with a kind, in the order of their labels."""
    found = [one for iri, one in labels().entities.items() if iri.startswith(f"{ID}{kind}/")]
    return sorted(found, key=lambda one: str(one["label"]).lower())


@once_per_snapshot
def functions() -> dict[str, Json]:
    """Return the functions of the snapshot that is served, by IRI."""
    return read_functions(engine())


def gone(error: GoneError) -> Response:
    """Answer for a retired id: 410, with what takes its place in the body and as links (RFC 5829)."""
    named = [one.removeprefix(ID) for one in error.replacements]
    detail = f"{error.iri.removeprefix(ID)} is no longer used" + (f"; see {' and '.join(named)}" if named else "")
    links = ", ".join(f'<{_address(one)}>; rel="successor-version"' for one in error.replacements)
    replaced = {"dcterms:isReplacedBy": [{"@id": one} for one in error.replacements]} if named else {}
    context = {"dcterms": "http://purl.org/dc/terms/"}
    return problem(
        "gone", detail, {"Link": links} if links else None, **{"@context": context, "@id": error.iri}, **replaced
    )


def _exists(kind: str, slug: str, iri: str) -> bool:
    if kind == "question":
        return slug in questions()
    return iri in (functions() if iri.startswith(FUNCTION) else labels().entities)


def _replacements(iri: str) -> list[str] | None:
    try:
        return read_replacements(labels(), iri)
    except ValueError:  # no IRI at all
        return None


def _address(iri: str) -> str:
    kind, _, slug = iri.removeprefix(ID).partition("/")
    return url_for("linked_data.identify", kind=kind, slug=slug, _external=True)
