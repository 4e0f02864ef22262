"""The rules for single records: SHACL shapes."""

from collections.abc import Iterable, Iterator

import pyoxigraph as ox
import pyshacl
from rdflib import RDF, SH, Graph

from kg.build.check.report import Reporter
from kg.errors import Violation
from kg.rdf import graph_of

_LEFT_OUT = ("external/", "mappings", "inferred")


def check_shapes(quads: Iterable[ox.Quad], shapes: list[ox.Quad], reporter: Reporter) -> Iterator[Violation]:
    """Validate what people wrote (not what was derived or imported) against the shapes."""
    written = [quad for quad in quads if not graph_of(quad).startswith(_LEFT_OUT)]
    _, report, _ = pyshacl.validate(_graph(written), shacl_graph=_graph(shapes))
    for result in report.subjects(RDF.type, SH.ValidationResult):
        record, path = report.value(result, SH.focusNode), report.value(result, SH.resultPath)
        problem, _, repair = str(report.value(result, SH.resultMessage)).partition(". ")
        value = report.value(result, SH.value)
        shown = f"{problem} (found: {value})" if value is not None else problem
        yield reporter.violation(str(record), str(path), shown, repair)


def _graph(quads: list[ox.Quad]) -> Graph:
    triples = (ox.Triple(quad.subject, quad.predicate, quad.object) for quad in quads)
    return Graph().parse(data=ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES), format="nt")
