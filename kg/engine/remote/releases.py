"""Names of a release on an engine: several releases, and other people's graphs, are on one engine side by side.

    RELEASES                 the graph that names every release which is whole, and its graphs; a release is one when
                             it stands here, so that it appears and goes at once
    RELEASE/VERSION          the default graph of a release: every triple of its named graphs, once
    RELEASE/VERSION/NAME     a named graph of a release

A blank node is an IRI here (RDF 1.1, section 3.5): a graph arrives in parts, and twice, and what is one node in the
snapshot has to be one on the engine.
"""

from urllib.parse import quote

from kg.prefixes import BASE, GRAPH, PREFIXES

RELEASES = BASE + "releases"
RELEASE = BASE + "release/"
#: What the IRI of a blank node begins with.
BLANK = "https://w3id.org/.well-known/genid/calcikg/"
ISSUED, NAMED_GRAPH = PREFIXES["dcterms"] + "issued", PREFIXES["sd"] + "namedGraph"


def release_iri(version: str) -> str:
    """Return the IRI of a release, which is that of its default graph.

    >>> release_iri("eb61c756a198")
    'https://w3id.org/calcikg/release/eb61c756a198'
    """
    return RELEASE + version


def graph_iri(version: str, graph: str) -> str:
    """Return the name that a graph of the snapshot has on the engine; one that the snapshot lacks leads to nothing.

    >>> graph_iri("eb61c756a198", "https://w3id.org/calcikg/graph/source/zanatta-2020")
    'https://w3id.org/calcikg/release/eb61c756a198/source/zanatta-2020'
    >>> graph_iri("eb61c756a198", "https://example.org/mine")
    'https://w3id.org/calcikg/release/eb61c756a198/iri/https%3A%2F%2Fexample.org%2Fmine'
    """
    name = graph.removeprefix(GRAPH) if graph.startswith(GRAPH) else "iri/" + quote(graph, safe="")
    return f"{release_iri(version)}/{name}"


def no_graph(version: str) -> str:
    """Return the name of a graph that has nothing."""
    return f"{release_iri(version)}/-"


def name_blank_nodes(triple: str) -> str:
    """Return a triple as N-Triples with IRIs in place of blank nodes.

    >>> name_blank_nodes('_:c1 <urn:p> "_:not one" .')
    '<https://w3id.org/.well-known/genid/calcikg/c1> <urn:p> "_:not one" .'
    """
    if "_:" not in triple:
        return triple
    subject, predicate, rest = triple.split(" ", 2)
    object_, end = rest[:-2], rest[-2:]
    return " ".join((_name(subject), predicate, _name(object_) + end))


def _name(term: str) -> str:
    return f"<{BLANK}{term[2:]}>" if term.startswith("_:") else term
