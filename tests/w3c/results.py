"""Compares results up to the names of blank nodes, as graphs in a canonical form."""

from pathlib import Path

import pyoxigraph as ox
from rdflib import RDF, Graph, Namespace

RS = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/result-set#")
_VARIABLE = "urn:variable:"
Solution = dict[str, ox.NamedNode | ox.BlankNode | ox.Literal]


def read_table(text: bytes, format_: ox.QueryResultsFormat) -> "bool | list[Solution]":
    """Return a truth value, or solutions without unbound variables."""
    parsed = ox.parse_query_results(text, format_)
    if isinstance(parsed, ox.QueryBoolean):
        return bool(parsed)
    names = [variable.value for variable in parsed.variables]
    return [{name: row[name] for name in names if row[name] is not None} for row in parsed]  # type: ignore[misc]


def read_expected(path: Path) -> "bool | list[Solution] | Graph":
    """Read an expected result: XML, JSON, or RDF (a result set, or a graph)."""
    formats = {".srx": ox.QueryResultsFormat.XML, ".srj": ox.QueryResultsFormat.JSON}
    if path.suffix in formats:
        return read_table(path.read_bytes(), formats[path.suffix])
    graph = Graph().parse(path, publicID=path.as_uri())
    sets = list(graph.subjects(RDF.type, RS.ResultSet))
    if not sets:
        return graph
    truth = graph.value(sets[0], RS.boolean)
    if truth is not None:
        return bool(truth.toPython())
    solutions: list[Solution] = []
    for solution in graph.objects(sets[0], RS.solution):
        row: Solution = {}
        for binding in graph.objects(solution, RS.binding):
            value = graph.value(binding, RS.value)
            row[str(graph.value(binding, RS.variable))] = _term(value.n3())
        solutions.append(row)
    return solutions


def canonical(solutions: list[Solution]) -> set[str]:
    """Return solutions as a set of canonical triples; equal solutions stay apart, each is a node of its own."""
    # Through a store, which writes numbers its own way: compared are their values, not their spellings.
    store = ox.Store()
    store.extend(
        ox.Quad(node, ox.NamedNode(_VARIABLE + name), value)
        for node, row in ((ox.BlankNode(), row) for row in solutions)
        for name, value in row.items()
    )
    dataset = ox.Dataset(store)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return {str(quad) for quad in dataset}


def canonical_graph(text: bytes) -> set[str]:
    """Return a graph, as N-Triples, in canonical form."""
    dataset = ox.Dataset(ox.parse(text, format=ox.RdfFormat.N_TRIPLES))
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return {str(quad) for quad in dataset}


def _term(text: str) -> ox.NamedNode | ox.BlankNode | ox.Literal:
    (quad,) = ox.parse(f"<urn:s> <urn:p> {text} .", format=ox.RdfFormat.TURTLE)
    assert not isinstance(quad.object, ox.Triple)
    return quad.object
