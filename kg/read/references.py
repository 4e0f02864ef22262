"""The works that findings rest on, for whoever cites them: their sources, and the studies whose figures these relay."""

from collections.abc import Iterable, Mapping, Sequence

from kg.prefixes import ONTOLOGY
from kg.queries import Parameter, read_query
from kg.read.findings import find_findings
from kg.read.labels import Labels

_SOURCE = f"{ONTOLOGY}source"


def find_references(labels: Labels, filters: Mapping[str, Parameter]) -> list[str]:
    """Return the works that the findings which fit filters on findings rest on."""
    rows = labels.engine.select(find_findings(labels, filters).restrict(read_query("read/cited")))
    sources = {row["work"] for row in rows if row["property"] == _SOURCE}
    studies = [row["work"] for row in rows if row["property"] != _SOURCE]
    return with_relayed(labels, sources.union(asked_for(labels, filters)), studies)


def asked_for(labels: Labels, filters: Mapping[str, Parameter]) -> Sequence[str]:
    """Return the sources that filters select whether they have findings or not: all, or those that are named alone."""
    match list(filters.items()):
        case []:
            return [iri for iri, one in labels.entities.items() if one["type"] == "Source"]
        case [("source", [*sources])]:
            return sources
    return ()


def with_relayed(labels: Labels, sources: Iterable[str], studies: Sequence[str]) -> list[str]:
    """Return sources and the works that relayed studies are, in the order of their IRIs.

    A study is left out when a record says too little of it to cite it. One that a source of the library gives is that
    source.
    """
    relayed = labels.select("read/relayed-works", study=studies) if studies else ()
    return sorted({*sources, *(row["work"] for row in relayed)})
