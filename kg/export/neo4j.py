"""The evidence as a property graph for Neo4j: CSV files as ``neo4j-admin database import full`` reads them.

https://neo4j.com/docs/operations-manual/current/import/ says what a header may contain. Findings, sources, studies and
disagreements are nodes like the entities, because an edge could not carry all that a finding says. Direct
relationships between entities are there too; what is weaker than stated has a type of its own, so that no query for a
relation matches it.
"""

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from kg.export.extract import Extract, batches
from kg.export.network import AXIOM, EDGE_ATTRIBUTES, attributes
from kg.export.text import to_line, to_zip
from kg.prefixes import ID, contract
from kg.read.entities import first, read_properties, read_sources
from kg.read.labels import Labels, local
from kg.read.schema import Column, Schema, class_of

Row = Mapping[str, Any]

_ID = "id:ID"
#: Properties of findings whose names differ from those of the columns of the schema.
_RENAMED = {
    "id": _ID,
    "evidence_level.label": "level",
    "evidence_level.rank": "rank",
    "locator.section": "section",
    "locator.words": "words",
    "locator.sha256": "sha256",
}
#: Types of relationships of findings whose names differ from those of the keys.
_RELATIONSHIPS = {"follows_event": "FOLLOWS"}
#: Keys and columns of a finding that are left out, each with the reason.
OMITTED = {
    "exact_interval": "computed, not stated by a source",
    "evidence_level.id": "level is its label",
    "evidence_level.iri": "level is its label",
    "disagreements": "a relationship of the disagreement, with the side that the finding is on",
}
_TYPES = {"text": "string", "number": "double", "integer": "int", "boolean": "boolean"}
_WORK = (
    "id:ID", ":LABEL", "iri", "label", "title", "authors", "container", "year:int", "volume", "issue", "pages",
    "published", "doi", "pmid", "url", "study_design", "note",
)  # fmt: skip
_MATCHES = ("exact", "close", "broad", "narrow", "related")
_ENTITY = (
    "id:ID", ":LABEL", "iri", "label", "type", "definition", "description", "note", "synonyms:string[]",
    *(f"{match}_matches:string[]" for match in _MATCHES), "size:int",
)  # fmt: skip
_DISAGREEMENT = ("id:ID", ":LABEL", "iri", "label", "question", "description", "status", "reasons:string[]")
_EVIDENCE = (":START_ID", ":END_ID", ":TYPE", "side")
#: Attributes of edges that are no properties of relationships: their ends and their style.
_NOT_DIRECT = {"source", "target", "axiom", "color", "line", "width"}
_ATTRIBUTE_TYPES = {int: ":int", int | None: ":int", bool: ":boolean", tuple[str, ...]: ":string[]"}
_DIRECT = (
    *(":START_ID", ":END_ID", ":TYPE"),
    *(
        name + _ATTRIBUTE_TYPES.get(attribute.type, "")
        for name, attribute in EDGE_ATTRIBUTES.items()
        if name not in _NOT_DIRECT
    ),
)
#: Standings whose relationships have the type of the relation itself; all others name their standing in the type.
_PLAIN = ("stated", AXIOM)
#: Classes of records that are no entities between which findings state relations.
_NO_ENTITIES = {"Finding", "Source", "Study", "Contrast"}


def write(extract: Extract) -> Iterator[bytes]:
    """Yield a ZIP of the nodes, the relationships, and a README on how to import and query them."""
    labels, classes = extract.labels, _read_classes(extract.labels)
    columns = finding_columns(labels.schema)
    # Relationships are written first: they add what they lead to, which is then written as nodes.
    named = set(extract.entities)
    relationships = {
        "relationships-evidence.csv": _lines(_EVIDENCE, _evidence(extract, named)),
        "relationships-direct.csv": _lines(_DIRECT, _direct(extract)),
    }
    nodes = {
        "nodes-findings.csv": _lines([*columns, ":LABEL"], _findings(extract, classes, columns)),
        "nodes-entities.csv": _lines(_ENTITY, _entities(labels, classes, named)),
        "nodes-works.csv": _lines(_WORK, _works(labels, classes, named)),
        "nodes-disagreements.csv": _lines(_DISAGREEMENT, _disagreements(labels, classes, named)),
    }
    readme = _README.format_map(
        {
            "filters": "nothing, this is all of it",
            **extract.about,
            "nodes": " ".join(f"--nodes={name}" for name in nodes),
            "relationships": " ".join(f"--relationships={name}" for name in relationships),
        }
    )
    yield from to_zip([*relationships.items(), *nodes.items(), ("README.txt", [readme])])


