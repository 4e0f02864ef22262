"""Sources and the studies that they cite."""

from collections.abc import Mapping

from kg.engine import Value
from kg.queries import read_query
from kg.read.entities import first, read_records, without_nothing
from kg.read.labels import Json, Labels, local

_PLAIN = {
    "title": "title",
    "authors": "authors",
    "container": "container",
    "year": "year",
    "volume": "volume",
    "issue": "issue",
    "pages": "pages",
    "published": "published",
    "epub": "epub",
    "doi": "doi",
    "pmid": "pmid",
    "url": "url",
    "affiliation": "affiliation",
    "claimed_level": "claimedLevel",
    "aim": "aim",
    "stated_hypothesis": "statedHypothesis",
    "study_period_start": "studyPeriodStart",
    "study_period_end": "studyPeriodEnd",
    "description": "description",
    "note": "note",
}
_LISTS = {"centres": "centre", "keywords": "keyword", "mesh_headings": "meshHeading"}
_ENTITIES = {"primary_outcome": "primaryOutcome", "secondary_outcome": "secondaryOutcome", "cites": "cites"}


def find_sources(labels: Labels) -> list[str]:
    """Return the IRIs of the sources, in order."""
    return [row["source"] for row in labels.engine.select(read_query("read/sources"))]


def read_sources(labels: Labels, iris: list[str]) -> list[Json]:
    """Return sources or studies whole."""
    written = read_records(labels, iris)
    counts = {row["source"]: row["findings"] for row in labels.engine.select(read_query("read/sources"))}
    return [_source(labels, iri, written[iri], counts.get(iri)) for iri in iris]


def _source(labels: Labels, iri: str, written: Mapping[str, list[Value]], findings: Value | None) -> Json:
    design = first(written, "studyDesign")
    return without_nothing(
        {
            **labels.reference(iri),
            **{key: first(written, name) for key, name in _PLAIN.items()},
            "study_design": None if design is None else local(design),
            **{key: sorted(map(str, written.get(name, ()))) for key, name in _LISTS.items()},
            **{
                key: [labels.reference(value) for value in sorted(map(str, written.get(name, ())))]
                for key, name in _ENTITIES.items()
            },
            "findings": findings,
        }
    )
