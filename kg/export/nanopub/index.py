"""The index of a release: a nanopublication that names all others."""

from collections.abc import Iterator, Sequence

import pyoxigraph as ox

from kg.export.nanopub.publication import DATASET, DRAFT, TYPE, Nanopublication, Release, Triple, publish
from kg.prefixes import expand

#: Most nanopublications that one index may name (nanopub-java refuses more).
MOST = 1000


def make_indexes(names: Sequence[str], release: Release, most: int) -> Iterator[Nanopublication]:
    """Yield the indexes of a release, each with the one before it: all but the last are incomplete."""
    chunks = [names[start : start + most] for start in range(0, len(names), most)]
    before: list[Triple] = []
    for number, chunk in enumerate(chunks, start=1):
        whole = number == len(chunks)
        include = expand("npx:includesElement")
        kinds = ["npx:NanopubIndex"] if whole else ["npx:NanopubIndex", "npx:IncompleteIndex"]
        index = publish(
            [*before, *((DRAFT, include, ox.NamedNode(name)) for name in chunk)],
            [(f"{DRAFT}#assertion", TYPE, ox.NamedNode(expand("npx:IndexAssertion")))],
            [
                *(("rdf:type", ox.NamedNode(expand(kind))) for kind in kinds),
                ("rdfs:label", ox.Literal(f"calcikg {release.version}: the findings as nanopublications")),
                ("rdfs:seeAlso", ox.NamedNode(DATASET)),
                ("owl:versionInfo", ox.Literal(release.version)),
            ],
            release,
        )
        before = [(DRAFT, expand("npx:appendsIndex"), ox.NamedNode(index.iri))]
        yield index
