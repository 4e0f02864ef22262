"""The query tests of the SPARQL 1.0 and 1.1 suites, each with its own data, through the HTTP endpoint."""

import csv
import io
import json
import re

from rdflib import Graph
from rdflib.compare import isomorphic

from kg.engine import FORMATS
from w3c.conftest import Each
from w3c.manifest import Case, Entry, read_case
from w3c.results import Table, canonical, distinct, read_graph, read_results
from w3c.services import Service, ask

#: The format of a result by the extension of the file that has the expected one.
WANTED = {".srj": FORMATS["json"], ".srx": FORMATS["xml"], ".tsv": FORMATS["tsv"], ".csv": FORMATS["csv"]}


def test_evaluation(service: Service, each: Each) -> None:
    each("evaluation", lambda entry: evaluate(service, entry))


def evaluate(service: Service, entry: Entry) -> None:
    """Ask the query of a test, and compare the answer with what the manifest expects."""
    case = read_case(entry)
    assert case.result is not None
    wanted = WANTED.get(case.result.suffix)
    accepted = (wanted,) if wanted else (FORMATS["json"], FORMATS["ttl"])
    reply = ask(service, case, ", ".join(row.media_type for row in accepted))
    assert reply.status == 200, reply.body
    (format_,) = (row for row in accepted if row.media_type == reply.media_type)
    if case.result.suffix == ".csv":
        assert labelled(reply.body) == labelled(columns_like(reply.body, case.result.read_bytes()))
        return
    expected = read_results(case.result.read_bytes(), wanted.name) if wanted else read_graph(case.result)
    if isinstance(expected, Graph):
        found = Graph().parse(data=reply.body, format="turtle")
        assert isomorphic(found, expected)
    else:
        compare(read_results(reply.body, format_.name), expected, case)


def compare(found: bool | Table, expected: bool | Table, case: Case) -> None:
    if isinstance(expected, bool):
        assert found is expected
        return
    assert isinstance(found, Table)
    if case.selects_all or case.result.suffix not in WANTED:  # in RDF, variables have no order
        assert sorted(found.variables) == sorted(expected.variables)
    else:
        assert found.variables == expected.variables
    if case.lax:
        found, expected = distinct(found), distinct(expected)
    assert len(found.rows) == len(expected.rows)
    ordered = expected.ordered or "ORDER BY" in case.text
    assert canonical(found, ordered=ordered) == canonical(expected, ordered=ordered)


def columns_like(text: bytes, expected: bytes) -> bytes:
    """Return the expected CSV with its columns in the order of another, and lines that end as RFC 4180 says."""
    rows = list(csv.DictReader(io.StringIO(expected.decode())))
    names = next(csv.reader(io.StringIO(text.decode())))
    written = io.StringIO()
    writer = csv.DictWriter(written, names, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue().encode()


def labelled(text: bytes) -> bytes:
    """Return text with its blank nodes numbered as they come."""
    labels: dict[bytes, bytes] = {}
    return re.sub(rb"_:\w+", lambda found: labels.setdefault(found[0], b"_:%d" % len(labels)), text)


def test_positive_syntax(service: Service, each: Each) -> None:
    def accept(entry: Entry) -> None:
        reply = ask(service, read_case(entry), "*/*")
        assert reply.status == 200, reply.body

    each("positive syntax", accept)


def test_negative_syntax(service: Service, each: Each) -> None:
    def refuse(entry: Entry) -> None:
        text = read_case(entry).query.read_bytes()
        reply = service.send("POST", "/sparql", {"Content-Type": "application/sparql-query"}, text)
        assert reply.status == 400, reply.body
        assert json.loads(reply.body)["type"].endswith("/query-syntax")

    each("negative syntax", refuse)
