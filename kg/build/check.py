"""Checks a dataset: SHACL shapes for single records, query files for what spans several.

A query file (``ontology/checks``) selects violations: ``?record`` and ``?property`` (IRIs), ``?problem`` and
``?repair`` (text). Those in ``terms/`` are about the ontology and its mappings.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pyoxigraph as ox

from kg.build.dataset import Dataset, Inputs, read_neighbourhood
from kg.build.infer import apply_rules
from kg.build.ontology import read_shapes
from kg.build.records import Position, file_name
from kg.errors import RecordsError, Violation
from kg.prefixes import GRAPH, ID, ONTOLOGY, PREFIXES
from kg.rdf import graph_of, to_rdflib

if TYPE_CHECKING:
    from rdflib import Graph

#: Graphs that the shapes do not look at: what was derived or imported.
_NOT_WRITTEN = ("external/", "mappings", "inferred")
#: All that the shapes need to know of the ontology.
_OF_ONTOLOGY = {ox.NamedNode(PREFIXES["rdf"] + "type"), ox.NamedNode(PREFIXES["rdfs"] + "subClassOf")}
_PLACE = ox.NamedNode("https://w3id.org/calcikg/check/place")
_POSITIONS = ox.NamedNode(GRAPH + "positions")


class Result(NamedTuple):
    """What a shape or a query found: the record and the property (IRIs), what is wrong and how to repair it."""

    record: str
    property: str
    problem: str
    repair: str


def check(dataset: Dataset, inferred: Sequence[ox.Quad], inputs: Inputs) -> None:
    """Raise RecordsError with every violation, if there are any."""
    if violations := find_violations(dataset, inferred, inputs):
        raise RecordsError(violations)


def find_violations(dataset: Dataset, inferred: Sequence[ox.Quad], inputs: Inputs) -> list[Violation]:
    """Return everything that is wrong with the asserted and the derived quads, in file order."""
    quads = [*dataset.quads, *inferred]
    results = [
        *validate(dataset.quads, read_shapes(inputs.ontology)),
        *run_queries(quads, dataset.positions, sorted((inputs.ontology / "checks").rglob("*.rq"))),
    ]
    return sorted({_locate(result, dataset, inputs) for result in results})


def check_file(path: Path, inputs: Inputs) -> tuple[int, list[Violation]]:
    """Check one record file, and return the number of its records and its violations.

    It is checked together with the files that it refers to or that refer to it; what spans more of them, such as a
    contradiction with another source, only a check of the whole dataset finds. Raises RecordsError when a file
    cannot be read.
    """
    dataset = read_neighbourhood(inputs, path)
    store = ox.Store()
    store.bulk_extend(dataset.quads)
    apply_rules(store, inputs.ontology / "rules")
    name = file_name(path, inputs.seeds)
    results = [
        *validate(dataset.quads, read_shapes(inputs.ontology)),
        *run_queries(store, dataset.positions, sorted((inputs.ontology / "checks").glob("*.rq"))),
    ]
    violations = {_locate(result, dataset, inputs) for result in results}
    records = sum(position.file == name for positions in dataset.positions.values() for position in positions)
    return records, sorted({*dataset.outdated, *(found for found in violations if found.file == name)})


def validate(quads: Iterable[ox.Quad], shapes: Iterable[ox.Quad]) -> Iterator[Result]:
    """Validate what people wrote against the SHACL shapes."""
    import pyshacl
    from rdflib import RDF, SH

    written = (quad for quad in quads if not graph_of(quad).startswith(_NOT_WRITTEN))
    data = _graph(quad for quad in written if graph_of(quad) != "ontology" or quad.predicate in _OF_ONTOLOGY)
    _, report, _ = pyshacl.validate(data, shacl_graph=_flatten(_graph(shapes)))
    for result in report.subjects(RDF.type, SH.ValidationResult):
        problem, _, repair = str(report.value(result, SH.resultMessage)).partition(". ")
        if value := report.value(result, SH.value):
            problem += f" (found: {value.removeprefix(ID).removeprefix(ONTOLOGY)})"
        record, path = report.value(result, SH.focusNode), report.value(result, SH.resultPath)
        yield Result(str(record), str(path), problem, repair)


def run_queries(
    quads: Iterable[ox.Quad], positions: Mapping[str, Sequence[Position]], files: Sequence[Path]
) -> Iterator[Result]:
    """Run query files over the quads, in their graphs and in the default graph, and over the positions of records."""
    store = ox.Store()
    store.bulk_extend(
        quad for named in quads for quad in (named, ox.Quad(named.subject, named.predicate, named.object))
    )
    for record, found in positions.items():
        for position in found:
            place = ox.Literal(f"{position.file}:{position.line}")
            store.extend(ox.Quad(ox.NamedNode(record), _PLACE, place, graph) for graph in (_POSITIONS, None))
    for file in files:
        rows = store.query(file.read_text(encoding="utf-8"))
        assert isinstance(rows, ox.QuerySolutions), f"{file.name} is not a SELECT query"
        for row in rows:
            yield Result(*(row[name].value for name in ("record", "property", "problem", "repair")))


def _locate(result: Result, dataset: Dataset, inputs: Inputs) -> Violation:
    """Say where a violation stands; parts of a record (IRIs with a fragment) count as the record."""
    whole, _, part = result.record.partition("#")
    record = whole.removeprefix(ID)
    key = part.split("-")[0] if part else inputs.context.keys.get(result.property, "id")
    if positions := dataset.positions.get(whole):
        return Violation(positions[-1].file, positions[-1].line_of(key), record, result.problem, result.repair)
    return Violation("ontology", 0, record, result.problem, result.repair)


def _flatten(shapes: "Graph") -> "Graph":
    """Give each property shape the target classes of the node shape around it, which says the same.

    pySHACL validates a shape for all its targets at once, but a nested one for each node: six times as slow.
    """
    from rdflib import SH
    from rdflib.collection import Collection

    for shape, head in shapes.subject_objects(SH.ignoredProperties):
        ignored = Collection(shapes, head)  # a closed shape allows the paths of its parts, which it is to lose
        ignored += shapes.objects(shape, SH.property / SH.path)
    for shape, part in [*shapes.subject_objects(SH.property)]:
        for target in shapes.objects(shape, SH.targetClass):
            shapes.add((part, SH.targetClass, target))
        shapes.remove((shape, SH.property, part))
    return shapes


def _graph(quads: Iterable[ox.Quad]) -> "Graph":
    from rdflib import Graph

    term = cache(to_rdflib)
    graph = Graph()
    for quad in quads:
        graph.add((term(quad.subject), term(quad.predicate), term(quad.object)))
    return graph
