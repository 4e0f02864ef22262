"""What findings rest on and take part in, as nodes: sources, studies, and disagreements, real or apparent."""

from collections.abc import Collection, Iterator

from kg.export.batches import batches
from kg.export.extract import Extract
from kg.export.neo4j.labels import read_labels
from kg.export.neo4j.sheets import Rows
from kg.read.entities import first, read_properties, read_sources
from kg.read.labels import Json, local

_WORK = (
    "id:ID",
    ":LABEL",
    "iri",
    "label",
    "title",
    "authors",
    "container",
    "year:int",
    "volume",
    "issue",
    "pages",
    "published",
    "doi",
    "pmid",
    "url",
    "study_design",
    "note",
)
_DISAGREEMENT = ("id:ID", ":LABEL", "iri", "label", "question", "description", "status", "reasons:string[]")


def works(extract: Extract, named: Collection[str]) -> Rows:
    """Return the sources and studies among what is named, once that is asked for."""
    labels = read_labels(extract.labels)

    def rows() -> Iterator[Json]:
        for batch in batches([iri for iri in sorted(named) if {"Source", "Study"} & set(labels[iri])]):
            for work in read_sources(extract.labels, list(batch)):
                yield {**work, ":LABEL": labels[str(work["iri"])]}

    return _WORK, rows()


def disagreements(extract: Extract, named: Collection[str]) -> Rows:
    """Return the disagreements among what is named, once that is asked for."""
    labels = read_labels(extract.labels)

    def rows() -> Iterator[Json]:
        for batch in batches([iri for iri in sorted(named) if "Contrast" in labels[iri]]):
            written = read_properties(extract.labels.engine, batch)
            for iri in batch:
                texts = written[iri]
                status = first(texts, "status")
                yield {
                    **extract.labels.entities[iri],
                    ":LABEL": labels[iri],
                    "question": first(texts, "question"),
                    "description": first(texts, "description"),
                    "status": None if status is None else local(status),
                    "reasons": sorted(local(reason) for reason in texts.get("reason", ())),
                }

    return _DISAGREEMENT, rows()
