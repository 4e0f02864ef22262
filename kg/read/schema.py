"""The keys of a finding: the one list that JSON, tables, exports, pages and filters are made from.

The list is read from the ontology: every property that findings have is a key, in the order of ``ckg:keyOrder``. A
property that is added there is a key everywhere, without a change of code.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Any, Literal

from kg.engine import Engine, Row
from kg.prefixes import ONTOLOGY, PREFIXES
from kg.queries import read_query

#: What the value of a key is. ``term``: the name of a concept of the ontology. ``entity``: a reference to an entity.
Form = Literal[
    "text", "number", "integer", "boolean", "term", "entity", "population", "source", "level", "locator", "quantity",
    "exact"
]  # fmt: skip
#: Properties of findings that are no keys, each with the reason.
OMITTED = {
    "about": "follows from subject, object, site and population; a filter asks for it",
    "atSite": "follows from site",
    "mainKind": "is the kind, which every finding has",
    "resultLevel": "is the evidence level, or absent where there is no result",
    "derived": "how a figure was derived, for whoever verifies the record; the figure itself is a key",
    "seemsToContradict": "follows from the disagreements that the finding takes part in",
    "verification": "details of the verification, whose day is the key verified",
}
_DATATYPES: dict[str, Form] = {"string": "text", "decimal": "number", "integer": "integer", "boolean": "boolean"}
_CLASSES: dict[str, Form] = {
    "EvidenceLevel": "level", "Locator": "locator", "Population": "population", "Quantity": "quantity",
    "Source": "source",
}  # fmt: skip
#: The key whose property leads to the finding, and not from it.
_INVERSE = "disagreements"


@dataclass(frozen=True)
class Part:
    """A part of a value that has several, such as the label of an entity."""

    name: str
    form: Form
    meaning: str


_ENTITY = (
    Part("id", "text", "id, TYPE/SLUG"),
    Part("iri", "text", "canonical IRI"),
    Part("type", "text", "class"),
    Part("label", "text", "label"),
)
#: The parts of the values that have some, by their form.
_PARTS: dict[Form, tuple[Part, ...]] = {
    "entity": _ENTITY,
    "population": (*_ENTITY, Part("size", "integer", "number of people, where the source gives it")),
    "source": (
        *_ENTITY,
        Part("year", "integer", "year of publication"),
        Part("doi", "text", "DOI"),
        Part("pmid", "text", "PubMed id"),
        Part("url", "text", "web address"),
    ),
    "level": (
        Part("id", "text", "name"),
        Part("iri", "text", "canonical IRI"),
        Part("label", "text", "label"),
        Part("rank", "integer", "rank, from 1 (best) to 5 (opinion)"),
    ),
    "locator": (
        Part("section", "text", "section, as the source names it"),
        Part("words", "integer", "number of words"),
        Part("sha256", "text", "SHA-256 of the normalised words"),
    ),
    "quantity": (
        Part("value", "number", "figure"),
        Part("lower", "number", "lower bound"),
        Part("upper", "number", "upper bound"),
        Part("spread", "number", "figure printed after ±"),
        Part("interval", "text", "what the bounds are"),
        Part("numerator", "integer", "numerator"),
        Part("denominator", "integer", "denominator"),
        Part("unit", "text", "UCUM unit, where it is not that of the finding"),
        Part("qualifier", "text", "how the figure is to be read"),
        Part("statistic", "text", "how it sums up what was measured"),
    ),
    "exact": (
        Part("estimate", "number", "estimate"),
        Part("lower", "number", "lower bound"),
        Part("upper", "number", "upper bound"),
        Part("level", "number", "confidence level"),
    ),
}
#: Parts that every value of their form has; of the others some may be absent.
_REQUIRED_PARTS = {"id", "iri", "type", "label", "rank", "section", "estimate", "level"}


@dataclass(frozen=True)
class Key:
    """A key of a finding.

    ``name`` is that in JSON, ``iri`` that of the property (empty: no single property), ``label`` and ``definition`` are
    for people. With ``many`` the value is a list. ``choices`` are the values that it may have, where they are known.
    A ``required`` key is one that every finding has.
    """

    name: str
    iri: str
    label: str
    definition: str
    form: Form
    many: bool = False
    choices: tuple[str, ...] = ()
    required: bool = False

    @property
    def property_name(self) -> str:
        """Name of the property in the ontology."""
        return self.iri.removeprefix(ONTOLOGY)

    @property
    def is_reference(self) -> bool:
        """Whether its values are references to entities or sources."""
        return self.form in ("entity", "population", "source")

    def values(self, finding: dict[str, Any]) -> list[Any]:
        """Return the values in a finding as a list, also of a key that has one at most."""
        value = finding.get(self.name)
        return [] if value is None else value if self.many else [value]

    @property
    def selects(self) -> bool:
        """Whether findings can be filtered by this key: its values are terms or entities of its property."""
        return self.form in ("term", "entity", "population") and self.name != _INVERSE

    @property
    def parts(self) -> tuple[Part, ...]:
        """The parts of a value; none when it is a plain value."""
        return parts_of(self.form)


@dataclass(frozen=True)
class Column:
    """A column of a table of findings: a key, or one part of a key (``subject.label``).

    A key with a list of entities has two columns, of ids (``site``) and of labels (``site.label``), both lists.
    """

    name: str
    key: Key
    part: str
    form: Form
    many: bool
    definition: str

    def read(self, finding: dict[str, Any]) -> Any:
        """Return the value in a finding, as it stands in JSON; None where there is none."""
        value = finding.get(self.key.name)
        if self.many:
            return [one[self.part] if self.part else one for one in value or ()]
        if self.part:
            value = value.get(self.part) if value else None
        return False if value is None and self.name in _DENIALS else value


#: Keys that are false where they are absent: who denies nothing states it. Of any other, nothing is known there.
_DENIALS = {"negated"}
#: Keys that are not made of one property.
_COMPUTED = {
    0: [
        Key("id", "", "Id", "Id of the finding.", "text", required=True),
        Key("iri", "", "IRI", "Canonical IRI of the finding.", "text", required=True),
    ],
    215: [
        Key(
            "exact_interval",
            "",
            "Exact interval",
            "Exact (Clopper-Pearson) interval computed from numerator and denominator, in per cent.",
            "exact",
        )
    ],
    385: [
        Key(
            _INVERSE,
            ONTOLOGY + "involves",
            "Disagreements",
            "Disagreements, real and apparent, that the finding takes part in.",
            "entity",
            many=True,
        )
    ],
}
_LAST = 10_000
#: What the other keys of JSON answers mean. A key that is the name of a property of the ontology needs no entry.
_CONTEXT = Path(__file__).parent / "context.jsonld"


@dataclass(frozen=True)
class Schema:
    """The keys of a finding, in order."""

    keys: tuple[Key, ...]

    def get(self, name: str) -> Key | None:
        """Return the key of a name; None when there is none."""
        return self._by_name.get(name)

    def __getitem__(self, name: str) -> Key:
        """Return the key of a name; raises KeyError."""
        return self._by_name[name]

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """The columns of a table of findings, in order: only plain values, and lists of plain values."""
        return tuple(column for key in self.keys for column in _columns(key))

    @cached_property
    def json_schema(self) -> dict[str, Any]:
        """The JSON Schema (2020-12) of a finding."""
        return {
            "title": "Finding",
            "description": "One reported result, with its figures as printed, its population, evidence level and"
            " place in the source.",
            "type": "object",
            "properties": {key.name: _json_schema(key) for key in self.keys},
            "required": [key.name for key in self.keys if key.required],
            "additionalProperties": False,
        }

    @cached_property
    def context(self) -> dict[str, Any]:
        """The JSON-LD context of findings and of all that stands beside them in the answers of the REST API."""
        document: dict[str, Any] = json.loads(_CONTEXT.read_text(encoding="utf-8"))
        document["@context"] |= {key.name: entry for key in self.keys if key.iri and (entry := _context(key))}
        return document

    @cached_property
    def _by_name(self) -> dict[str, Key]:
        return {key.name: key for key in self.keys}


def read_schema(engine: Engine) -> Schema:
    """Read the keys of a finding from the ontology of a snapshot."""
    placed = [(order, key) for order, keys in _COMPUTED.items() for key in keys]
    kinds = [kind_of(row["kind"].removeprefix(ONTOLOGY)) for row in engine.select(read_query("read/kinds"))]
    placed.append((1, Key("kind", "", "Kind", "Kind of finding.", "text", choices=tuple(sorted(kinds)), required=True)))
    for name, rows in groupby(
        engine.select(read_query("read/schema")), lambda row: row["property"].removeprefix(ONTOLOGY)
    ):
        if name not in OMITTED:
            first, *rest = rows
            choices = [row["choice"].removeprefix(ONTOLOGY) for row in (first, *rest) if "choice" in row]
            placed.append((first.get("order", _LAST), _key(name, first, choices)))
    found: dict[str, Key] = {}
    for _, key in sorted(placed, key=lambda item: item[0]):
        found.setdefault(key.name, key)
    return Schema(tuple(found.values()))


def kind_of(class_name: str) -> str:
    """Return the kind that a class of findings is called by.

    >>> kind_of("AdverseEffectFinding"), kind_of("CaseEvent")
    ('adverse-effect', 'case-event')
    """
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", class_name.removesuffix("Finding")).lower()


def parts_of(form: Form) -> tuple[Part, ...]:
    """Return the parts of a value of a form; none when it is a plain value."""
    return _PARTS.get(form, ())


def shape_quantity(said: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
    """Return a quantity as JSON, from what is said of its node by the names of properties.

    >>> shape_quantity({"value": [5], "statistic": [ONTOLOGY + "mean"], "type": [ONTOLOGY + "Quantity"]})
    {'value': 5, 'statistic': 'mean'}
    """
    given = {part.name: said[part.name][0] for part in parts_of("quantity") if said.get(part.name)}
    return {name: value.removeprefix(ONTOLOGY) if isinstance(value, str) else value for name, value in given.items()}


def class_of(kind: str) -> str:
    """Return the IRI of the class of the findings of a kind.

    >>> class_of("adverse-effect").rpartition("/")[2], class_of("case-event").rpartition("/")[2]
    ('AdverseEffectFinding', 'CaseEvent')
    """
    name = "".join(word.capitalize() for word in kind.split("-"))
    return ONTOLOGY + (name if name == "CaseEvent" else f"{name}Finding")


def key_name(property_: str) -> str:
    """Return the name that a property has as a key.

    >>> key_name("sampleSize")
    'sample_size'
    """
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", property_).lower()


def _key(property_: str, row: Row, choices: list[str]) -> Key:
    name, label = key_name(property_), row["label"].removeprefix("has ")
    form = _form(row)
    return Key(
        name,
        ONTOLOGY + property_,
        label[0].upper() + label[1:],
        row.get("definition", label),
        form,
        many=not row["single"] and form != "locator",
        choices=tuple(choices) if form == "term" else (),
        required=row["required"],
    )


def _form(row: Row) -> Form:
    range_ = row.get("range", "")
    if range_.startswith(PREFIXES["xsd"]):
        return _DATATYPES.get(range_.removeprefix(PREFIXES["xsd"]), "text")
    name = range_.removeprefix(ONTOLOGY)
    if name in _CLASSES:
        return _CLASSES[name]
    return "entity" if row.get("rangeKind") == ONTOLOGY + "Entity" else "term"


def _columns(key: Key) -> Iterator[Column]:
    meaning = key.definition.rstrip(".")
    if key.many and key.parts:
        yield Column(key.name, key, "id", "text", True, f"{meaning}: id")
        yield Column(f"{key.name}.label", key, "label", "text", True, f"{meaning}: label")
    elif key.parts:
        for part in key.parts:
            yield Column(f"{key.name}.{part.name}", key, part.name, part.form, False, f"{meaning}: {part.meaning}")
    else:
        form: Form = "text" if key.form == "term" else key.form
        yield Column(key.name, key, "", form, key.many, meaning)


def _json_schema(key: Key) -> dict[str, Any]:
    described = {"title": key.label, "description": key.definition}
    value = _json_object(key.parts) if key.parts else _json_value(key.form)
    if key.choices:
        value["enum"] = list(key.choices)
    return described | ({"type": "array", "items": value} if key.many else value)


def _json_object(parts: tuple[Part, ...]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {part.name: _json_value(part.form) | {"description": part.meaning} for part in parts},
        "required": [part.name for part in parts if part.name in _REQUIRED_PARTS],
        "additionalProperties": False,
    }


def _json_value(form: Form) -> dict[str, Any]:
    return {"type": form if form in ("number", "integer", "boolean") else "string"}


def _context(key: Key) -> dict[str, str] | None:
    if key.name == _INVERSE:
        return {"@reverse": f"ckg:{key.property_name}"}
    entry = {"@id": f"ckg:{key.property_name}"} if key.name != key.property_name else {}
    if key.form == "term":
        entry["@type"] = "@vocab"
    return entry or None
