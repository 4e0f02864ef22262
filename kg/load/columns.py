"""Reads JSON that holds an ontology in columns: ``terms``, the ``parents`` of each, and ``meta``, a column a property.

Ontologies are dumped so for data frames. The terms become what they would be in OBO.
"""

from collections.abc import Iterator
from typing import Any

import pyoxigraph as ox
from pydantic import BaseModel, ValidationError

from kg.load.limits import RefusedFileError
from kg.load.terms import Identifiers, named

_TEXTS = {"name": "rdfs:label", "definition": "obo:IAO_0000115", "namespace": "oboInOwl:hasOBONamespace"}


class _Columns(BaseModel):
    terms: list[str]
    parents: list[list[str]]
    meta: dict[str, list[str | None]] = {}


def read_columns(document: dict[str, Any]) -> Iterator[ox.Quad]:
    """Read the terms of a document. Raises RefusedFileError when its columns do not fit together."""
    try:
        columns = _Columns.model_validate(document)
    except ValidationError as error:
        first = error.errors()[0]
        place = "/".join(map(str, first["loc"]))
        raise RefusedFileError(f"is not an ontology in columns: {place}: {first['msg']}") from None
    texts = {curie: columns.meta[name] for name, curie in _TEXTS.items() if name in columns.meta}
    lengths = {len(columns.parents), *map(len, texts.values())}
    if lengths != {len(columns.terms)}:
        raise RefusedFileError("is not an ontology in columns: its columns differ in length")
    iri = Identifiers({}, "columns").iri
    for number, term in enumerate(columns.terms):
        subject = iri(term)
        yield ox.Quad(subject, named("rdf:type"), named("owl:Class"))
        yield ox.Quad(subject, named("oboInOwl:id"), ox.Literal(term))
        for parent in columns.parents[number]:
            yield ox.Quad(subject, named("rdfs:subClassOf"), iri(parent))
        for curie, column in texts.items():
            if text := column[number]:
                yield ox.Quad(subject, named(curie), ox.Literal(text))
