"""Findings and entities as nodes."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from kg.export.batches import batches
from kg.export.extract import Extract
from kg.export.neo4j.labels import read_labels
from kg.export.neo4j.sheets import Rows
from kg.prefixes import contract
from kg.read.entities import Properties, first, read_properties
from kg.read.labels import Json

_FINDING = (
    "id:ID",
    ":LABEL",
    "iri",
    "statement",
    "kind",
    "predicate",
    "negated:boolean",
    "direction",
    "standing",
    "certainty",
    "measure",
    "value:double",
    "lower:double",
    "upper:double",
    "interval",
    "spread:double",
    "unit",
    "qualifier",
    "baseline_value:double",
    "baseline_lower:double",
    "baseline_upper:double",
    "numerator:int",
    "denominator:int",
    "sample_size:int",
    "p_value:double",
    "reported",
    "timepoint",
    "comparator",
    "dose",
    "route",
    "condition",
    "instrument",
    "laterality",
    "study_design",
    "level",
    "rank:int",
    "event_date",
    "note",
    "section",
    "words:int",
    "sha256",
)
_ENTITY = (
    "id:ID",
    ":LABEL",
    "iri",
    "label",
    "type",
    "definition",
    "description",
    "note",
    "synonyms:string[]",
    "exact_matches:string[]",
    "close_matches:string[]",
    "broad_matches:string[]",
    "narrow_matches:string[]",
    "related_matches:string[]",
    "size:int",
)


def findings(extract: Extract) -> Rows:
    """Return the selected findings, each with all that it says of itself."""
    standings = {row["finding"]: row["standing"] for row in extract.statements}
    labels = read_labels(extract.labels)

    def rows() -> Iterator[Mapping[str, object]]:
        for finding in extract.read_findings():
            whole: dict[str, Any] = finding
            level, iri = whole["evidence_level"], whole["iri"]
            yield {
                **whole,
                ":LABEL": labels[iri],
                "negated": bool(whole.get("negated")),
                "standing": standings[iri],
                "level": level["label"],
                "rank": level["rank"],
                **{f"baseline_{part}": value for part, value in whole.get("baseline", {}).items()},
                **whole["locator"],
            }

    return _FINDING, rows()


def entities(extract: Extract, named: Collection[str]) -> Rows:
    """Return the entities among what is named, once that is asked for."""
    labels = read_labels(extract.labels)

    def row(iri: str, written: Properties) -> Json:
        entity = extract.labels.entities[iri]
        return {
            **entity,
            ":LABEL": labels[iri],
            "definition": first(written, "definition"),
            "description": first(written, "description"),
            "note": first(written, "note"),
            "synonyms": sorted(map(str, written.get("altLabel", ()))),
            **{
                f"{match}_matches": sorted(contract(str(term)) for term in written.get(f"{match}Match", ()))
                for match in ("exact", "close", "broad", "narrow", "related")
            },
            "size": extract.labels.sizes.get(iri),
        }

    def rows() -> Iterator[Json]:
        chosen = [iri for iri in sorted(named) if "Entity" in labels[iri]]
        for batch in batches(chosen):
            written = read_properties(extract.labels.engine, batch)
            yield from (row(iri, written[iri]) for iri in batch)

    return _ENTITY, rows()
