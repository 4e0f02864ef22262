"""Reads OBO files (1.0 to 1.4) by the mapping of OBO 1.4 to OWL, for the clauses that say what a term is.

https://owlcollab.github.io/oboformat/doc/obo-syntax.html. A relationship becomes the triple itself, as in our slices,
not a restriction on a blank node; an intersection becomes what follows from it. Released files break the grammar here
and there (`xref: :bony projection`), so a line is taken for what it says, and only one without a tag is refused.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote

import pyoxigraph as ox

from kg.load.source import Readable, RefusedFileError
from kg.prefixes import EXTERNAL, OBO, PREFIXES, expand

_STANZAS = {"Term": "owl:Class", "Typedef": "owl:ObjectProperty", "Instance": "owl:NamedIndividual"}
_TEXTS = {
    "name": "rdfs:label",
    "comment": "rdfs:comment",
    "namespace": "oboInOwl:hasOBONamespace",
    "alt_id": "oboInOwl:hasAlternativeId",
    "created_by": "oboInOwl:created_by",
    "creation_date": "oboInOwl:creation_date",
    "data-version": "owl:versionInfo",
    "remark": "rdfs:comment",
}
_IRIS = {
    "is_a": "rdfs:subClassOf",
    "disjoint_from": "owl:disjointWith",
    "equivalent_to": "owl:equivalentClass",
    "replaced_by": "obo:IAO_0100001",
    "consider": "oboInOwl:consider",
    "use_term": "oboInOwl:consider",
    "subset": "oboInOwl:inSubset",
    "domain": "rdfs:domain",
    "range": "rdfs:range",
    "inverse_of": "owl:inverseOf",
    "instance_of": "rdf:type",
}
#: What the same tags say of a relation.
_RELATION_IRIS = _IRIS | {
    "is_a": "rdfs:subPropertyOf",
    "disjoint_from": "owl:propertyDisjointWith",
    "equivalent_to": "owl:equivalentProperty",
}
_FLAGS = {
    "is_transitive": "owl:TransitiveProperty",
    "is_symmetric": "owl:SymmetricProperty",
    "is_asymmetric": "owl:AsymmetricProperty",
    "is_functional": "owl:FunctionalProperty",
    "is_inverse_functional": "owl:InverseFunctionalProperty",
}
_XREFS = {"xref", "xref_analog", "xref_unk"}
_SCOPES = {"EXACT": "Exact", "BROAD": "Broad", "NARROW": "Narrow", "RELATED": "Related"}
#: Synonyms of OBO 1.0 and 1.2, whose scope is in the tag.
_SCOPED = {f"{scope.lower()}_synonym": scope for scope in _SCOPES}

_LINE_END = re.compile(r"\r\n?|\n")  # other characters that Unicode calls line ends are text
_TEXT = r'"(?:[^"\\]|\\.)*"'
_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"\s*(.*)', re.DOTALL)
_COMMENT = re.compile(rf"{_TEXT}|(\s!)")
# Each run of spaces is tried from its beginning alone: from all of its places, it would take quadratic time.
_QUALIFIERS = re.compile(rf"(?<!\s)\s*\{{\s*[^\s={{}}]+={_TEXT}(?:\s*,\s*[^\s={{}}]+={_TEXT})*\s*\}}$")
_DESCRIPTION = re.compile(rf"(?<!\s)\s+{_TEXT}$")
_ESCAPE = re.compile(r"\\(.)")
_ESCAPES = {"n": "\n", "t": "\t", "W": " "}
_IRI_SAFE = "!#$%&'()*+,/:;=?@[]~"


class Identifiers:
    """Turns identifiers into IRIs: ``spaces`` are the prefixes that the file declares, ``ontology`` is its name."""

    def __init__(self, spaces: dict[str, str], ontology: str) -> None:
        self._spaces = EXTERNAL | PREFIXES | spaces
        self._local = f"{OBO}{ontology}#"

    def iri(self, identifier: str) -> ox.NamedNode:
        """Return the IRI of an identifier, percent-encoded where needed. Raises RefusedFileError if it makes none.

        >>> Identifiers({}, "demo").iri("UBERON:0002389").value
        'http://purl.obolibrary.org/obo/UBERON_0002389'
        >>> Identifiers({}, "demo").iri("develops from").value
        'http://purl.obolibrary.org/obo/demo#develops%20from'
        >>> Identifiers({}, "demo").iri("https://example.org/x").value
        'https://example.org/x'
        """
        prefix, colon, local = identifier.partition(":")
        if not colon:
            iri = self._local + identifier
        elif local.startswith("//") or prefix in ("urn", "mailto"):
            iri = identifier
        else:
            iri = self._spaces.get(prefix, f"{OBO}{prefix}_") + local
        try:
            return ox.NamedNode(quote(iri, safe=_IRI_SAFE))
        except ValueError:
            raise RefusedFileError(f"has an identifier that does not make an IRI: {iri[:80]!r}") from None


def named(curie: str) -> ox.NamedNode:
    """Return the IRI of a CURIE in our own prefixes, such as ``rdfs:label``."""
    return ox.NamedNode(expand(curie))


def read_obo(source: Readable) -> Iterator[ox.Quad]:
    """Read an OBO file. Raises RefusedFileError for a line without a tag, or a stanza without an id."""
    header, *stanzas = _stanzas(source.read())
    ontology = header.value("ontology")
    spaces = (_plain(value).split() for tag, value in header.clauses if tag == "idspace")
    identifiers = Identifiers({row[0]: row[1] for row in spaces if len(row) > 1}, ontology or "obo")
    reader = _Reader(identifiers, _shorthands(stanzas))
    if any(value.startswith("owl:versionInfo ") for value in header.values("property_value")):
        header.clauses = [clause for clause in header.clauses if clause[0] != "data-version"]  # the same, less plainly
    if ontology:
        subject = identifiers.iri(f"{OBO}{ontology}.owl")
        yield ox.Quad(subject, named("rdf:type"), named("owl:Ontology"))
        yield from reader.clauses(subject, header)
    for stanza in stanzas:
        yield from reader.stanza(stanza)


@dataclass
class _Stanza:
    kind: str
    clauses: list[tuple[str, str]] = field(default_factory=list)

    def values(self, tag: str) -> Iterator[str]:
        return (_plain(value) for name, value in self.clauses if name == tag)

    def value(self, tag: str) -> str:
        """Return the first value of a tag, or an empty text."""
        return next(self.values(tag), "")


def _stanzas(data: bytes) -> list[_Stanza]:
    stanzas = [_Stanza("header")]
    for number, raw in enumerate(_LINE_END.split(data.decode("utf-8")), start=1):
        line = raw.strip(" \t")
        if not line or line.startswith("!"):
            continue
        if line.startswith("[") and line.endswith("]"):
            stanzas.append(_Stanza(line[1:-1]))
            continue
        tag, colon, value = line.partition(":")
        if not colon or " " in tag:
            raise RefusedFileError(f"is not OBO, line {number}: a clause is a tag, a colon and a value")
        stanzas[-1].clauses.append((tag, value.strip(" \t")))
    if len(stanzas) == 1 and not stanzas[0].value("format-version"):
        raise RefusedFileError("is not OBO: it has neither a format-version nor a stanza")
    return [stanza for stanza in stanzas if stanza.kind in _STANZAS or stanza.kind == "header"]


def _shorthands(stanzas: list[_Stanza]) -> dict[str, str]:
    """Return the relations that are written as a word, with the identifier in their xrefs, RO and BFO first."""
    shorthands = {}
    for stanza in stanzas:
        word = stanza.value("id")
        xrefs = [xref for xref in map(_xref, stanza.values("xref")) if re.fullmatch(r"[A-Z]+:\d+", xref)]
        if stanza.kind == "Typedef" and ":" not in word and xrefs:
            shorthands[word] = min(xrefs, key=lambda xref: not xref.startswith(("RO:", "BFO:")))
    return shorthands


class _Reader:
    def __init__(self, identifiers: Identifiers, shorthands: dict[str, str]) -> None:
        self._identifiers, self._shorthands = identifiers, shorthands

    def stanza(self, stanza: _Stanza) -> Iterator[ox.Quad]:
        identifier = stanza.value("id")
        if not identifier:
            raise RefusedFileError(f"is not OBO: a stanza [{stanza.kind}] has no id")
        subject = self._iri(identifier)
        annotation = stanza.value("is_metadata_tag") == "true"
        yield ox.Quad(
            subject, named("rdf:type"), named("owl:AnnotationProperty" if annotation else _STANZAS[stanza.kind])
        )
        yield ox.Quad(subject, named("oboInOwl:id"), ox.Literal(identifier))
        yield from self.clauses(subject, stanza)

    def clauses(self, subject: ox.NamedNode, stanza: _Stanza) -> Iterator[ox.Quad]:
        iris = _RELATION_IRIS if stanza.kind == "Typedef" else _IRIS
        for tag, value in stanza.clauses:
            if tag in _TEXTS:
                text = value if tag in ("comment", "remark") else _plain(value)
                yield ox.Quad(subject, named(_TEXTS[tag]), ox.Literal(_unescape(text)))
            elif tag in _XREFS:
                yield ox.Quad(subject, named("oboInOwl:hasDbXref"), ox.Literal(_unescape(_xref(value))))
            elif tag in iris:
                yield ox.Quad(subject, named(iris[tag]), self._iri(_plain(value)))
            elif tag == "union_of":
                yield ox.Quad(self._iri(_plain(value)), named(iris["is_a"]), subject)
            elif tag in ("relationship", "intersection_of"):
                relation, _, target = _plain(value).rpartition(" ")
                yield ox.Quad(subject, self._iri(relation) if relation else named(iris["is_a"]), self._iri(target))
            elif tag in _FLAGS and _plain(value) == "true":
                yield ox.Quad(subject, named("rdf:type"), named(_FLAGS[tag]))
            elif tag == "is_obsolete" and _plain(value) == "true":
                yield ox.Quad(subject, named("owl:deprecated"), ox.Literal(True))
            elif tag == "property_value":
                yield self._property_value(subject, value)
            elif (tag in ("def", "synonym") or tag in _SCOPED) and (match := _QUOTED.match(value)):
                scope = _SCOPES.get(_SCOPED.get(tag) or match[2].split(" ")[0], "Related")
                curie = "obo:IAO_0000115" if tag == "def" else f"oboInOwl:has{scope}Synonym"
                yield ox.Quad(subject, named(curie), ox.Literal(_unescape(match[1])))

    def _property_value(self, subject: ox.NamedNode, clause: str) -> ox.Quad:
        """Read ``relation target``, ``relation "text" xsd:type``, or the same without the quotation marks."""
        relation, _, value = clause.partition(" ")
        predicate = self._iri(relation.strip('"'))
        words = _plain(value).split(" ")
        if match := _QUOTED.match(value):
            text, type_ = _unescape(match[1]), match[2].split(" ")[0]
        elif len(words) > 1 and words[-1].startswith("xsd:"):
            text, type_ = " ".join(words[:-1]), words[-1]
        else:
            return ox.Quad(subject, predicate, self._iri(_plain(value)))
        datatype = self._iri(type_) if type_.startswith("xsd:") else None
        return ox.Quad(subject, predicate, ox.Literal(text, datatype=datatype))

    def _iri(self, identifier: str) -> ox.NamedNode:
        return self._identifiers.iri(self._shorthands.get(identifier, identifier))


def _plain(value: str) -> str:
    """Return a value without its comment and its qualifiers.

    >>> _plain('UBERON:1 {source="a ! b"} ! limb')
    'UBERON:1'
    """
    if '"' not in value:  # most values
        return value.partition(" !")[0].rstrip()
    comment = next((match.start() for match in _COMMENT.finditer(value) if match[1]), None)
    return _QUALIFIERS.sub("", value[:comment].rstrip())


def _xref(value: str) -> str:
    """Return an xref without its description.

    >>> _xref('EC:3.1 "thioesterase"'), _xref(":bony projection")
    ('EC:3.1', ':bony projection')
    """
    return _DESCRIPTION.sub("", _plain(value))


def _unescape(text: str) -> str:
    return _ESCAPE.sub(lambda match: _ESCAPES.get(match[1], match[1]), text)
