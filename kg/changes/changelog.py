"""A changelog: what the difference of two snapshots means to those who use the evidence, as data, text and HTML."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import pyoxigraph as ox
from jinja2 import Environment, FileSystemLoader, Template

from kg.changes.estimates import read_estimates
from kg.changes.patch import read_changes
from kg.changes.rows import Changed, Mapped, Named, Reestimated
from kg.prefixes import ID, ONTOLOGY, contract, expand
from kg.rdf import graph_of
from kg.snapshot import DATASET, Snapshot

#: What a finding reports: everything of these datatypes, and these properties.
_FIGURES = {expand(f"xsd:{name}") for name in ("boolean", "decimal", "integer")}
_REPORTED = {"direction", "interval", "measure", "qualifier", "reported", "unit"}
_LEVEL = {"evidenceLevel", "studyDesign"}
_LABELS = (ONTOLOGY + "statement", expand("rdfs:label"))
_NO_TERM = "mapping/sssom:NoTermFound"


_Row = TypeVar("_Row", Named, Changed)
_Rows = list[Named] | list[Changed] | list[Mapped] | list[Reestimated]


@dataclass(frozen=True)
class Changelog:
    """What changed from the snapshot ``old`` to ``new``; each list is sorted.

    ``findings_value`` has the figures that differ, ``findings_level`` evidence levels and study designs,
    ``findings_other`` all else that the records of findings say. ``estimates_…`` are pooled results with the old and
    the new figures and why they differ; ``methods_changed`` has the formulas. ``quads`` counts over all graphs.
    """

    old: str
    new: str
    quads: dict[str, int]
    estimates_added: list[Reestimated] = field(metadata={"heading": "Pooled results added"})
    estimates_withdrawn: list[Reestimated] = field(metadata={"heading": "Pooled results withdrawn"})
    estimates_changed: list[Reestimated] = field(metadata={"heading": "Pooled results estimated anew"})
    estimates_renamed: list[Reestimated] = field(metadata={"heading": "Pooled results with another address"})
    methods_changed: list[Changed] = field(metadata={"heading": "Methods of synthesis and their formulas"})
    findings_added: list[Named] = field(metadata={"heading": "Findings added"})
    findings_withdrawn: list[Named] = field(metadata={"heading": "Findings withdrawn"})
    findings_value: list[Changed] = field(metadata={"heading": "Findings with another figure"})
    findings_level: list[Changed] = field(metadata={"heading": "Findings with another level of evidence"})
    findings_other: list[Changed] = field(metadata={"heading": "Findings changed otherwise"})
    disagreements_added: list[Named] = field(metadata={"heading": "New disagreements"})
    disagreements_withdrawn: list[Named] = field(metadata={"heading": "Disagreements withdrawn"})
    disagreements_changed: list[Changed] = field(metadata={"heading": "Disagreements changed"})
    entities_added: list[Named] = field(metadata={"heading": "Entities added"})
    entities_withdrawn: list[Named] = field(metadata={"heading": "Entities withdrawn"})
    entities_renamed: list[Changed] = field(metadata={"heading": "Entities renamed"})
    mappings_added: list[Mapped] = field(metadata={"heading": "Mappings added"})
    mappings_withdrawn: list[Mapped] = field(metadata={"heading": "Mappings withdrawn"})

    @property
    def sections(self) -> list[tuple[str, _Rows]]:
        """The lists that are not empty, with their headings."""
        sections = ((one.metadata.get("heading"), getattr(self, one.name)) for one in fields(self))
        return [(heading, rows) for heading, rows in sections if heading and rows]

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return asdict(self)


def read_changelog(old: Snapshot, new: Snapshot) -> Changelog:
    """Compare two snapshots."""
    lines: dict[str, list[str]] = {"D": [], "A": []}
    for operation, line in read_changes(old, new):
        lines[operation].append(line)
    withdrawn, added = ([*_parse(lines[operation])] for operation in ("D", "A"))
    before, after = _read_names(old), _read_names(new)
    new_records = _by_kind(Named(id_, after[id_]) for id_ in after.keys() - before.keys())
    old_records = _by_kind(Named(id_, before[id_]) for id_ in before.keys() - after.keys())
    changed = _by_kind(_changed(withdrawn, added, {id_: after[id_] for id_ in before.keys() & after.keys()}))
    estimates = read_estimates(old, new, (before, after))
    figures = _REPORTED | {_short(quad.predicate) for quad in withdrawn + added if _is_figure(quad.object)}
    return Changelog(
        old=old.version,
        new=new.version,
        quads={"added": len(added), "withdrawn": len(withdrawn)},
        estimates_added=estimates.added,
        estimates_withdrawn=estimates.withdrawn,
        estimates_changed=estimates.changed,
        estimates_renamed=estimates.renamed,
        methods_changed=estimates.methods,
        findings_added=new_records["finding"],
        findings_withdrawn=old_records["finding"],
        findings_value=[row for row in changed["finding"] if row.property in figures],
        findings_level=[row for row in changed["finding"] if row.property in _LEVEL],
        findings_other=[row for row in changed["finding"] if row.property not in figures | _LEVEL],
        disagreements_added=new_records["disagreement"],
        disagreements_withdrawn=old_records["disagreement"],
        disagreements_changed=changed["disagreement"],
        entities_added=new_records["entity"],
        entities_withdrawn=old_records["entity"],
        entities_renamed=[row for row in changed["entity"] if row.property == "label"],
        mappings_added=sorted(_mapped(added)),
        mappings_withdrawn=sorted(_mapped(withdrawn)),
    )


def to_text(log: Changelog) -> Iterator[str]:
    """Yield the lines of a changelog."""
    yield f"{log.old} -> {log.new}: quads added {log.quads['added']}, withdrawn {log.quads['withdrawn']}"
    for heading, rows in log.sections:
        yield f"\n{heading}: {len(rows)}"
        yield from (f"  {line}" for row in rows for line in _lines(row))


def to_html(log: Changelog) -> str:
    """Return a changelog as HTML, to be put into a page."""
    return _template().render(log=log)


@cache
def _template() -> Template:
    loader = FileSystemLoader(Path(__file__).parent)
    return Environment(loader=loader, autoescape=True).get_template("changelog.html")


def _lines(row: Named | Changed | Mapped | Reestimated) -> Iterator[str]:
    match row:
        case Named(id_, name):
            yield f"{id_}: {name}"
        case Changed(id_, name, property_, before, after):
            yield f"{id_}: {property_}: {' | '.join(before) or 'nothing'} -> {' | '.join(after) or 'nothing'} ({name})"
        case Mapped(id_, term, predicate):
            yield " ".join(filter(None, (id_, predicate, term)))
        case Reestimated():
            yield f"{row.id}: {row.name}"
            if row.id_before:
                yield f"  address before: {row.id_before}"
            yield f"  {' -> '.join(dict.fromkeys(row.in_words))}"
            yield from (f"  {why}" for why in row.why)


def _by_kind(rows: Iterable[_Row]) -> Mapping[str, list[_Row]]:
    """Return rows, sorted, by what they are about: finding, disagreement or entity."""
    kinds: defaultdict[str, list[_Row]] = defaultdict(list)
    for row in sorted(rows):
        kind = row.id.partition("/")[0]
        kinds[kind if kind in ("finding", "disagreement") else "entity"].append(row)
    return kinds


def _read_names(snapshot: Snapshot) -> dict[str, str]:
    """Return the statement or label of every record, by id."""
    with (snapshot.path / DATASET).open(encoding="utf-8", newline="\n") as file:
        lines = [line for line in file if line.startswith(f"<{ID}") and any(f"<{name}>" in line for name in _LABELS)]
    return {
        record: quad.object.value
        for quad, record, part in _recorded(_parse(lines))
        if not part and quad.predicate.value in _LABELS and isinstance(quad.object, ox.Literal)
    }


def _changed(withdrawn: Iterable[ox.Quad], added: Iterable[ox.Quad], names: Mapping[str, str]) -> Iterator[Changed]:
    """Yield the properties that differ of the records named."""
    values: defaultdict[tuple[str, str], tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
    for side, quads in enumerate((withdrawn, added)):
        for quad, record, part in _recorded(quads):
            values[record, f"{part} {_short(quad.predicate)}".lstrip()][side].append(_short(quad.object))
    for (record, property_), (before, after) in values.items():
        if record in names:
            yield Changed(record, names[record], property_, tuple(sorted(before)), tuple(sorted(after)))


def _recorded(quads: Iterable[ox.Quad]) -> Iterator[tuple[ox.Quad, str, str]]:
    """Yield the quads that a record states, or that follow from one, with the id of the record and the part of it."""
    for quad in quads:
        graph = graph_of(quad)
        if isinstance(quad.subject, ox.NamedNode) and (
            graph == "entities" or graph.startswith("source/") or _short(quad.predicate) in _LEVEL
        ):
            record, _, part = quad.subject.value.removeprefix(ID).partition("#")
            yield quad, record, part


def _mapped(quads: Iterable[ox.Quad]) -> Iterator[Mapped]:
    for quad in quads:
        if graph_of(quad) == "mappings":
            assert isinstance(quad.subject, ox.NamedNode)
            entity, _, part = quad.subject.value.removeprefix(ID).partition("#")
            if not part:
                yield Mapped(entity, _short(quad.object), _short(quad.predicate))
            elif part == _NO_TERM and quad.predicate.value == expand("sssom:object_id"):
                yield Mapped(entity, _short(quad.object))


def _parse(lines: Iterable[str]) -> Iterator[ox.Quad]:
    return iter(ox.parse("".join(lines), format=ox.RdfFormat.N_QUADS))


def _is_figure(term: object) -> bool:
    return isinstance(term, ox.Literal) and contract(term.datatype.value) in (
        "xsd:decimal",
        "xsd:integer",
        "xsd:boolean",
    )


def _short(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> str:
    """Return a value as people read it: ``improved``, ``site/hand``, ``15``."""
    if not isinstance(term, ox.NamedNode):
        return term.value if isinstance(term, ox.Literal) else str(term)
    name = contract(term.value)
    return name.removeprefix("ckg:").removeprefix("ckgid:").removeprefix("rdfs:").removeprefix("rdf:")
