"""Reads results as their formats write them, and compares them up to the names of blank nodes."""

import json
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import pyoxigraph as ox
from rdflib import RDF, Graph, Namespace
from rdflib.term import Node

RS = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/result-set#")
_SRX = "{http://www.w3.org/2005/sparql-results#}"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
Term = ox.NamedNode | ox.BlankNode | ox.Literal


@dataclass(frozen=True)
class Table:
    """The variables of a result, and its solutions without unbound variables."""

    variables: list[str]
    rows: list[dict[str, Term]]
    #: Whether the order of the solutions is part of the result.
    ordered: bool = False


def read_json(text: bytes) -> bool | Table:
    """Read SPARQL 1.1 Query Results JSON."""
    found = json.loads(text)
    if "boolean" in found:
        assert isinstance(found["boolean"], bool)
        return found["boolean"]
    rows = [{name: _from_json(value) for name, value in row.items()} for row in found["results"]["bindings"]]
    return Table(found["head"].get("vars", []), rows)


def read_xml(text: bytes) -> bool | Table:
    """Read SPARQL Query Results XML."""
    found = ElementTree.fromstring(text)
    truth = found.find(f"{_SRX}boolean")
    if truth is not None:
        return {"true": True, "false": False}[truth.text or ""]
    rows = [
        {binding.attrib["name"]: _from_xml(binding[0]) for binding in result}
        for result in found.iterfind(f"{_SRX}results/{_SRX}result")
    ]
    return Table([variable.attrib["name"] for variable in found.iterfind(f"{_SRX}head/{_SRX}variable")], rows)


def read_tsv(text: bytes) -> Table:
    """Read SPARQL 1.1 Query Results TSV: terms as Turtle writes them, an empty field for an unbound variable."""
    head, *lines = text.decode().removesuffix("\n").split("\n")
    assert all(name.startswith("?") for name in head.split("\t"))
    names = [name.removeprefix("?") for name in head.split("\t")]
    rows = [
        {name: _term(field) for name, field in zip(names, line.split("\t"), strict=True) if field} for line in lines
    ]
    return Table(names, rows)


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


def _from_json(value: dict[str, str]) -> Term:
    if value["type"] == "uri":
        return ox.NamedNode(value["value"])
    if value["type"] == "bnode":
        return ox.BlankNode(value["value"])
    assert value["type"] == "literal"
    return _literal(value["value"], value.get("xml:lang"), value.get("datatype"))


def _from_xml(value: ElementTree.Element) -> Term:
    text = value.text or ""
    if value.tag == f"{_SRX}uri":
        return ox.NamedNode(text)
    if value.tag == f"{_SRX}bnode":
        return ox.BlankNode(text)
    assert value.tag == f"{_SRX}literal"
    return _literal(text, value.get(_LANG), value.get("datatype"))


def _literal(text: str, language: str | None, datatype: str | None) -> ox.Literal:
    return ox.Literal(text, language=language, datatype=ox.NamedNode(datatype) if datatype else None)


def _solution(graph: Graph, solution: Node) -> dict[str, Term]:
    return {
        str(graph.value(binding, RS.variable)): _term(graph.value(binding, RS.value).n3())
        for binding in graph.objects(solution, RS.binding)
    }


def _term(text: str) -> Term:
    (quad,) = ox.parse(f"<urn:s> <urn:p> {text} .", format=ox.RdfFormat.TURTLE)
    assert not isinstance(quad.object, ox.Triple)
    return quad.object
