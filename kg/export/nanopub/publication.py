"""What a nanopublication is, and how its four graphs come under one trusty URI."""

from collections.abc import Iterable
from dataclasses import dataclass

import pyoxigraph as ox

from kg.export.nanopub.trusty import make_trusty
from kg.prefixes import BASE, NANOPUB, PREFIXES, expand

DATASET = BASE.rstrip("/")
#: Stands for the nanopublication while its name is not known.
DRAFT = NANOPUB + "draft"
TYPE = expand("rdf:type")
_CREATOR = f"{DATASET}#contributors"
_SHOWN = {name: PREFIXES[name] for name in ("ckg", "dcterms", "np", "npx", "obo", "prov", "rdfs", "xsd")}

Value = ox.NamedNode | ox.Literal
Triple = tuple[str, str, Value]


@dataclass(frozen=True)
class Nanopublication:
    """A nanopublication: its trusty URI and its quads."""

    iri: str
    quads: tuple[ox.Quad, ...]

    def to_trig(self) -> bytes:
        """Write it as TriG; several, one after the other, are TriG too."""
        prefixes = {"this": self.iri, "sub": f"{self.iri}#", **_SHOWN}
        text = ox.serialize(self.quads, format=ox.RdfFormat.TRIG, prefixes=prefixes)
        assert text is not None
        return text


@dataclass(frozen=True)
class Release:
    """What the dataset says of itself that every nanopublication repeats."""

    version: str
    created: str
    licence: str


def publish(
    assertion: Iterable[Triple],
    provenance: Iterable[Triple],
    described: Iterable[tuple[str, Value]],
    release: Release,
) -> Nanopublication:
    """Put a nanopublication together: ``described`` is what its publication info says beside what the release gives."""
    created = ox.Literal(f"{release.created}T00:00:00Z", datatype=ox.NamedNode(expand("xsd:dateTime")))
    pubinfo: list[tuple[str, Value]] = [
        ("dcterms:created", created),
        ("dcterms:creator", ox.NamedNode(_CREATOR)),
        ("dcterms:license", ox.NamedNode(release.licence)),
        ("dcterms:isPartOf", ox.NamedNode(DATASET)),
        *described,
    ]
    head: list[Triple] = [
        (DRAFT, TYPE, ox.NamedNode(expand("np:Nanopublication"))),
        (DRAFT, expand("np:hasAssertion"), ox.NamedNode(f"{DRAFT}#assertion")),
        (DRAFT, expand("np:hasProvenance"), ox.NamedNode(f"{DRAFT}#provenance")),
        (DRAFT, expand("np:hasPublicationInfo"), ox.NamedNode(f"{DRAFT}#pubinfo")),
    ]
    graphs: dict[str, Iterable[Triple]] = {
        "Head": head,
        "assertion": assertion,
        "provenance": provenance,
        "pubinfo": [(DRAFT, expand(name), value) for name, value in pubinfo],
    }
    quads = [
        ox.Quad(ox.NamedNode(subject), ox.NamedNode(name), value, ox.NamedNode(f"{DRAFT}#{graph}"))
        for graph, triples in graphs.items()
        for subject, name, value in sorted(triples, key=str)
    ]
    iri, named = make_trusty(quads, DRAFT)
    return Nanopublication(iri, tuple(named))
