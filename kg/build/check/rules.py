"""The rules that span several records: SELECT queries whose rows are violations.

A row has ``?record`` and ``?property`` (IRIs), ``?problem`` and ``?repair`` (text).
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pyoxigraph as ox

from kg.build.check.report import Reporter
from kg.errors import Violation

_PLACE = ox.NamedNode("https://w3id.org/calcikg/check/place")
_PLACES = ox.NamedNode("https://w3id.org/calcikg/check/places")


def check_rules(quads: Iterable[ox.Quad], rules: Sequence[Path], reporter: Reporter) -> Iterator[Violation]:
    """Run every rule over the quads and over the places at which the records were written."""
    store = ox.Store()
    store.bulk_extend(
        quad for named in quads for quad in (named, ox.Quad(named.subject, named.predicate, named.object))
    )
    for record, places in reporter.places.items():
        for place in places:
            text = ox.Literal(f"{place.file}:{place.line}")
            store.add(ox.Quad(ox.NamedNode(record), _PLACE, text, _PLACES))
            store.add(ox.Quad(ox.NamedNode(record), _PLACE, text))
    for rule in rules:
        rows = store.query(rule.read_text(encoding="utf-8"))
        assert isinstance(rows, ox.QuerySolutions), "a rule is a SELECT query"
        for row in rows:
            record, property_, problem, repair = (row[name] for name in ("record", "property", "problem", "repair"))
            yield reporter.violation(record.value, property_.value, problem.value, repair.value)
