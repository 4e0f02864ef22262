"""The description of the dataset, the graph ``metadata``: VoID, DCAT 3, HCLS dataset description and PROV.

``ontology/description`` holds what is written (``*.ttl``) and what is counted (``*.rq``). This module adds what no
query can know: versions, digests, tools, questions, functions and verifications. There is no time in it, so that two
builds give the same bytes.
"""

import platform
from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyoxigraph as ox

from kg import VERSION_DATE, __version__
from kg.build.verified import Verification
from kg.engine.functions import AGGREGATES, COUNTS, FUNCTIONS, RATIO
from kg.errors import RecordsError, Violation
from kg.prefixes import BASE, EXTERNAL, GRAPH, ID, PREFIXES, contract, expand
from kg.queries import read_questions
from kg.rdf import graph_named
from kg.snapshot import sha256

#: The three levels of the HCLS profile: the dataset, its version, the file that holds it.
DATASET = BASE.rstrip("/")
VERSION = f"{BASE}version/{__version__}"
FILE = f"{VERSION}#nquads"

_GRAPH = ox.NamedNode(GRAPH + "metadata")
#: The libraries whose work is in the data, by the names of their packages.
_LIBRARIES = ("pyoxigraph", "pyshacl", "reasonable", "scipy")
#: What a fragment may hold besides letters and digits; an IRI that no prefix shortens may hold more.
_SAFE = "/?:@!$&'()*+,;=-._~%"

Value = ox.NamedNode | ox.Literal
Functions = dict[ox.NamedNode, Callable[..., ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple | None]]
#: What is said of a subject: by the CURIE of a property, a value or several; text and numbers become literals.
Properties = Mapping[str, str | int | Value | list[Any]]


def describe(
    folder: Path, store: ox.Store, counts: Mapping[str, Any], dump: Path, inputs: Mapping[str, str]
) -> list[ox.Quad]:
    """Describe a dataset that was just built.

    ``folder`` holds the written description and the queries, ``store`` has the whole dataset, each triple once in the
    default graph, ``counts`` has the sizes of its graphs and the number of its entities, ``dump`` is its file, and
    ``inputs`` are the SHA-256 digests of the files that it was made from, by their paths. Raises RecordsError for a
    description that is not Turtle.
    """
    return [
        *read_statements(folder),
        *_counted(folder, store),
        *_graphs(counts),
        *_version(),
        *_file(dump),
        *_build(inputs),
        *_functions(),
        *_questions(),
    ]


def read_statements(folder: Path) -> Iterator[ox.Quad]:
    """Read what is written of the dataset (``*.ttl``). Raises RecordsError for what is not Turtle."""
    for path in sorted(folder.glob("*.ttl")):
        try:
            for quad in ox.parse(path=path, format=ox.RdfFormat.TURTLE, base_iri=VERSION):
                yield ox.Quad(quad.subject, quad.predicate, quad.object, _GRAPH)
        except SyntaxError as error:
            raise RecordsError([Violation(path.name, error.lineno or 0, "", str(error), "Fix the Turtle")]) from None


def describe_verifications(verified: Iterable[Verification]) -> Iterator[ox.Quad]:
    """Say of each verified finding the day, the keys that were compared, and the text."""
    for row in verified:
        finding = ID + row.finding
        verification = f"{finding}#verification"
        said: Properties = {
            "ckg:verified": row.day,
            "ckg:verifiedIn": _term(f"ckg:{row.against}"),
            "ckg:verification": ox.NamedNode(verification),
        }
        yield from _say(finding, said)
        properties: Properties = {
            "rdf:type": _term("ckg:Verification"),
            "dcterms:date": _typed(row.day, "xsd:date"),
            "ckg:textSha256": row.text,
            "ckg:compared": [*row.compared],
        }
        yield from _say(verification, properties)


def _counted(folder: Path, store: ox.Store) -> Iterator[ox.Quad]:
    """Run the queries (``*.rq``) over the default graph."""
    functions: Functions = {ox.NamedNode(f"{BASE}build/{call.__name__}"): call for call in (curie, namespace)}
    for path in sorted(folder.glob("*.rq")):
        text = path.read_text(encoding="utf-8")
        triples = store.query(text, base_iri=VERSION, custom_functions=functions)
        assert isinstance(triples, ox.QueryTriples), f"{path.name} is not a CONSTRUCT query"
        yield from (ox.Quad(triple.subject, triple.predicate, triple.object, _GRAPH) for triple in triples)


def curie(term: ox.NamedNode) -> ox.Literal:
    """Return the CURIE of a term, as a fragment may hold it. The queries call it ``build:curie``."""
    return ox.Literal(quote(contract(term.value), safe=_SAFE))


def namespace(term: ox.NamedNode) -> ox.Literal | None:
    """Return the namespace of a term, None when no prefix stands for it. The queries call it ``build:namespace``."""
    iri = (PREFIXES | EXTERNAL).get(contract(term.value).partition(":")[0])
    return ox.Literal(iri) if iri else None


