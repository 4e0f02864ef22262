"""The version of the dataset: its number, its day, and the documents that it was read from."""

from collections.abc import Iterable, Iterator

import pyoxigraph as ox

from kg import VERSION_DATE, __version__
from kg.build.describe.statements import FILE, VERSION, node, statement

_TYPE = node("rdf:type")
_SOURCE = node("ckg:Source")


def describe_version(quads: Iterable[ox.Quad]) -> Iterator[ox.Quad]:
    """Yield number, day and sources of the version."""
    for subject in (VERSION, FILE):
        yield statement(subject, "pav:version", ox.Literal(__version__))
        yield statement(subject, "dcterms:issued", ox.Literal(VERSION_DATE, datatype=node("xsd:date")))
    yield statement(VERSION, "dcat:version", ox.Literal(__version__))
    yield statement(VERSION, "owl:versionInfo", ox.Literal(__version__))
    yield statement(VERSION, "dcterms:identifier", ox.Literal(VERSION.value))
    sources = {quad.subject for quad in quads if quad.predicate == _TYPE and quad.object == _SOURCE}
    for source in sorted(sources, key=str):
        if isinstance(source, ox.NamedNode):
            yield statement(VERSION, "dcterms:source", source)
            yield statement(VERSION, "prov:wasDerivedFrom", source)
