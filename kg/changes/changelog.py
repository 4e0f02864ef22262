"""A changelog: what the difference of two snapshots means to those who use the evidence."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import pyoxigraph as ox

from kg.changes.quads import Change, read_changes
from kg.prefixes import GRAPH, ID, ONTOLOGY, contract, expand
from kg.rdf import graph_of
from kg.snapshot import DATASET, Snapshot

# What a finding reports, as its source prints it.
_FIGURES = {
    "baselineLower", "baselineUpper", "baselineValue", "denominator", "direction", "interval", "lower", "measure",
    "negated", "numerator", "pValue", "qualifier", "reported", "sampleSize", "spread", "unit", "upper", "value",
}  # fmt: skip
_LEVEL = {"evidenceLevel", "studyDesign"}
_NAMES = (ONTOLOGY + "statement", expand("rdfs:label"))
_NO_TERM = "#mapping/sssom:NoTermFound"


@dataclass(frozen=True, order=True)
class Named:
    """A record by its id, such as ``finding/debulking-2021-30``, with its statement or label."""

    id: str
    name: str


@dataclass(frozen=True, order=True)
class Changed:
    """A property of a record whose values differ; nothing stands where there was, or is, no value."""

    id: str
    name: str
    property: str
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, order=True)
class Mapped:
    """A mapping of an entity: relation and term, or ``sssom:NoTermFound`` without a relation."""

    id: str
    term: str
    predicate: str = ""


@dataclass(frozen=True)
class Changelog:
    """What changed from the snapshot ``old`` to ``new``; each list is sorted.

    ``findings_value`` holds the figures that differ, ``findings_level`` evidence levels and study designs,
    ``findings_other`` all else that the records of findings say. ``quads`` counts over all graphs, computed ones too.
    """

    old: str
    new: str
    quads: dict[str, int]
    findings_added: list[Named]
    findings_withdrawn: list[Named]
    findings_value: list[Changed]
    findings_level: list[Changed]
    findings_other: list[Changed]
    disagreements_added: list[Named]
    disagreements_withdrawn: list[Named]
    disagreements_changed: list[Changed]
    entities_added: list[Named]
    entities_withdrawn: list[Named]
    entities_renamed: list[Changed]
    mappings_added: list[Mapped]
    mappings_withdrawn: list[Mapped]

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON holds it."""
        return asdict(self)


def read_changelog(old: Snapshot, new: Snapshot) -> Changelog:
    """Compare two snapshots."""
    changes = list(read_changes(old, new))
    before, after = _read_names(old), _read_names(new)
    added = [Named(id_, after[id_]) for id_ in sorted(after.keys() - before.keys())]
    withdrawn = [Named(id_, before[id_]) for id_ in sorted(before.keys() - after.keys())]
    changed = sorted(_changed(changes, {id_: name for id_, name in after.items() if id_ in before}))
    findings = [row for row in changed if _is(row, "finding")]
    return Changelog(
        old=old.version,
        new=new.version,
        quads={
            name: sum(operation == letter for operation, _ in changes)
            for name, letter in (("added", "A"), ("withdrawn", "D"))
        },
        findings_added=[row for row in added if _is(row, "finding")],
        findings_withdrawn=[row for row in withdrawn if _is(row, "finding")],
        findings_value=[row for row in findings if row.property in _FIGURES],
        findings_level=[row for row in findings if row.property in _LEVEL],
        findings_other=[row for row in findings if row.property not in _FIGURES | _LEVEL],
        disagreements_added=[row for row in added if _is(row, "disagreement")],
        disagreements_withdrawn=[row for row in withdrawn if _is(row, "disagreement")],
        disagreements_changed=[row for row in changed if _is(row, "disagreement")],
        entities_added=[row for row in added if not _is(row, "finding", "disagreement")],
        entities_withdrawn=[row for row in withdrawn if not _is(row, "finding", "disagreement")],
        entities_renamed=[
            row for row in changed if row.property == "label" and not _is(row, "finding", "disagreement")
        ],
        mappings_added=sorted(_mapped(changes, "A")),
        mappings_withdrawn=sorted(_mapped(changes, "D")),
    )


def _is(row: Named | Changed, *types: str) -> bool:
    return row.id.partition("/")[0] in types


def _read_names(snapshot: Snapshot) -> dict[str, str]:
    """Return the statement or label of every record that people wrote, by id."""
    with (snapshot.path / DATASET).open(encoding="utf-8", newline="\n") as file:
        lines = [line for line in file if line.startswith(f"<{ID}") and any(f"<{name}>" in line for name in _NAMES)]
    return {
        quad.subject.value.removeprefix(ID): quad.object.value
        for quad in _parse(lines)
        if quad.predicate.value in _NAMES
        if _written(quad) and isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.Literal)
        if "#" not in quad.subject.value  # a part of a record, such as a side of a disagreement
    }


def _changed(changes: Iterable[Change], names: Mapping[str, str]) -> Iterator[Changed]:
    """Yield the properties that differ of the records named."""
    values: defaultdict[tuple[str, str], dict[str, list[str]]] = defaultdict(lambda: {"D": [], "A": []})
    for operation in ("D", "A"):
        for quad in _parse(line for letter, line in changes if letter == operation):
            if isinstance(quad.subject, ox.NamedNode) and _written(quad):
                record, _, part = quad.subject.value.removeprefix(ID).partition("#")
                property_ = " ".join(filter(None, (part, _short(quad.predicate))))
                values[record, property_][operation].append(_short(quad.object))
    for (record, property_), sides in values.items():
        if record in names:
            before, after = (tuple(sorted(sides[letter])) for letter in ("D", "A"))
            yield Changed(record, names[record], property_, before, after)


def _written(quad: ox.Quad) -> bool:
    """Tell whether people wrote it, or chose it by writing something else; what is computed follows by itself."""
    graph = graph_of(quad)
    return graph == "entities" or graph.startswith("source/") or _short(quad.predicate) in _LEVEL


def _mapped(changes: Iterable[Change], operation: str) -> Iterator[Mapped]:
    graph = f" <{GRAPH}mappings> .\n"
    for quad in _parse(line for letter, line in changes if letter == operation and line.endswith(graph)):
        assert isinstance(quad.subject, ox.NamedNode)
        entity, _, part = quad.subject.value.removeprefix(ID).partition("#")
        if not part:
            yield Mapped(entity, _short(quad.object), _short(quad.predicate))
        elif f"#{part}" == _NO_TERM and quad.predicate.value == expand("sssom:object_id"):
            yield Mapped(entity, _short(quad.object))


def _parse(lines: Iterable[str]) -> Iterator[ox.Quad]:
    return iter(ox.parse("".join(lines), format=ox.RdfFormat.N_QUADS))


def _short(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> str:
    """Return a value as people read it: ``improved``, ``site/hand``, ``15``."""
    if not isinstance(term, ox.NamedNode):
        return term.value if isinstance(term, ox.Literal) else str(term)
    name = contract(term.value)
    return name.removeprefix("ckg:").removeprefix("ckgid:").removeprefix("rdfs:").removeprefix("rdf:")
