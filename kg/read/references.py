"""The works that findings rest on, for whoever cites them: their sources, and the studies whose figures these relay."""

from collections.abc import Iterable, Mapping, Sequence

from kg.prefixes import ONTOLOGY
from kg.queries import Parameter
from kg.read.facets import find_counted
from kg.read.findings import find_findings
from kg.read.labels import Labels

_SOURCE, _RELAYS = f"{ONTOLOGY}source", f"{ONTOLOGY}relays"


def find_references(labels: Labels, filters: Mapping[str, Parameter]) -> list[str]:
    """Return the works that the findings which fit filters on findings rest on."""
    found = find_findings(labels, filters)
    sources = {*find_counted(labels, found, _SOURCE), *asked_for(labels, filters)}
    return with_relayed(labels, sources, find_counted(labels, found, _RELAYS))


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
