"""``/explain``: why a triple stands in the graph."""

from flask import Response
from pydantic import Field
from werkzeug.exceptions import NotFound

from api.rest.blueprint import Whole, blueprint
from api.rest.reply import evaluate, names, reply
from kg.errors import QuerySyntaxError
from kg.prefixes import ONTOLOGY, PREFIXES, expand
from kg.queries import is_iri
from kg.read.explanations import explain
from kg.read.models import Explanation
from kg.read.names import Json
from kg.read.proofs import Triple


class Explained(Whole):
    """Which triple."""

    subject: str = Field(description="id, CURIE or IRI", json_schema_extra={"example": "finding/debulking-2021-30"})
    predicate: str = Field(
        description="Name of a property of the ontology, CURIE or IRI", json_schema_extra={"example": "about"}
    )
    object: str = Field(
        description="id, CURIE or IRI; a whole number is a literal",
        json_schema_extra={"example": "disease/systemic-sclerosis"},
    )


@blueprint.get("/explain", summary="Why a triple holds", responses={200: Explanation})
def explanation(query: Explained) -> Response:
    """Return where a triple was asserted, or the shortest proof of it: which rule or axiom, from which premises."""

    def make() -> Json:
        try:
            found = explain(names(), evaluate, _triple(query))
        except QuerySyntaxError:  # only the engine knows every form that an IRI may have
            found = None
        if found is None:
            raise NotFound(f"the graph does not hold: {query.subject} {query.predicate} {query.object}")
        return found

    return reply(make)


def _triple(query: Explained) -> Triple:
    subject, predicate = names().iri(query.subject), _property(query.predicate)
    target = names().iri(query.object) if not _class(query.object) else ONTOLOGY + query.object
    if not all(map(is_iri, (subject, predicate, target))):
        raise NotFound("subject and predicate are IRIs, CURIEs or ids")
    number = query.object.isascii() and query.object.isdigit()
    return f"<{subject}>", f"<{predicate}>", f'"{query.object}"^^<{expand("xsd:integer")}>' if number else f"<{target}>"


def _property(name: str) -> str:
    if name in ("a", "type"):
        return PREFIXES["rdf"] + "type"
    return ONTOLOGY + name if ":" not in name else names().iri(name)


def _class(name: str) -> bool:
    """Tell whether a name without a prefix is that of a term of the ontology; ids have a slash."""
    return ONTOLOGY + name in names().labels
