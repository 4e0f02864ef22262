"""Nanopublications: each finding as an assertion with its provenance, small enough to be cited alone (nanopub.net).

A nanopublication is four named graphs under one trusty URI: ``Head`` names the others, ``assertion`` has the claim and
its figures, ``provenance`` where it was found, ``pubinfo`` who publishes it. They are not signed: the trusty URI
vouches for the content, and a signature would need the key of a person.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

import pyoxigraph as ox

from kg.engine import Engine
from kg.export.extract import Extract, batches
from kg.export.trusty import make_trusty
from kg.prefixes import BASE, NANOPUB, ONTOLOGY, PREFIXES, expand
from kg.queries import Parameter, read_query

#: Most nanopublications that one index may name (nanopub-java refuses more).
MAX_INDEXED = 1000

_DATASET = BASE.rstrip("/")
#: The nanopublication, while its name is not known.
_DRAFT = NANOPUB + "draft"
_ASSERTION = f"{_DRAFT}#assertion"
_TYPE = expand("rdf:type")
_PREFIXES = {name: PREFIXES[name] for name in ("ckg", "dcterms", "np", "npx", "obo", "prov", "rdfs", "xsd")}
#: Properties of a finding that say where it was found: provenance, not part of the claim.
_PROVENANCE = {
    ONTOLOGY + name for name in ("derived", "evidenceLevel", "locator", "note", "relays", "source", "studyDesign")
}
_QUANTITY, _STATED = ox.NamedNode(ONTOLOGY + "Quantity"), ox.NamedNode(ONTOLOGY + "stated")

Value = ox.NamedNode | ox.Literal
Triple = tuple[str, str, Value]
#: The values of each property of each subject.
_Statements = Mapping[str, Mapping[str, list[Value]]]


@dataclass(frozen=True)
class Nanopublication:
    """A nanopublication: its trusty URI and its quads."""

    iri: str
    quads: tuple[ox.Quad, ...]

    def to_trig(self) -> bytes:
        """Write it as TriG; several, one after the other, are TriG too."""
        prefixes = {"this": self.iri, "sub": f"{self.iri}#", **_PREFIXES}
        text = ox.serialize(self.quads, format=ox.RdfFormat.TRIG, prefixes=prefixes)
        assert text is not None
        return text


def write(extract: Extract) -> Iterator[bytes]:
    """Yield the nanopublications as TriG, one a chunk; all of them with their index."""
    engine = extract.labels.engine
    for each in _read_some(engine, extract.findings) if extract.filters else read_nanopublications(engine):
        yield each.to_trig()


def read_nanopublication(engine: Engine, finding: str) -> Nanopublication | None:
    """Return the nanopublication of the finding that an IRI names; None when there is no such finding."""
    return next(_read_some(engine, [finding]), None)


def read_nanopublications(engine: Engine, most: int = MAX_INDEXED) -> Iterator[Nanopublication]:
    """Yield the nanopublications of all findings in the order of their IRIs, and the indexes that name them.

    An index names ``most`` of them; where there are more, the last index stands for all.
    """
    statements = _read_statements(engine)
    names: list[str] = []
    for each in _nanopublications(statements):
        names.append(each.iri)
        yield each
    yield from _indexes(names, statements, most)


def _read_some(engine: Engine, findings: Sequence[str]) -> Iterator[Nanopublication]:
    for batch in batches(findings):
        yield from _nanopublications(_read_statements(engine, finding=batch))


def _read_statements(engine: Engine, **parameters: Parameter) -> _Statements:
    statements: defaultdict[str, defaultdict[str, list[Value]]] = defaultdict(lambda: defaultdict(list))
    answer = engine.evaluate(read_query("export/findings", **parameters), "nt")
    for triple in ox.parse(answer, format=ox.RdfFormat.N_TRIPLES):
        assert isinstance(triple.subject, ox.NamedNode) and isinstance(triple.object, ox.NamedNode | ox.Literal)
        statements[triple.subject.value][triple.predicate.value].append(triple.object)
    return statements


def _nanopublications(statements: _Statements) -> Iterator[Nanopublication]:
    parts: defaultdict[str, list[str]] = defaultdict(list)
    for subject in sorted(statements):
        parts[subject.partition("#")[0]].append(subject)
    for finding in sorted(
        subject for subject, properties in statements.items() if ONTOLOGY + "statement" in properties
    ):
        yield _nanopublication(finding, parts[finding], statements)


def _nanopublication(finding: str, parts: Sequence[str], statements: _Statements) -> Nanopublication:
    """Return a finding as a nanopublication; its parts are itself and what has an IRI below its own."""
    properties = statements[finding]
    claim = {name for name in properties if name not in _PROVENANCE}
    assertion = [(finding, name, value) for name in claim for value in properties[name]]
    figures = {part for part in parts if _QUANTITY in statements[part][_TYPE]}
    assertion += [
        (part, name, value) for part in figures for name in statements[part] for value in statements[part][name]
    ]
    # The bare relation is asserted where the graph itself draws it: for what is stated, and for nothing weaker.
    if properties[ONTOLOGY + "standing"] == [_STATED] and ONTOLOGY + "object" in properties:
        subject, predicate, target = (properties[ONTOLOGY + name][0] for name in ("subject", "predicate", "object"))
        assertion.append((subject.value, predicate.value, target))
    source = properties[ONTOLOGY + "source"][0]
    provenance: list[Triple] = [
        (_ASSERTION, expand("prov:hadPrimarySource"), source),
        (_ASSERTION, expand("prov:wasDerivedFrom"), ox.NamedNode(_address(source.value, statements))),
        (_ASSERTION, expand("obo:RO_0002558"), ox.NamedNode(f"{_DRAFT}#evidence")),
        (f"{_DRAFT}#evidence", _TYPE, ox.NamedNode(expand(_evidence(properties)))),
        *(
            (part, name, value)
            for part in parts
            if part not in figures
            for name, values in statements[part].items()
            if part != finding or name in _PROVENANCE
            for value in values
        ),
    ]
    about: list[tuple[str, Value]] = [
        *(("npx:hasNanopubType", kind) for kind in properties[_TYPE]),
        ("npx:introduces", ox.NamedNode(finding)),
        ("rdfs:label", properties[ONTOLOGY + "statement"][0]),
    ]
    return _publish(assertion, provenance, about, statements)


def _address(source: str, statements: _Statements) -> str:
    """Return where a source can be found: its DOI, else its web address, else our own IRI of it."""
    for doi in statements[source][ONTOLOGY + "doi"]:
        return "https://doi.org/" + quote(doi.value, safe="/:;()")
    for url in statements[source][ONTOLOGY + "url"]:
        if url.value.startswith(("http://", "https://")):
            return url.value
    return source


def _evidence(properties: Mapping[str, list[Value]]) -> str:
    """Return the evidence code: what the authors state, traceable where they name the study that they relay."""
    return "ECO:0000304" if ONTOLOGY + "relays" in properties else "ECO:0000302"


def _indexes(names: Sequence[str], statements: _Statements, most: int) -> Iterator[Nanopublication]:
    """Yield the indexes of a release, each with the one before it: all but the last are incomplete."""
    version = _release(statements, "owl:versionInfo")
    chunks = list(batches(names, most))
    previous: list[Triple] = []
    for number, chunk in enumerate(chunks, start=1):
        types = ["npx:NanopubIndex", *(["npx:IncompleteIndex"] if number < len(chunks) else [])]
        index = _publish(
            [*previous, *((_DRAFT, expand("npx:includesElement"), ox.NamedNode(name)) for name in chunk)],
            [(_ASSERTION, _TYPE, ox.NamedNode(expand("npx:IndexAssertion")))],
            [
                *(("rdf:type", ox.NamedNode(expand(type_))) for type_ in types),
                ("rdfs:label", ox.Literal(f"calcikg {version}: the findings as nanopublications")),
                ("rdfs:seeAlso", ox.NamedNode(_DATASET)),
                ("owl:versionInfo", ox.Literal(version)),
            ],
            statements,
        )
        previous = [(_DRAFT, expand("npx:appendsIndex"), ox.NamedNode(index.iri))]
        yield index


def _publish(
    assertion: Iterable[Triple],
    provenance: Iterable[Triple],
    about: Iterable[tuple[str, Value]],
    statements: _Statements,
) -> Nanopublication:
    """Put a nanopublication together; to what ``about`` says of it, ``pubinfo`` adds what the release says."""
    created = f"{_release(statements, 'dcterms:issued')}T00:00:00Z"
    pubinfo: list[tuple[str, Value]] = [
        ("dcterms:created", ox.Literal(created, datatype=ox.NamedNode(expand("xsd:dateTime")))),
        ("dcterms:creator", ox.NamedNode(f"{_DATASET}#contributors")),
        ("dcterms:license", ox.NamedNode(_release(statements, "dcterms:license"))),
        ("dcterms:isPartOf", ox.NamedNode(_DATASET)),
        *about,
    ]
    graphs: dict[str, Iterable[Triple]] = {
        "Head": [
            (_DRAFT, _TYPE, ox.NamedNode(expand("np:Nanopublication"))),
            (_DRAFT, expand("np:hasAssertion"), ox.NamedNode(_ASSERTION)),
            (_DRAFT, expand("np:hasProvenance"), ox.NamedNode(f"{_DRAFT}#provenance")),
            (_DRAFT, expand("np:hasPublicationInfo"), ox.NamedNode(f"{_DRAFT}#pubinfo")),
        ],
        "assertion": assertion,
        "provenance": provenance,
        "pubinfo": [(_DRAFT, expand(name), value) for name, value in pubinfo],
    }
    quads = [
        ox.Quad(ox.NamedNode(subject), ox.NamedNode(name), value, ox.NamedNode(f"{_DRAFT}#{graph}"))
        for graph, triples in graphs.items()
        for subject, name, value in sorted(triples, key=str)
    ]
    iri, named = make_trusty(quads, _DRAFT)
    return Nanopublication(iri, tuple(named))


def _release(statements: _Statements, name: str) -> str:
    return statements[_DATASET][expand(name)][0].value