def finding_columns(schema: Schema) -> dict[str, Column]:
    """Return the fields of the header of findings, with the column of the schema that each is made from."""
    columns = {
        _RENAMED.get(column.name, column.name.replace(".", "_")): column
        for column in schema.columns
        if not column.key.is_reference and column.name not in OMITTED and column.key.name not in OMITTED
    }
    return {
        name if name == _ID else f"{name}:{_TYPES[column.form]}{'[]' * column.many}": column
        for name, column in columns.items()
    }


def to_type(predicate: str, standing: str) -> str:
    """Return the type of direct relationships.

    >>> to_type("hasOutcome", "stated"), to_type("hasOutcome", "denied"), to_type("treats", "singlePatient")
    ('HAS_OUTCOME', 'DENIED_HAS_OUTCOME', 'SINGLE_PATIENT_TREATS')
    """
    words = [predicate] if standing in _PLAIN else [standing, predicate]
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", "_".join(words)).upper()


def to_csv(cells: Iterable[object]) -> str:
    r"""Write a row; what is absent is empty, which the importer takes for no value at all.

    Semicolons separate the members of a list, so that those within a member become commas; a line end would end the
    row. Nothing is guarded against spreadsheets: the importer would import the guard.

    >>> to_csv(["a", None, True, 1.5, ["one; two", "three"], 'said "no",\ntwice'])
    'a,,true,1.5,"one, two;three","said ""no"", twice"\n'
    """
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(map(_cell, cells))
    return line.getvalue()


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case list():
            return ";".join(to_line(str(one)).replace(";", ",") for one in value)
        case _:
            return to_line(str(value))


def _lines(header: Sequence[str], rows: Iterable[Row]) -> Iterator[str]:
    """Yield a file: its header, then rows of cells by the names of the fields, or by what follows the colon."""
    yield to_csv(header)
    names = [name or f":{type_}" for name, _, type_ in (field.partition(":") for field in header)]
    for row in rows:
        yield to_csv(row.get(name) for name in names)


def _read_classes(labels: Labels) -> Mapping[str, list[str]]:
    """Return the classes of each type by its name, the widest first; those of entities begin with Entity."""
    above: defaultdict[str, set[str]] = defaultdict(set)
    for row in labels.select("export/classes"):
        above[local(row["class"])].add(local(row["above"]))
    classes: dict[str, list[str]] = {}
    for type_, more in above.items():
        names = sorted({type_, *more}, key=lambda name: (len(above.get(name, ())), name))
        classes[type_] = [name for name in names if name != "Entity"] if _NO_ENTITIES & {*names} else names
    return classes


def _of_class(class_: str, labels: Labels, classes: Mapping[str, list[str]], named: set[str]) -> Iterator[list[str]]:
    """Yield what is named and of a class a few at a time, in the order of the IRIs."""
    types = {type_ for type_, names in classes.items() if class_ in names}
    return batches(sorted(iri for iri in named & labels.entities.keys() if labels.entities[iri]["type"] in types))


def _findings(extract: Extract, classes: Mapping[str, list[str]], columns: Mapping[str, Column]) -> Iterator[Row]:
    names = {field.partition(":")[0]: column for field, column in columns.items()}
    for finding in extract.read_findings():
        plain = {name: column.read(finding) for name, column in names.items()}
        yield {**plain, ":LABEL": classes[local(class_of(finding["kind"]))]}


def _entities(labels: Labels, classes: Mapping[str, list[str]], named: set[str]) -> Iterator[Row]:
    for batch in _of_class("Entity", labels, classes, named):
        records = read_properties(labels.engine, batch)
        for iri in batch:
            record = records[iri]
            yield {
                **labels.entities[iri],
                ":LABEL": classes[labels.entities[iri]["type"]],
                **{name: first(record, name) for name in ("definition", "description", "note")},
                "synonyms": sorted(record.get("altLabel", ())),
                **{f"{match}_matches": sorted(map(contract, record.get(f"{match}Match", ()))) for match in _MATCHES},
                "size": labels.sizes.get(iri),
            }


def _works(labels: Labels, classes: Mapping[str, list[str]], named: set[str]) -> Iterator[Row]:
    for class_ in ("Source", "Study"):
        for batch in _of_class(class_, labels, classes, named):
            for work in read_sources(labels, batch):
                yield {**work, ":LABEL": classes[work["type"]]}


def _disagreements(labels: Labels, classes: Mapping[str, list[str]], named: set[str]) -> Iterator[Row]:
    for batch in _of_class("Contrast", labels, classes, named):
        records = read_properties(labels.engine, batch)
        for iri in batch:
            record = records[iri]
            yield {
                **labels.entities[iri],
                ":LABEL": classes[labels.entities[iri]["type"]],
                **{name: first(record, name) for name in ("question", "description")},
                "status": next(map(local, record.get("status", ())), None),
                "reasons": sorted(map(local, record.get("reason", ()))),
            }


