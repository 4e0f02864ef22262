"""The context maps every key to a term of the ontology, and a record to RDF and back without loss."""

import re
from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import pyld.jsonld
import pyoxigraph as ox
from conftest import EXAMPLES, ROOT
from rdflib import RDF, Graph, URIRef

from kg.build.dataset import Dataset, Inputs
from kg.build.records import read_records
from kg.prefixes import EXTERNAL, GRAPH, ID, ONTOLOGY, PREFIXES
from kg.rdf import graph_of

CONTEXT = Inputs().context
TERMS: dict[str, Any] = CONTEXT.document["@context"]


def test_every_key_leads_to_a_property_of_the_ontology() -> None:
    graph = Graph().parse(Inputs().ontology / "calcikg.ttl")
    own = {
        key: URIRef(ONTOLOGY + iri.removeprefix("ckg:"))
        for key, term in TERMS.items()
        if isinstance(term, dict) and (iri := term.get("@id", term.get("@reverse"))).startswith("ckg:")
    }
    assert {key for key, iri in own.items() if (iri, RDF.type, None) not in graph} == set()


def test_no_vocabulary_term_is_also_a_key() -> None:
    """A value such as ``range`` is expanded by the keys of the context first."""
    graph = Graph().parse(Inputs().ontology / "calcikg.ttl")
    individuals = {
        str(subject).removeprefix(ONTOLOGY)
        for subject, kind in graph.subject_objects(RDF.type)
        if str(kind).startswith(ONTOLOGY)
    }
    assert individuals & set(TERMS) == set()


def test_prefixes_agree_with_the_one_place() -> None:
    in_context = {
        key: term for key, term in TERMS.items() if isinstance(term, str) and term.startswith("http") and key[0] != "@"
    }
    assert in_context.items() <= PREFIXES.items()


def test_prefixes_of_files_agree_with_the_one_place() -> None:
    patterns = ("ontology/**/*.rq", "kg/**/*.rq", "ontology/*.ttl", "ontology/description/*.ttl")
    files = [path for pattern in patterns for path in ROOT.glob(pattern)]
    declared = [
        (path.name, prefix, iri)
        for path in files
        for prefix, iri in re.findall(
            r"^@?prefix\s+([\w.]+):\s*<([^>]+)>", path.read_text(encoding="utf-8"), re.IGNORECASE | re.MULTILINE
        )
    ]
    known = (
        PREFIXES
        | EXTERNAL
        | {
            "build": "https://w3id.org/calcikg/build/",
            "check": "https://w3id.org/calcikg/check/",
            "sio": EXTERNAL["SIO"],
        }
    )
    assert len(declared) > len(files) > 200
    assert [found for found in declared if known.get(found[1]) != found[2]] == []


def test_records_come_back_from_rdf_as_they_were_written(dataset: Dataset) -> None:
    """To RDF with all records, back by the same context, compared key by key.

    Of the findings every fourth, and each that has a key which none before it had.
    """
    seen: set[str] = set()
    graphs = defaultdict(list)
    for quad in dataset.quads:
        graphs[graph_of(quad)].append(quad)
    for file in read_records(Inputs().seeds, CONTEXT):
        if "id" not in file.node:  # entities, and ids that are retired
            continue
        findings = [record for record in file.records() if record["id"].startswith("finding/")]
        chosen = {}
        for number, record in enumerate(findings):
            if number % 4 == 0 or not record.keys() <= seen:
                chosen[record["id"]] = record
            seen |= record.keys()
        quads = [quad for quad in graphs[file.node.get("id", "")] if about(quad) in chosen]
        back = {node["id"]: node for node in from_triples(quads)}
        for id_, record in chosen.items():
            found = back[id_]
            source = found.pop("source")
            assert source == file.node["id"]
            for key, value in found.items():  # parts of the record stand beside it
                part = value["id"] if isinstance(value, dict) and value.keys() == {"id"} else value
                if isinstance(part, str) and part.startswith(f"{id_}#"):
                    found[key] = back[part]
            assert plain(found) == plain(record), id_


def about(quad: ox.Quad) -> str:
    """Return the id of the record that a quad belongs to, in itself or in a part (an IRI with a fragment)."""
    return getattr(quad.subject, "value", "").removeprefix(ID).partition("#")[0]


def test_another_library_reads_the_records_alike() -> None:
    """Of the files every fourth, and each that has a key which none before it had."""
    seen: set[str] = set()
    for number, file in enumerate(read_records(Inputs().seeds, CONTEXT)):
        keys = {key for record in file.records() for key in record}
        if number % 4 and not EXAMPLES and keys <= seen:
            continue
        seen |= keys
        document, options = {**CONTEXT.document, **file.node}, {"format": "application/n-quads", "base": ID}
        theirs = ox.parse(pyld.jsonld.to_rdf(document, options), format=ox.RdfFormat.N_TRIPLES)
        assert {quad.triple for quad in CONTEXT.to_quads(file.node, GRAPH + "x")} == {quad.triple for quad in theirs}


def from_triples(quads: Iterable[ox.Quad]) -> list[Any]:
    """Map quads back to nodes under the context, one a subject."""
    text = ox.serialize((quad.triple for quad in quads), format=ox.RdfFormat.N_TRIPLES)
    assert text is not None
    expanded = pyld.jsonld.from_rdf(text.decode(), {"format": "application/n-quads"})
    compacted = pyld.jsonld.compact(expanded, CONTEXT.document, {"base": ID, "graph": True})
    return list(compacted["entities"])


def plain(value: Any) -> Any:
    """Forget what JSON-LD does not tell apart: the order of a set, one value and a set of one, 3.9 and 3.90."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        items = sorted(map(plain, value), key=str)
        return items[0] if len(items) == 1 else items
    if isinstance(value, str):
        value = value.removeprefix(ID)
        if value in ("true", "false"):
            return value == "true"
        if re.fullmatch(r"-?\d+(\.\d+)?", value):
            return Decimal(value)
    return value
