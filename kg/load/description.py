"""What the graph ``metadata`` says of the loaded graphs: their licence, version, and the files they come from."""

from collections.abc import Iterator

import pyoxigraph as ox

from kg.load.shelf import Loaded, Shelf
from kg.prefixes import GRAPH, expand

_METADATA = ox.NamedNode(GRAPH + "metadata")


def describe_loaded(shelf: Shelf) -> list[ox.Quad]:
    """Describe the loaded graphs."""
    return [quad for loaded in shelf for quad in _describe(loaded)]


def _describe(loaded: Loaded) -> Iterator[ox.Quad]:
    graph = ox.NamedNode(loaded.graph)
    if loaded.licence:
        yield _quad(graph, "dcterms:license", _stated(loaded.licence))
    if loaded.version:
        yield _quad(graph, "owl:versionInfo", ox.Literal(loaded.version))
    for file in loaded.files:
        source = ox.NamedNode(f"{loaded.graph}#file/{file.sha256}")
        yield _quad(graph, "prov:wasDerivedFrom", source)
        yield _quad(source, "rdf:type", ox.NamedNode(expand("prov:Entity")))
        yield _quad(source, "rdfs:label", ox.Literal(file.name))
        yield _quad(source, "dcterms:format", ox.Literal(file.format))
        yield _quad(source, "dcterms:identifier", ox.Literal(f"sha256:{file.sha256}"))


def _quad(subject: ox.NamedNode, curie: str, value: ox.NamedNode | ox.Literal) -> ox.Quad:
    return ox.Quad(subject, ox.NamedNode(expand(curie)), value, _METADATA)


def _stated(text: str) -> ox.NamedNode | ox.Literal:
    """Return an IRI where a licence is given by one."""
    if text.startswith(("http://", "https://")) and " " not in text:
        try:
            return ox.NamedNode(text)
        except ValueError:
            pass
    return ox.Literal(text)