def _evidence(extract: Extract, named: set[str]) -> Iterator[Row]:
    """Yield the relationships of the selected findings, and add to ``named`` what they lead to and come from."""
    labels, chosen = extract.labels, {*extract.findings}
    links = [key for key in labels.schema.keys if key.is_reference and key.name not in OMITTED]
    sources: set[str] = set()
    contrasts: set[str] = set()
    for finding in extract.read_findings():
        sources.add(finding["source"]["iri"])
        contrasts.update(one["iri"] for one in finding.get("disagreements", ()))
        for key in links:
            for end in key.values(finding):
                if end["iri"] in chosen or not end["id"].startswith("finding/"):
                    named.add(end["iri"])
                    yield _relationship(finding["id"], _RELATIONSHIPS.get(key.name, key.name.upper()), end["id"])
    for batch in batches(sorted(sources)):
        for source in read_sources(labels, batch):
            for study in source.get("cites", ()):
                named.add(study["iri"])
                yield _relationship(source["id"], "CITES", study["id"])
    for batch in batches(sorted(contrasts)):
        for row in labels.select("read/sides", contrast=batch):
            if row["finding"] in chosen:
                named.add(row["contrast"])
                ids = [row[end].removeprefix(ID) for end in ("contrast", "finding")]
                yield {**_relationship(ids[0], "INVOLVES", ids[1]), "side": row["label"]}


def _direct(extract: Extract) -> Iterator[Row]:
    """Yield the direct relationships between selected entities, and the hierarchy."""
    for edge in extract.network.edges:
        yield {
            **_relationship(edge.source, to_type(edge.predicate, edge.standing), edge.target),
            **attributes(edge),
        }


def _relationship(start: object, type_: str, end: object) -> dict[str, object]:
    return {":START_ID": start, ":END_ID": end, ":TYPE": type_}


_README = """\
{title}, version {version}, snapshot {snapshot}, for Neo4j 5 and later.
Cite as: {citation}
Licence: {license}
Limited to: {filters}
Research data, not medical advice.

Import, in the folder of these files, into a database that is stopped or does not exist yet:

  neo4j-admin database import full neo4j --overwrite-destination \\
    {nodes} \\
    {relationships}

Then, once:

  CREATE CONSTRAINT FOR (n:Entity) REQUIRE n.id IS UNIQUE;
  CREATE CONSTRAINT FOR (n:Finding) REQUIRE n.id IS UNIQUE;

What is there
  (:Finding)-[:SUBJECT|OBJECT|POPULATION|SITE]->(:Entity)   what a finding is about
  (:Finding)-[:SOURCE]->(:Source)-[:CITES]->(:Study)         its source; (:Finding)-[:RELAYS]->(:Study) relayed from
  (:Finding)-[:FOLLOWS]->(:Finding)                          the event before it, of the same patient
  (:Contrast)-[:INVOLVES {{side}}]->(:Finding)                 disagreements (:Disagreement), real or apparent
  (:Entity)-[:TREATS|HAS_OUTCOME|...]->(:Entity)             direct: findings state it; weight is their number
  (:Entity)-[:DENIED_HAS_OUTCOME|...]->(:Entity)             findings deny it
  (:Entity)-[:HEDGED_HAS_OUTCOME|...]->(:Entity)             weaker than stated, or without effect: the type begins with
                                                             the standing (MINORITY_, SINGLE_PATIENT_, NO_EFFECT_, ...)
  (:Entity)-[:SUBTYPE_OF|PART_OF]->(:Entity)                 the hierarchy; standing is axiom and weight 0
Each node also has its class as a label: (:Treatment), (:DrugTreatment), (:OutcomeFinding).
A benefit is not in the type of a relationship but in its direction: improved, resolved, worsened, ... rank is that of
OCEBM 2011: 1 is the best.

Questions to start with

  // What improves pain, by how many findings, and how good is the best?
  MATCH (t:Treatment)-[r:HAS_OUTCOME]->(:Outcome {{id: 'outcome/pain'}}) WHERE r.direction = 'improved'
  RETURN t.label, r.weight, r.level ORDER BY r.rank, r.weight DESC;

  // How often does infection follow surgery, and who says so?
  MATCH (s:Source)<-[:SOURCE]-(f:ComplicationFinding)-[:OBJECT]->(o:Complication)
  WHERE o.id = 'complication/postoperative-infection' AND f.reported IS NOT NULL
  RETURN f.reported, f.value, f.lower, f.upper, f.unit, f.level, s.label;

  // Who contradicts whom?
  MATCH (d:Disagreement)-[i:INVOLVES]->(f:Finding)-[:SOURCE]->(s:Source)
  RETURN d.question, i.side, collect(f.statement), s.label ORDER BY d.question, i.side;
"""
