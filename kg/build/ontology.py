"""Reads the model: classes and vocabularies, slices of external ontologies, and the mappings to them."""

import csv
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyoxigraph as ox

from kg.build.jsonld import Context
from kg.errors import RecordsError, Violation
from kg.prefixes import GRAPH, ONTOLOGY, expand

_RDFS_LABEL = ox.NamedNode(expand("rdfs:label"))
_RDF_TYPE = ox.NamedNode(expand("rdf:type"))
_IS_DEFINED_BY = ox.NamedNode(expand("rdfs:isDefinedBy"))
_NO_TERM = "sssom:NoTermFound"
_COPIED = ("mapping_justification", "author_id", "mapping_date", "comment")


def read_ontology(folder: Path) -> list[ox.Quad]:
    """Read the project's own ontology files (``*.ttl``) into the graph ``ontology``.

    Each of our terms gets rdfs:isDefinedBy, so that a term met alone leads to the whole ontology.
    """
    quads = _canonical(_parse(path, "ontology") for path in sorted(folder.glob("*.ttl")))
    return [*quads, *_defined(quads)]


def read_shapes(folder: Path) -> list[ox.Quad]:
    """Read the SHACL shapes: those that are written, and those of keys of which the ontology says all that is needed.

    They are not part of the dataset.
    """
    shapes = [quad for path in sorted((folder / "shapes").glob("*.ttl")) for quad in _parse(path, "shapes")]
    graph = ox.NamedNode(GRAPH + "shapes")
    found = _ask(folder, "keys", shapes)
    assert isinstance(found, ox.QueryTriples)
    return [*shapes, *(ox.Quad(triple.subject, triple.predicate, triple.object, graph) for triple in found)]


def read_context(folder: Path) -> Context:
    """Read the JSON-LD context of the records: what is written, and a term for every other key that a shape names."""
    document = json.loads((folder / "context.jsonld").read_text(encoding="utf-8"))
    terms = document["@context"]
    written = {term.get("@id", term.get("@reverse")) for term in terms.values() if isinstance(term, dict)}
    found = _ask(folder, "terms", read_shapes(folder))
    assert isinstance(found, ox.QuerySolutions)
    for row in found:
        name = row["property"].value.removeprefix(ONTOLOGY)
        if row["property"].value != name and f"ckg:{name}" not in written:
            terms[name] = {"@id": f"ckg:{name}"} | ({"@type": row["type"].value} if row["type"] else {})
    return Context(document)


def _ask(folder: Path, name: str, shapes: Iterable[ox.Quad]) -> object:
    """Ask a query of the folder of the shapes over the shapes and the ontology."""
    model = (quad for path in sorted(folder.glob("*.ttl")) for quad in _parse(path, "ontology"))
    store = ox.Store()
    store.bulk_extend(ox.Quad(quad.subject, quad.predicate, quad.object) for quad in (*shapes, *model))
    return store.query((folder / "shapes" / f"{name}.rq").read_text(encoding="utf-8"))


def read_imports(folder: Path) -> list[ox.Quad]:
    """Read the slices of external ontologies, each into ``external/NAME``, and the table of verified terms."""
    slices = (_parse(path, f"external/{path.stem}") for path in sorted((folder / "imports").glob("*.ttl")))
    return [*_canonical(slices), *_read_terms(folder / "imports" / "terms.tsv")]


def read_mappings(folder: Path) -> list[ox.Quad]:
    """Read the SSSOM mapping set into the graph ``mappings``.

    Each row becomes the mapping triple and a node below the entity that says how it was justified. A row that says
    that no term was found becomes the node alone.
    """
    graph = ox.NamedNode(GRAPH + "mappings")
    quads: list[ox.Quad] = []
    for path in sorted((folder / "mappings").glob("*.sssom.tsv")):
        for number, row in _read_tsv(path):
            try:
                quads += _mapping(row, graph)
            except KeyError as error:
                place = path.relative_to(folder.parent).as_posix()
                problem = f"unknown prefix or column {error.args[0]!r}"
                repair = "Add the prefix to kg/prefixes.py or fix the CURIE"
                record = row.get("subject_id", "")
                raise RecordsError([Violation(place, number, record, problem, repair)]) from None
    return quads


def _mapping(row: dict[str, str], graph: ox.NamedNode) -> Iterator[ox.Quad]:
    subject, relation = ox.NamedNode(expand(row["subject_id"])), ox.NamedNode(expand(row["predicate_id"]))
    target = ox.NamedNode(expand(row["object_id"]))
    node = ox.NamedNode(f"{subject.value}#mapping/{row['object_id']}")
    if row["object_id"] != _NO_TERM:
        yield ox.Quad(subject, relation, target, graph)
    yield ox.Quad(node, _RDF_TYPE, ox.NamedNode(expand("sssom:Mapping")), graph)
    for column, iri in (("subject_id", subject), ("predicate_id", relation), ("object_id", target)):
        yield ox.Quad(node, ox.NamedNode(expand(f"sssom:{column}")), iri, graph)
    for column in ("subject_label", "object_label"):
        if row[column]:
            yield ox.Quad(node, ox.NamedNode(expand(f"sssom:{column}")), ox.Literal(row[column]), graph)
    for column in _COPIED:
        if row.get(column):
            value = row[column]
            term = ox.NamedNode(expand(value)) if column in _COPIED[:2] else ox.Literal(value)
            yield ox.Quad(node, ox.NamedNode(expand(f"sssom:{column}")), term, graph)


def _read_terms(path: Path) -> Iterator[ox.Quad]:
    """Read identifiers and labels from vocabularies that have no slice here."""
    graph = ox.NamedNode(GRAPH + "external/terms")
    for _, row in _read_tsv(path):
        yield ox.Quad(ox.NamedNode(expand(row["curie"])), _RDFS_LABEL, ox.Literal(row["label"]), graph)


def _read_tsv(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the rows of a table with their line numbers; lines that begin with # are its header."""
    with path.open(encoding="utf-8", newline="") as file:
        lines = [(number, line) for number, line in enumerate(file, start=1) if not line.startswith("#")]
    rows = csv.DictReader((line for _, line in lines), delimiter="\t", quoting=csv.QUOTE_NONE)
    for (number, _), row in zip(lines[1:], rows, strict=True):
        yield number, row


def _defined(quads: list[ox.Quad]) -> Iterator[ox.Quad]:
    terms = {quad.subject for quad in quads if quad.predicate == _RDF_TYPE and isinstance(quad.subject, ox.NamedNode)}
    for term in sorted(terms, key=lambda term: term.value):
        if term.value.startswith(ONTOLOGY):
            yield ox.Quad(term, _IS_DEFINED_BY, ox.NamedNode(ONTOLOGY.rstrip("/")), ox.NamedNode(GRAPH + "ontology"))


def _parse(path: Path, graph: str) -> Iterator[ox.Quad]:
    name = ox.NamedNode(GRAPH + graph)
    try:
        for quad in ox.parse(path=path, format=ox.RdfFormat.TURTLE):
            yield ox.Quad(quad.subject, quad.predicate, quad.object, name)
    except SyntaxError as error:
        repair = "Fix the Turtle"
        raise RecordsError([Violation(path.name, error.lineno or 0, "", str(error), repair)]) from None


def _canonical(files: Iterator[Iterator[ox.Quad]]) -> list[ox.Quad]:
    """Name blank nodes by RDFC-1.0, so that two builds give the same bytes."""
    dataset = ox.Dataset(quad for file in files for quad in file)
    dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return list(dataset)