def _graphs(counts: Mapping[str, Any]) -> Iterator[ox.Quad]:
    graphs = {graph_named(name).value: number for name, number in counts["graphs"].items()}
    yield from _say(FILE, {"void:entities": counts["entities"], "void:subset": [*map(ox.NamedNode, graphs)]})
    for graph, number in graphs.items():
        yield from _say(graph, {"rdf:type": _term("void:Dataset"), "void:triples": number})


def _version() -> Iterator[ox.Quad]:
    issued = _typed(VERSION_DATE, "xsd:date")
    own = {"dcat:version": __version__, "owl:versionInfo": __version__, "dcterms:identifier": VERSION}
    yield from _say(VERSION, {"pav:version": __version__, "dcterms:issued": issued, **own})
    yield from _say(FILE, {"pav:version": __version__, "dcterms:issued": issued})


def _file(dump: Path) -> Iterator[ox.Quad]:
    # DCAT 3 wants xsd:nonNegativeInteger; the engine keeps every kind of integer as xsd:integer.
    yield from _say(FILE, {"dcat:byteSize": dump.stat().st_size})
    yield from _checksum(FILE, sha256(dump))


def _build(inputs: Mapping[str, str]) -> Iterator[ox.Quad]:
    """Say in PROV which files and which tools the build used; tools are named by package URLs (ECMA-427)."""
    activity = f"{VERSION}#build"
    for path, digest in sorted(inputs.items()):
        entity = f"{VERSION}#input/{quote(path)}"
        yield from _say(activity, {"prov:used": ox.NamedNode(entity)})
        yield from _say(entity, {"rdf:type": _term("prov:Entity"), "rdfs:label": path})
        yield from _checksum(entity, digest)
    own, python = f"pkg:generic/calcikg@{__version__}", platform.python_version()
    tools = {own: ("calcikg", __version__), f"pkg:generic/python@{python}": ("Python", python)}
    tools |= {f"pkg:pypi/{name}@{version(name)}": (name, version(name)) for name in _LIBRARIES}
    for tool, (name, number) in tools.items():
        yield from _say(activity, {"prov:wasAssociatedWith": ox.NamedNode(tool)})
        kind = _term("prov:SoftwareAgent")
        yield from _say(tool, {"rdf:type": kind, "rdfs:label": name, "schema:softwareVersion": number})
    yield from _say(FILE, {"pav:createdWith": ox.NamedNode(own)})


def _functions() -> Iterator[ox.Quad]:
    """Say name, arguments and meaning of the extension functions and aggregates that queries may call."""
    rows = [(kind, row) for kind, rows in (("sd:Function", FUNCTIONS), ("sd:Aggregate", AGGREGATES)) for row in rows]
    described = [(row.iri, kind, f"{row.name}({row.arguments})", f"{row.meaning}; {row.formula}") for kind, row in rows]
    datatypes = (
        (COUNTS, "rdfs:Datatype", "counts", "numerator and denominator in one value, such as 13/39"),
        (
            RATIO,
            "rdfs:Datatype",
            "ratio",
            "a ratio and the bounds of its interval in one value, such as 2.37/1.66/3.39",
        ),
    )
    for iri, kind, label, definition in (*described, *datatypes):
        yield from _say(iri.value, {"rdf:type": _term(kind), "rdfs:label": label, "skos:definition": definition})


def _questions() -> Iterator[ox.Quad]:
    """Describe the competency questions as the SPARQL examples of the life sciences are, so that tools find them.

    SHACL has the text, schema.org the endpoint and the keywords.
    """
    for question in read_questions():
        asked_of = sorted({one for ids in question.parameters.values() for one in ids})
        properties: Properties = {
            "rdf:type": [_term("sh:SPARQLExecutable"), _term("sh:SPARQLSelectExecutable")],
            "rdfs:label": question.words,
            "sh:select": question.text,
            "dcterms:isPartOf": ox.NamedNode(DATASET),
            "schema:target": ox.NamedNode(BASE + "sparql"),
            "schema:keywords": [question.notes["asker"], question.notes["kind"]],
            "dcterms:subject": [ox.NamedNode(ID + one) for one in asked_of],
        }
        yield from _say(f"{ID}question/{question.slug}", properties)


def _checksum(subject: str, digest: str) -> Iterator[ox.Quad]:
    """Say the SHA-256 of a file as SPDX and DCAT 3 write it."""
    checksum = f"{subject}-sha256"
    yield from _say(subject, {"spdx.term:checksum": ox.NamedNode(checksum)})
    properties: Properties = {
        "rdf:type": _term("spdx.term:Checksum"),
        "spdx.term:algorithm": _term("spdx.term:checksumAlgorithm_sha256"),
        "spdx.term:checksumValue": _typed(digest, "xsd:hexBinary"),
    }
    yield from _say(checksum, properties)


def _say(subject: str, properties: Properties) -> Iterator[ox.Quad]:
    for property_, values in properties.items():
        for value in values if isinstance(values, list) else [values]:
            term = value if isinstance(value, ox.NamedNode | ox.Literal) else ox.Literal(value)
            yield ox.Quad(ox.NamedNode(subject), _term(property_), term, _GRAPH)


def _term(name: str) -> ox.NamedNode:
    return ox.NamedNode(expand(name))


def _typed(text: str, datatype: str) -> ox.Literal:
    return ox.Literal(text, datatype=_term(datatype))
