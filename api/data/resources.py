"""Resources with an IRI of their own: entities, questions, functions that queries may call, and named graphs."""

from collections.abc import Callable
from typing import Any

from flask import Response, abort, url_for
from werkzeug.exceptions import NotFound

from api.http.problems import problem
from api.http.serving import engine, labels, once_per_snapshot
from kg.engine import FORMATS, Query
from kg.prefixes import FUNCTION, ID
from kg.read.certainty import read_ratings
from kg.read.description import iri_of, read_functions, read_replacements
from kg.read.disagreements import read_disagreements
from kg.read.entities import read_entity, read_sources
from kg.read.findings import read_findings
from kg.read.labels import Json
from kg.read.questions import questions, read_question
from kg.read.synthesis import read_pooled


def resolve(kind: str, slug: str) -> str:
    """Return the IRI of a resource; ends the request with 410 for a retired id, with 404 for an unknown one."""
    iri = iri_of(kind, slug)
    if _exists(kind, slug, iri):
        return iri
    if iri.startswith(ID) and (replacements := _replacements(iri)) is not None:
        abort(_gone(iri, replacements))
    raise NotFound(f"there is no {kind}/{slug} here")


def read_resource(kind: str, slug: str) -> Json:
    """Return a resource in the shape that the REST API gives it."""
    iri = iri_of(kind, slug)
    readers: dict[str, Callable[[], Json]] = {
        "finding": lambda: read_findings(labels(), [iri])[0],
        "source": lambda: read_sources(labels(), [iri])[0],
        "study": lambda: read_sources(labels(), [iri])[0],
        "disagreement": lambda: read_disagreements(labels(), [iri])[0],
        "pooled": lambda: read_pooled(labels(), [iri])[0],
        "rating": lambda: read_ratings(labels(), [iri])[0],
        "question": lambda: read_question(labels(), questions()[slug], url_for("sparql.answer", _external=True), {}),
        "function": lambda: functions()[iri],
    }
    return readers.get(kind, lambda: read_entity(labels(), iri))()


def of_kind(kind: str) -> list[Json]:
    """Return the entities of a kind, which is the first part of their ids, in the order of their labels."""
    entities = [entity for iri, entity in labels().entities.items() if iri.startswith(f"{ID}{kind}/")]
    return sorted(entities, key=lambda entity: str(entity["label"]).lower())


@once_per_snapshot
def functions() -> dict[str, Json]:
    """Return the functions that queries may call, by IRI."""
    return read_functions(engine())


def has_graph(iri: str) -> bool:
    """Tell whether there is a named graph of this IRI."""
    query = Query("ASK { ?s ?p ?o }", default_graphs=(iri,), named_graphs=())
    return b"true" in engine().answer(query, (FORMATS["json"],)).read()


def _exists(kind: str, slug: str, iri: str) -> bool:
    if kind == "question":
        return slug in questions()
    return iri in functions() if iri.startswith(FUNCTION) else labels().get(iri) is not None


def _replacements(iri: str) -> list[str] | None:
    try:
        return read_replacements(labels(), iri)
    except ValueError:  # not an IRI at all
        return None


def _gone(iri: str, replacements: list[str]) -> Response:
    """Answer for a retired id, with its replacements in the body and as links (RFC 5829)."""
    detail = f"{iri.removeprefix(ID)} is no longer used"
    context: dict[str, Any] = {"@context": {"dcterms": "http://purl.org/dc/terms/"}, "@id": iri}
    if not replacements:
        return problem("gone", detail, **context)
    ids = [replacement.removeprefix(ID) for replacement in replacements]
    links = ", ".join(f'<{_address(id_)}>; rel="successor-version"' for id_ in ids)
    replaced = {"dcterms:isReplacedBy": [{"@id": replacement} for replacement in replacements]}
    return problem("gone", f"{detail}; see {' and '.join(ids)}", {"Link": links}, **context, **replaced)


def _address(id_: str) -> str:
    kind, _, slug = id_.partition("/")
    return url_for("linked_data.identify", kind=kind, slug=slug, _external=True)
