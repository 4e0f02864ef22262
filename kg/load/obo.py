"""Reads OBO files (1.2 and 1.4), by the mapping of OBO 1.4 to OWL, for the clauses that say what a term is.

A relationship becomes the triple itself, as in our slices, and not a restriction on a blank node; an intersection
becomes what follows from it. Released files break the grammar here and there (`xref: :bony projection`), so the
reader takes a line for what it says and refuses only what has no tag.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import pyoxigraph as ox

from kg.load.limits import RefusedFileError
from kg.load.terms import Identifiers, named
from kg.load.xml import Readable
from kg.prefixes import OBO

_STANZAS = {"Term": "owl:Class", "Typedef": "owl:ObjectProperty", "Instance": "owl:NamedIndividual"}
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"\s*(.*)', re.DOTALL)
_ESCAPE = re.compile(r"\\(.)")
_ESCAPES = {"n": "\n", "t": "\t", "W": " "}

_TEXTS = {
    "name": "rdfs:label",
    "comment": "rdfs:comment",
    "namespace": "oboInOwl:hasOBONamespace",
    "alt_id": "oboInOwl:hasAlternativeId",
    "xref": "oboInOwl:hasDbXref",
    "created_by": "oboInOwl:created_by",
    "creation_date": "oboInOwl:creation_date",
    "data-version": "owl:versionInfo",
    "remark": "rdfs:comment",
}
_IRIS = {
    "disjoint_from": "owl:disjointWith",
    "equivalent_to": "owl:equivalentClass",
    "replaced_by": "obo:IAO_0100001",
    "consider": "oboInOwl:consider",
    "subset": "oboInOwl:inSubset",
    "domain": "rdfs:domain",
    "range": "rdfs:range",
    "inverse_of": "owl:inverseOf",
    "instance_of": "rdf:type",
}
_FLAGS = {
    "is_transitive": "owl:TransitiveProperty",
    "is_symmetric": "owl:SymmetricProperty",
    "is_asymmetric": "owl:AsymmetricProperty",
    "is_functional": "owl:FunctionalProperty",
    "is_inverse_functional": "owl:InverseFunctionalProperty",
}
_SCOPES = {"EXACT": "Exact", "BROAD": "Broad", "NARROW": "Narrow", "RELATED": "Related"}


@dataclass
class _Stanza:
    kind: str
    clauses: list[tuple[str, str]] = field(default_factory=list)

    def value(self, tag: str) -> str:
        """Return the first value of a tag, or an empty text."""
        return next((_plain(value) for name, value in self.clauses if name == tag), "")


def read_obo(source: Readable) -> Iterator[ox.Quad]:
    """Read an OBO file. Raises RefusedFileError for a line without a tag, or a stanza without an id."""
    header, *stanzas = _stanzas(source.read())
    ontology = header.value("ontology")
    spaces = (_plain(value).split() for tag, value in header.clauses if tag == "idspace")
    identifiers = Identifiers({row[0]: row[1] for row in spaces if len(row) > 1}, ontology or "obo")
    reader = _Reader(identifiers, _shorthands(stanzas))
    if any(value.startswith("owl:versionInfo ") for tag, value in header.clauses if tag == "property_value"):
        header.clauses = [clause for clause in header.clauses if clause[0] != "data-version"]  # the same, less plainly
    if ontology:
        subject = identifiers.iri(f"{OBO}{ontology}.owl")
        yield ox.Quad(subject, named("rdf:type"), named("owl:Ontology"))
        yield from reader.clauses(subject, header)
    for stanza in stanzas:
        identifier = stanza.value("id")
        if not identifier:
            raise RefusedFileError(f"is not OBO: a stanza [{stanza.kind}] has no id")
        yield from reader.stanza(identifier, stanza)


def _stanzas(data: bytes) -> list[_Stanza]:
    found = [_Stanza("header")]
    for number, raw in enumerate(data.decode("utf-8-sig", "strict").splitlines(), start=1):
        line = raw.strip()
        if not line or line.startswith("!"):
            continue
        if line.startswith("[") and line.endswith("]"):
            found.append(_Stanza(line[1:-1]))
            continue
        tag, colon, value = line.partition(":")
        if not colon or " " in tag:
            raise RefusedFileError(f"is not OBO, line {number}: a clause is a tag, a colon and a value")
        found[-1].clauses.append((tag, value.strip()))
    if len(found) == 1 and not found[0].value("format-version"):
        raise RefusedFileError("is not OBO: it has neither a format-version nor a stanza")
    return [stanza for stanza in found if stanza.kind in _STANZAS or stanza.kind == "header"]


def _shorthands(stanzas: list[_Stanza]) -> dict[str, str]:
    """Return the relations that are written by a word, with the identifier that their xref gives."""
    relations = (stanza for stanza in stanzas if stanza.kind == "Typedef" and ":" not in stanza.value("id"))
    pairs = ((stanza.value("id"), stanza.value("xref")) for stanza in relations)
    return {word: xref for word, xref in pairs if re.fullmatch(r"[A-Z]+:\d+", xref)}


class _Reader:
    def __init__(self, identifiers: Identifiers, shorthands: dict[str, str]) -> None:
        self._identifiers, self._shorthands = identifiers, shorthands

    def stanza(self, identifier: str, stanza: _Stanza) -> Iterator[ox.Quad]:
        subject = self._iri(identifier)
        kind = _STANZAS[stanza.kind]
        if stanza.value("is_metadata_tag") == "true":
            kind = "owl:AnnotationProperty"
        yield ox.Quad(subject, named("rdf:type"), named(kind))
        yield ox.Quad(subject, named("oboInOwl:id"), ox.Literal(identifier))
        yield from self.clauses(subject, stanza)

    def clauses(self, subject: ox.NamedNode, stanza: _Stanza) -> Iterator[ox.Quad]:
        below = "rdfs:subPropertyOf" if stanza.kind == "Typedef" else "rdfs:subClassOf"
        for tag, value in stanza.clauses:
            if tag in _TEXTS:
                text = value if tag in ("comment", "remark") else _plain(value)
                yield ox.Quad(subject, named(_TEXTS[tag]), ox.Literal(_unescape(text)))
            elif tag in _IRIS:
                yield ox.Quad(subject, named(_IRIS[tag]), self._iri(_plain(value)))
            elif tag == "is_a":
                yield ox.Quad(subject, named(below), self._iri(_plain(value)))
            elif tag == "union_of":
                yield ox.Quad(self._iri(_plain(value)), named(below), subject)
            elif tag in ("relationship", "intersection_of"):
                relation, _, target = _plain(value).rpartition(" ")
                yield ox.Quad(subject, self._iri(relation) if relation else named(below), self._iri(target))
            elif tag in _FLAGS and _plain(value) == "true":
                yield ox.Quad(subject, named("rdf:type"), named(_FLAGS[tag]))
            elif tag == "is_obsolete" and _plain(value) == "true":
                yield ox.Quad(subject, named("owl:deprecated"), ox.Literal(True))
            else:
                yield from self._quoted(subject, tag, value)

    def _quoted(self, subject: ox.NamedNode, tag: str, value: str) -> Iterator[ox.Quad]:
        if tag == "property_value":
            relation, _, rest = value.partition(" ")
            found = _QUOTED.match(rest)
            words = _plain(rest).split(" ")
            predicate = self._iri(relation.strip('"'))
            if found or (len(words) > 1 and words[-1].startswith("xsd:")):
                text = _unescape(found[1]) if found else " ".join(words[:-1])
                kind = next((word for word in (found[2].split() if found else words[-1:])), "xsd:string")
                datatype = self._iri(kind) if kind.startswith("xsd:") else None
                yield ox.Quad(subject, predicate, ox.Literal(text, datatype=datatype))
            else:
                yield ox.Quad(subject, predicate, self._iri(_plain(rest)))
        elif tag in ("def", "synonym") and (found := _QUOTED.match(value)):
            scope = _SCOPES.get(found[2].split(" ")[0], "Related")
            curie = "obo:IAO_0000115" if tag == "def" else f"oboInOwl:has{scope}Synonym"
            yield ox.Quad(subject, named(curie), ox.Literal(_unescape(found[1])))

    def _iri(self, identifier: str) -> ox.NamedNode:
        return self._identifiers.iri(self._shorthands.get(identifier, identifier))


def _plain(value: str) -> str:
    """Return a value that is no quoted text, without its comment and its block of qualifiers."""
    value = value.partition(" !")[0].rstrip()
    before, _, block = value.rpartition("{")
    return before.rstrip() if value.endswith("}") and '="' in block else value


def _unescape(text: str) -> str:
    return _ESCAPE.sub(lambda found: _ESCAPES.get(found[1], found[1]), text)
