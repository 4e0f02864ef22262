"""The evidence as a Biolink knowledge graph in KGX TSV (https://github.com/biolink/kgx/blob/master/specification/kgx-format.md).

Each finding with an object is an edge with its own source, direction and figures; so is each axiom of the hierarchy.
Their categories and relations in Biolink follow from the rules in ``ontology/biolink.ttl``.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from kg.engine import Row
from kg.export.extract import Extract, batches
from kg.export.text import to_line, to_zip
from kg.prefixes import EXTERNAL, ID, ONTOLOGY, PREFIXES, contract
from kg.read.entities import first, read_properties
from kg.read.labels import Json, Labels
from kg.read.schema import Column, Key, Schema

Cells = Mapping[str, object]

#: Not registered yet; the name to ask the Information Resource Registry for.
_KNOWLEDGE_SOURCE = "infores:calcikg"
#: The columns of edges that Biolink defines; those of the schema follow.
_BIOLINK_COLUMNS = (
    "id", "subject", "predicate", "object", "category", "knowledge_level", "agent_type", "primary_knowledge_source",
    "publications", "negated", "has_evidence_of_type", "has_supporting_studies", "evidence_count", "original_predicate",
    "object_direction_qualifier", "population_context_qualifier", "anatomical_context_qualifier", "has_count",
    "has_total", "has_percentage", "p_value", "description", "relation",
)  # fmt: skip
#: Keys and columns of a finding that have another name in KGX: Biolink has a column for them, or uses the name for
#: something else (qualifier, timepoint).
_RENAMED = {
    "statement": "description",
    "population": "population_context_qualifier",
    "site": "anatomical_context_qualifier",
    "relays": "has_supporting_studies",
    "numerator": "has_count",
    "denominator": "has_total",
    "qualifier": "figure_qualifier",
    "timepoint": "stage",
    "evidence_level.label": "evidence_level",
    "evidence_level.rank": "evidence_rank",
}
#: Keys and columns of a finding that are left out, each with the reason.
OMITTED = {
    "id": "written as a CURIE",
    "iri": "written as the CURIE id",
    "predicate": "original_predicate is its CURIE, relation its label",
    "exact_interval": "computed, not stated by a source",
    "evidence_level.id": "evidence_level is its label",
    "evidence_level.iri": "evidence_level is its label",
    "follows_event": "findings are edges, which no edge can lead to",
    "restates": "findings are edges, which no edge can lead to",
    "disagreements": "they are between findings, which are edges",
    "note": "for curators",
    "locator": "for readers of the source; the id leads to it",
}
#: Directions that Biolink has a word for.
_DIRECTIONS = ("increased", "decreased")
#: Columns of nodes, by the SKOS relation in them; for all but xref Biolink wants one value, and ours may have several.
_MATCHES = {
    "xref": "exactMatch",
    "exact_matches": "exactMatch",
    "close_matches": "closeMatch",
    "broad_matches": "broadMatch",
    "narrow_matches": "narrowMatch",
    "related_matches": "relatedMatch",
}
_NODE_COLUMNS = ("id", "category", "name", "description", "synonym", *_MATCHES, "iri", "type", "size")


def write(extract: Extract) -> Iterator[bytes]:
    """Yield a ZIP of ``edges.tsv``, ``nodes.tsv``, the prefixes for ``kgx transform``, and a README."""
    columns = edge_columns(extract.labels.schema)
    named = set(extract.entities)

    def edges() -> Iterator[str]:
        yield "\t".join(columns) + "\n"
        for cells, ends in _edges(extract):
            named.update(ends)
            yield to_row(columns, cells)

    def nodes() -> Iterator[str]:  # what edges name is known once they are written
        yield "\t".join(_NODE_COLUMNS) + "\n"
        for cells in _nodes(extract.labels, sorted(named)):
            yield to_row(_NODE_COLUMNS, cells)

    readme = _README.format_map({"filters": "nothing, this is all of it", **extract.about})
    yield from to_zip(
        (
            ("edges.tsv", edges()),
            ("nodes.tsv", nodes()),
            ("prefixes.yaml", _prefixes(extract.labels)),
            ("README.txt", [readme]),
        )
    )


def edge_columns(schema: Schema) -> list[str]:
    """Return the columns of ``edges.tsv``: those of Biolink, then those of the schema."""
    own = [_RENAMED.get(key.name, key.name) for key in _links(schema)] + [*_plain_columns(schema)]
    return [*_BIOLINK_COLUMNS, *(name for name in own if name not in _BIOLINK_COLUMNS)]


def to_curie(iri: str) -> str:
    """Shorten an IRI; the type of one of our own goes into the prefix, because KGX allows no slash after it.

    >>> to_curie("https://w3id.org/calcikg/id/treatment/colchicine")
    'calcikg.treatment:colchicine'
    >>> to_curie("http://purl.obolibrary.org/obo/HP_0025520")
    'HP:0025520'
    """
    if iri.startswith(ID):
        return f"calcikg.{iri.removeprefix(ID).replace('/', ':', 1)}"
    return contract(iri)


def to_row(columns: Sequence[str], cells: Cells) -> str:
    r"""Write a row of a table; what is absent is empty.

    KGX reads no quotes, splits at every bar, and takes any text in ``negated`` for true, the word false too.

    >>> to_row(("id", "name", "negated"), {"id": ["a:1", "a:2"], "name": "one\t|two", "negated": False})
    'a:1|a:2\tone ¦two\t\n'
    """
    return "\t".join(_cell(cells.get(column)) for column in columns) + "\n"


def _cell(value: object) -> str:
    match value:
        case None | False:
            return ""
        case True:
            return "true"
        case list():
            return "|".join(map(_cell, value))
        case _:
            return to_line(str(value)).replace("|", "¦")


def _edges(extract: Extract) -> Iterator[tuple[Cells, set[str]]]:
    """Yield the cells of each edge, and the IRIs of the entities in them: findings with an object, then axioms."""
    labels = extract.labels
    links, columns = _links(labels.schema), _plain_columns(labels.schema)
    for batch in batches(finding for finding in extract.read_findings() if "object" in finding):
        iris = [finding["iri"] for finding in batch]
        rules = {row["finding"]: row for row in labels.select("export/biolink-edges", finding=iris)}
        for finding in batch:
            ends = {key: key.values(finding) for key in links}
            cells = {
                **_finding_cells(labels, finding, rules[finding["iri"]]),
                **{_RENAMED.get(key.name, key.name): [to_curie(one["iri"]) for one in ends[key]] for key in links},
                **{name: column.read(finding) for name, column in columns.items()},
            }
            yield cells, {one["iri"] for found in ends.values() for one in found}
    axioms = [edge for edge in extract.network.edges if edge.axiom]
    for batch_ in batches(axioms):
        rows = labels.select("export/biolink-axioms", subject=sorted({ID + edge.source for edge in batch_}))
        rules = {(row["subject"], row["relation"]): row for row in rows}
        for edge in batch_:
            subject, object_, relation = ID + edge.source, ID + edge.target, ONTOLOGY + edge.predicate
            cells = {
                "id": f"{to_curie(subject)}-{edge.predicate}-{to_curie(object_).partition(':')[2]}",
                "subject": to_curie(subject),
                "object": to_curie(object_),
                **_relation(labels, rules[subject, relation], relation),
                "knowledge_level": "knowledge_assertion",
                "standing": edge.standing,
            }
            yield cells, {subject, object_}


def _finding_cells(labels: Labels, finding: Json, rule: Row) -> Cells:
    """Return the cells of a finding that need a rule, or that Biolink wants in a way of its own."""
    direction = finding.get("direction")
    return {
        "id": to_curie(finding["iri"]),
        **_relation(labels, rule, ONTOLOGY + finding["predicate"]),
        "knowledge_level": rule["knowledge"],
        "publications": _publications(finding["source"]),
        "has_evidence_of_type": to_curie(rule["evidence"]) if "evidence" in rule else None,
        "evidence_count": 1,
        "object_direction_qualifier": direction if direction in _DIRECTIONS and not finding.get("negated") else None,
        "has_percentage": finding.get("value") if finding.get("unit") == "%" else None,
    }


def _links(schema: Schema) -> list[Key]:
    """Return the keys that are written as CURIEs of nodes."""
    return [key for key in schema.keys if key.is_reference and key.name not in OMITTED]


def _plain_columns(schema: Schema) -> dict[str, Column]:
    """Return the other columns of the schema, by their names in KGX."""
    links = _links(schema)
    return {
        _RENAMED.get(column.name, column.name.replace(".", "_")): column
        for column in schema.columns
        if column.key not in links and column.name not in OMITTED and column.key.name not in OMITTED
    }


def _relation(labels: Labels, rule: Row, relation: str) -> Cells:
    return {
        "predicate": to_curie(rule["predicate"]),
        "category": to_curie(rule["association"]),
        "agent_type": "manual_agent",
        "primary_knowledge_source": _KNOWLEDGE_SOURCE,
        "original_predicate": to_curie(relation),
        "relation": labels.terms[relation],
    }


def _publications(source: Json) -> list[str]:
    """Return what identifies a source elsewhere, or else its own identifier here."""
    external = [f"{prefix}:{source[key]}" for key, prefix in (("pmid", "PMID"), ("doi", "DOI")) if key in source]
    return external or [source.get("url", to_curie(source["iri"]))]


def _nodes(labels: Labels, iris: Sequence[str]) -> Iterator[Cells]:
    """Yield a node for each entity that has a category of Biolink, in order.

    Its identifier is our own: an exact match says that a term may stand for it elsewhere, not that the two are one.
    """
    for batch in batches(iris):
        records = read_properties(labels.engine, batch)
        categories: defaultdict[str, list[str]] = defaultdict(list)  # one for each role
        for row in labels.select("export/biolink-categories", entity=batch):
            categories[row["entity"]].append(to_curie(row["category"]))
        for iri in (iri for iri in batch if iri in categories):  # findings and disagreements have none
            entity, record = labels.entities[iri], records[iri]
            yield {
                "id": to_curie(iri),
                "category": categories[iri],
                "name": entity["label"],
                "description": first(record, "definition") or first(record, "description"),
                "synonym": sorted(record.get("altLabel", ())),
                **{name: sorted(map(to_curie, record.get(match, ()))) for name, match in _MATCHES.items()},
                "iri": iri,
                "type": entity["type"],
                "size": labels.sizes.get(iri),
            }


def _prefixes(labels: Labels) -> Iterator[str]:
    """Yield the prefixes of the identifiers, as YAML."""
    types = {"finding", *(entity["id"].partition("/")[0] for entity in labels.entities.values())}
    own = {f"calcikg.{type_}": f"{ID}{type_}/" for type_ in types}
    yield "prefix_map:\n"
    for prefix, namespace in sorted({**own, "ckg": ONTOLOGY, "biolink": PREFIXES["biolink"], **EXTERNAL}.items()):
        yield f'  {prefix}: "{namespace}"\n'


_README = """\
{title}, version {version}, snapshot {snapshot}, for readers of KGX TSV and Biolink.
Cite as: {citation}
Licence: {license}
Limited to: {filters}
Research data, not medical advice.

