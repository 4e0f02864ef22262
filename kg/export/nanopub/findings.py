"""Findings as nanopublications."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import quote

import pyoxigraph as ox

from kg.engine import Engine
from kg.export.nanopub.index import MOST, make_indexes
from kg.export.nanopub.publication import DATASET, DRAFT, TYPE, Nanopublication, Release, Triple, Value, publish
from kg.prefixes import ONTOLOGY, expand
from kg.queries import read_query

#: What is said, by subject and property.
_Said = Mapping[str, Mapping[str, list[Value]]]

# What is said of a finding because of where it stands, not of the patients.
_PROVENANCE = {
    ONTOLOGY + name for name in ("derived", "evidenceLevel", "locator", "note", "relays", "source", "studyDesign")
}
_SUPPORTS = ONTOLOGY + "supports"
_BATCH = 200  # findings that one query asks for


def read_nanopublication(engine: Engine, finding: str) -> Nanopublication | None:
    """Return the nanopublication of the finding that an IRI names; None when there is no such finding."""
    return next(_nanopublications(engine.evaluate(read_query("export/findings", finding=finding), "nt"))[0], None)


def read_some(engine: Engine, findings: Sequence[str]) -> Iterator[Nanopublication]:
    """Yield the nanopublications of some findings, given by their IRIs; no index names them together."""
    for start in range(0, len(findings), _BATCH):
        batch = findings[start : start + _BATCH]
        yield from _nanopublications(engine.evaluate(read_query("export/findings", finding=batch), "nt"))[0]


def read_nanopublications(engine: Engine, most: int = MOST) -> Iterator[Nanopublication]:
    """Yield the nanopublications of all findings in the order of their IRIs, and the indexes that name them.

    An index names ``most`` of them; where there are more it is the last index that stands for all.
    """
    made, release = _nanopublications(engine.evaluate(read_query("export/findings"), "nt"))
    names: list[str] = []
    for nanopublication in made:
        names.append(nanopublication.iri)
        yield nanopublication
    yield from make_indexes(names, release, most)


def _nanopublications(triples: bytes) -> tuple[Iterator[Nanopublication], Release]:
    said: defaultdict[str, defaultdict[str, list[Value]]] = defaultdict(lambda: defaultdict(list))
    parts: defaultdict[str, list[str]] = defaultdict(list)
    for triple in ox.parse(triples, format=ox.RdfFormat.N_TRIPLES):
        assert isinstance(triple.subject, ox.NamedNode) and isinstance(triple.object, ox.NamedNode | ox.Literal)
        said[triple.subject.value][triple.predicate.value].append(triple.object)
    for subject in said:
        whole, _, part = subject.partition("#")
        if part:
            parts[whole].append(subject)
    about = said[DATASET]
    release = Release(
        *(about[expand(name)][0].value for name in ("owl:versionInfo", "dcterms:issued", "dcterms:license"))
    )
    findings = sorted(subject for subject, properties in said.items() if ONTOLOGY + "statement" in properties)
    return (_nanopublication(finding, sorted(parts[finding]), said, release) for finding in findings), release


def _nanopublication(
    finding: str,
    parts: Sequence[str],
    said: _Said,
    release: Release,
) -> Nanopublication:
    properties = said[finding]
    kinds = properties[TYPE]
    asserted = [
        (finding, name, value)
        for name, values in properties.items()
        if name not in _PROVENANCE and name != _SUPPORTS
        for value in values
    ]
    # The bare relation is asserted where the graph itself draws an edge: never for a negated, null or doubtful finding.
    if _SUPPORTS in properties:
        subject, predicate, target = (properties[ONTOLOGY + name][0] for name in ("subject", "predicate", "object"))
        asserted.append((subject.value, predicate.value, target))
    source = properties[ONTOLOGY + "source"][0]
    provenance: list[Triple] = [
        (f"{DRAFT}#assertion", expand("prov:hadPrimarySource"), source),
        (f"{DRAFT}#assertion", expand("prov:wasDerivedFrom"), ox.NamedNode(_address(source.value, said))),
        (f"{DRAFT}#assertion", expand("obo:RO_0002558"), ox.NamedNode(f"{DRAFT}#evidence")),
        (f"{DRAFT}#evidence", TYPE, ox.NamedNode(expand(_evidence(properties)))),
        *(
            (subject, name, value)
            for subject in (finding, *parts)
            for name, values in said[subject].items()
            if subject != finding or name in _PROVENANCE
            for value in values
        ),
    ]
    types = [("npx:hasNanopubType", kind) for kind in kinds]
    statement = properties[ONTOLOGY + "statement"][0]
    return publish(
        asserted,
        provenance,
        [*types, ("npx:introduces", ox.NamedNode(finding)), ("rdfs:label", statement)],
        release,
    )


def _address(source: str, said: _Said) -> str:
    """Return where a source is to be had: its DOI, else its web address, else our own IRI of it."""
    for doi in said[source][ONTOLOGY + "doi"]:
        return "https://doi.org/" + quote(doi.value, safe="/:;()")
    for url in said[source][ONTOLOGY + "url"]:
        if url.value.startswith(("http://", "https://")):
            return url.value
    return source


def _evidence(properties: Mapping[str, list[Value]]) -> str:
    """Return the evidence code: a person read what the authors state, who name the study that they relay, or do not."""
    return "ECO:0000304" if ONTOLOGY + "relays" in properties else "ECO:0000302"
