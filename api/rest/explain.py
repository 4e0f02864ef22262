"""``/explain``: why a triple is in the graph."""

from flask import Response
from pydantic import Field
from werkzeug.exceptions import NotFound

from api.http.responses import respond_data
from api.http.serving import labels
from api.rest.blueprint import ItemParameters, blueprint
from api.rest.description import answer_of
from api.rest.models import Explanation
from kg.errors import QuerySyntaxError
from kg.prefixes import ONTOLOGY, PREFIXES, expand
from kg.queries import is_iri
from kg.read.explanations import explain
from kg.read.labels import Json
from kg.read.proofs import Triple


class TripleParameters(ItemParameters):
    """A triple."""

    subject: str = Field(description="id, CURIE or IRI", json_schema_extra={"example": "finding/debulking-2021-30"})
    predicate: str = Field(
        description="Name of a property of the ontology, CURIE or IRI", json_schema_extra={"example": "about"}
    )
    object: str = Field(
        description="id, CURIE or IRI; a whole number is a literal",
        json_schema_extra={"example": "disease/systemic-sclerosis"},
    )


@blueprint.get("/explain", summary="Why a triple is true", responses=answer_of(Explanation))
def explanation(query: TripleParameters) -> Response:
    """Return where a triple was asserted, or the shortest proof of it: which rule or axiom, from which premises."""
    return respond_data(lambda: explain_triple(query.subject, query.predicate, query.object))


def explain_triple(subject: str, predicate: str, target: str) -> Json:
    """Return why a triple holds, its terms as ids, CURIEs or IRIs; raises NotFound when it is not in the graph."""
    try:
        explained = explain(labels(), _triple(subject, predicate, target))
    except QuerySyntaxError:  # only the engine knows every form that an IRI may have
        explained = None
    if explained is None:
        raise NotFound(f"the graph does not contain: {subject} {predicate} {target}")
    return explained


def _triple(subject: str, predicate: str, target: str) -> Triple:
    iris = labels().iri(subject), _property(predicate), _object(target)
    if not all(map(is_iri, iris)):
        raise NotFound("subject and predicate are IRIs, CURIEs or ids")
    number = target.isascii() and target.isdigit()
    literal = f'"{target}"^^<{expand("xsd:integer")}>'
    return f"<{iris[0]}>", f"<{iris[1]}>", literal if number else f"<{iris[2]}>"


def _property(name: str) -> str:
    if name in ("a", "type"):
        return PREFIXES["rdf"] + "type"
    return ONTOLOGY + name if ":" not in name else labels().iri(name)


def _object(name: str) -> str:
    """Return the IRI of an object; a name without prefix or slash may be a term of the ontology."""
    return ONTOLOGY + name if ONTOLOGY + name in labels().terms else labels().iri(name)
