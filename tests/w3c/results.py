"""Reads results as their formats write them, and compares them up to the names of blank nodes."""

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pyoxigraph as ox
from rdflib import RDF, Graph, Namespace
from rdflib.query import Result
from rdflib.term import Node

RS = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/result-set#")
Term = ox.NamedNode | ox.BlankNode | ox.Literal


@dataclass(frozen=True)
class Table:
    """The variables of a result, and its solutions without unbound variables."""

    variables: list[str]
    rows: list[dict[str, Term]]
    #: Whether the order of the solutions is part of the result.
    ordered: bool = False


def read_results(text: bytes, format_: str) -> bool | Table:
    """Read SPARQL results in ``json``, ``xml`` or ``tsv``."""
    result = Result.parse(BytesIO(text), format=format_)
    if result.askAnswer is not None:
        return result.askAnswer
    rows = [{str(name): _term(value.n3()) for name, value in row.items()} for row in result.bindings]
    return Table([str(name) for name in result.vars or ()], rows)


def read_graph(path: Path) -> bool | Table | Graph:
    """Read an expected result in RDF: a result set, or the graph that is the result."""
    graph = Graph().parse(path, publicID=path.as_uri())
    sets = list(graph.subjects(RDF.type, RS.ResultSet))
    if not sets:
        return graph
    truth = graph.value(sets[0], RS.boolean)
    if truth is not None:
        return bool(truth.toPython())
    solutions = list(graph.objects(sets[0], RS["solution"]))
    places = {solution: graph.value(solution, RS["index"]) for solution in solutions}
    ordered = bool(places) and None not in places.values()
    if ordered:
        solutions.sort(key=lambda solution: int(places[solution]))
    variables = [str(name) for name in graph.objects(sets[0], RS.resultVariable)]
    return Table(variables, [_solution(graph, solution) for solution in solutions], ordered)


def canonical(table: Table, *, ordered: bool) -> set[str]:
    """Return solutions as a set of canonical triples; equal solutions stay apart, each is a node of its own."""
    # Through a store, which writes numbers its own way: compared are their values, not their spellings.
    store = ox.Store()
    for place, row in enumerate(table.rows):
        node = ox.BlankNode()
        store.extend(ox.Quad(node, ox.NamedNode(f"urn:variable:{name}"), value) for name, value in row.items())
        if ordered:
            store.add(ox.Quad(node, ox.NamedNode("urn:place"), ox.Literal(place)))
    dataset = ox.Dataset(store)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return {str(quad) for quad in dataset}


def distinct(table: Table) -> Table:
    """Return a table with each solution once."""
    rows: list[dict[str, Term]] = []
    for row in table.rows:
        if row not in rows:
            rows.append(row)
    return Table(table.variables, rows)


def _solution(graph: Graph, solution: Node) -> dict[str, Term]:
    return {
        str(graph.value(binding, RS.variable)): _term(graph.value(binding, RS.value).n3())
        for binding in graph.objects(solution, RS.binding)
    }


def _term(text: str) -> Term:
    (quad,) = ox.parse(f"<urn:s> <urn:p> {text} .", format=ox.RdfFormat.TURTLE)
    assert not isinstance(quad.object, ox.Triple)
    return quad.object