edges.tsv     an edge for each finding that has an object, and for each axiom of the hierarchy (standing: axiom)
nodes.tsv     everything that edges name
prefixes.yaml the prefixes of our own identifiers, for kgx transform --transform-config

How to read an edge
  Never without negated, direction and standing. Standing is stated; or weaker (conditional, minority, singlePatient,
  hedged, hypothetical, intended); or without effect (noEffect, notProven, withoutResult, denied; negated is true of
  denied). What is not stated has a relation without effect: related_to, or treats_or_applied_or_studied_to_treat. A
  use is applied_to_treat, never treats. The relation of the source itself is in original_predicate. An edge that is
  negated denies original_predicate, not every relation between the two.
  negated is true or empty: kgx takes any text in it for true.
  has_percentage, has_count and has_total are as printed; value, lower and upper with unit are all figures as printed.
  evidence_rank is that of OCEBM 2011: 1 is the best.
  publications has a DOI, a PMID or an address, or else our own identifier of a source that has none.
  infores:calcikg and the prefixes calcikg.* are not registered yet.

kgx transform keeps one edge for each subject, predicate and object in memory, and would merge findings that differ in
direction or denial. Stream instead, so that all stay:
  kgx transform --stream --input-format tsv --output-format jsonl --output calcikg nodes.tsv edges.tsv
"""
