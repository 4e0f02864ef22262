"""Findings and axioms of the hierarchy as edges of Biolink."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from kg.engine import Row
from kg.export.batches import batches
from kg.export.extract import Extract
from kg.export.kgx.rows import Cells, to_curie
from kg.prefixes import ID, ONTOLOGY
from kg.queries import read_query
from kg.read.findings import read_findings
from kg.read.labels import Labels

#: Not registered yet; the name that the Information Resource Registry would be asked for.
_SOURCE = "infores:calcikg"
#: Directions that Biolink has a word for.
_QUALIFIERS = ("increased", "decreased")

#: Columns of Biolink first, then our own; a member of a finding keeps its name where Biolink has no column for it.
EDGE_COLUMNS = (
    "id",
    "subject",
    "predicate",
    "object",
    "category",
    "knowledge_level",
    "agent_type",
    "primary_knowledge_source",
    "publications",
    "negated",
    "has_evidence_of_type",
    "has_supporting_studies",
    "evidence_count",
    "original_predicate",
    "object_direction_qualifier",
    "population_context_qualifier",
    "anatomical_context_qualifier",
    "has_count",
    "has_total",
    "has_percentage",
    "p_value",
    "description",
    "relation",
    "direction",
    "standing",
    "certainty",
    "evidence_level",
    "evidence_rank",
    "study_design",
    "kind",
    "measure",
    "value",
    "lower",
    "upper",
    "interval",
    "spread",
    "unit",
    "figure_qualifier",
    "baseline_value",
    "baseline_lower",
    "baseline_upper",
    "sample_size",
    "reported",
    "follow_up",
    "comparator",
    "dose",
    "route",
    "condition",
    "instrument",
    "laterality",
    "event_date",
    "source",
)
# Members of a finding that become a column as they are, and the column.
_PLAIN = {
    "statement": "description",
    "numerator": "has_count",
    "denominator": "has_total",
    "p_value": "p_value",
    "direction": "direction",
    "certainty": "certainty",
    "study_design": "study_design",
    "kind": "kind",
    "measure": "measure",
    "value": "value",
    "lower": "lower",
    "upper": "upper",
    "interval": "interval",
    "spread": "spread",
    "unit": "unit",
    "qualifier": "figure_qualifier",
    "sample_size": "sample_size",
    "reported": "reported",
    "timepoint": "follow_up",
    "comparator": "comparator",
    "dose": "dose",
    "route": "route",
    "condition": "condition",
    "instrument": "instrument",
    "laterality": "laterality",
    "event_date": "event_date",
}


@dataclass(frozen=True)
class Edge:
    """A row of ``edges.tsv``, and the IRIs of the entities that it names."""

    cells: Cells
    named: tuple[str, ...]


def read_edges(extract: Extract) -> Iterator[Edge]:
    """Yield an edge for each selected finding that has an object, in order; only a batch is held at once."""
    joining = [(row["finding"], row["standing"]) for row in extract.statements if "object" in row]
    for batch in batches(joining):
        standings = dict(batch)
        told = extract.labels.select("export/biolink-edges", finding=list(standings))
        rows = {row["finding"]: row for row in told}
        for finding in read_findings(extract.labels, list(standings)):
            iri = str(finding["iri"])
            yield _edge(extract.labels, finding, rows[iri], standings[iri])


def read_axioms(extract: Extract) -> Iterator[Edge]:
    """Yield an edge for each axiom of the hierarchy between selected entities."""
    axioms = [edge for edge in extract.network.edges if edge.axiom]
    subjects = sorted({ID + edge.source for edge in axioms})
    told = {
        (row["subject"], row["relation"]): row
        for row in (extract.engine.select(read_query("export/biolink-axioms", subject=subjects)) if subjects else ())
    }
    for edge in axioms:
        subject, object_, relation = ID + edge.source, ID + edge.target, ONTOLOGY + edge.predicate
        row = told[subject, relation]
        cells = {
            "id": f"{to_curie(subject)}-{edge.predicate}-{to_curie(object_).partition(':')[2]}",
            "subject": to_curie(subject),
            "object": to_curie(object_),
            **_relation(extract.labels, row, relation),
            "knowledge_level": "knowledge_assertion",
            "standing": edge.standing,
        }
        yield Edge(cells, (subject, object_))


def _edge(labels: Labels, finding: dict[str, Any], told: Row, standing: str) -> Edge:
    population, sites, studies = finding.get("population"), finding.get("site", []), finding.get("relays", [])
    baseline, level, direction = finding.get("baseline", {}), finding["evidence_level"], finding.get("direction")
    cells = {
        "id": to_curie(finding["iri"]),
        "subject": to_curie(finding["subject"]["iri"]),
        "object": to_curie(finding["object"]["iri"]),
        **_relation(labels, told, ONTOLOGY + finding["predicate"]),
        "knowledge_level": told["knowledge"],
        "publications": _publications(finding["source"]),
        "negated": bool(finding.get("negated")),
        "has_evidence_of_type": [to_curie(told["evidence"])] if "evidence" in told else None,
        "has_supporting_studies": [to_curie(study["iri"]) for study in studies],
        "evidence_count": 1,
        "object_direction_qualifier": direction if direction in _QUALIFIERS and not finding.get("negated") else None,
        "population_context_qualifier": to_curie(population["iri"]) if population else None,
        "anatomical_context_qualifier": [to_curie(site["iri"]) for site in sites],
        "has_percentage": finding.get("value") if finding.get("unit") == "%" else None,
        "standing": standing,
        "evidence_level": level["label"],
        "evidence_rank": level["rank"],
        **{f"baseline_{part}": baseline.get(part) for part in ("value", "lower", "upper")},
        "source": to_curie(finding["source"]["iri"]),
        **{column: finding.get(key) for key, column in _PLAIN.items()},
    }
    ends = [finding["subject"], finding["object"], *([population] if population else []), *sites, *studies]
    return Edge(cells, tuple(one["iri"] for one in (*ends, finding["source"])))


def _relation(labels: Labels, told: Row, relation: str) -> Cells:
    return {
        "predicate": to_curie(told["predicate"]),
        "category": [to_curie(told["association"])],
        "agent_type": "manual_agent",
        "primary_knowledge_source": _SOURCE,
        "original_predicate": to_curie(relation),
        "relation": labels.terms[relation],
    }


def _publications(source: dict[str, Any]) -> list[str]:
    """Return what identifies a source to others, or else its own identifier here."""
    found = [f"{prefix}:{source[key]}" for key, prefix in (("pmid", "PMID"), ("doi", "DOI")) if key in source]
    return found or [source.get("url", to_curie(source["iri"]))]
