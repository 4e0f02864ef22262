"""The columns of the table of findings: those of the REST API (``subject.label``), with labels beside ids in lists."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import UnionType
from typing import TYPE_CHECKING, Literal, Union, get_args, get_origin

from kg.prefixes import ONTOLOGY
from kg.queries import read_query
from kg.read.labels import Json, Labels

if TYPE_CHECKING:
    from pydantic import BaseModel

Kind = Literal["text", "whole", "decimal", "truth", "list"]
Cell = str | int | float | bool | list[str] | None

_PARTS = {
    "id": "id",
    "iri": "canonical IRI",
    "type": "class",
    "label": "name",
    "size": "number of people",
    "year": "year",
    "doi": "DOI",
    "pmid": "PubMed id",
    "url": "address",
    "rank": "rank, 1 is the best",
    "value": "figure",
    "lower": "lower bound",
    "upper": "upper bound",
    "estimate": "estimate",
    "level": "confidence level",
    "section": "section, as the source names it",
    "words": "number of words of the passage",
    "sha256": "SHA-256 of the normalised words of the passage",
}
_OWN = {
    "id": "id of the finding",
    "iri": "canonical IRI of the finding",
    "kind": "kind of finding",
    "baseline": "figure before treatment",
    "exact_interval": "exact (Clopper-Pearson) interval, computed of numerator and denominator, in per cent",
    "disagreements": "disagreements, real and apparent, that it takes part in",
}


@dataclass(frozen=True)
class Column:
    """A column: where its values stand in a finding (a key, or a key and a part of it), and of which kind they are."""

    name: str
    key: str
    part: str
    kind: Kind

    def read(self, finding: Json) -> Cell:
        """Return the value that a finding has here; None where it has none. What is not negated is false."""
        value = finding.get(self.key)
        if isinstance(value, list):
            return [str(one[self.part or "id"]) for one in value]
        if self.part:
            value = value.get(self.part) if isinstance(value, Mapping) else None
        if self.kind == "truth":
            return value is True
        return value


@cache
def columns() -> tuple[Column, ...]:
    """Return the columns, in the order of the keys of a finding."""
    return tuple(_columns())


def read_meanings(labels: Labels) -> dict[str, str]:
    """Return what each column means, in the words of the ontology."""
    from kg.read.models import Finding

    defined = {
        row["term"]: row["definition"]
        for row in labels.engine.select(read_query("read/definitions"))
        if "definition" in row
    }
    told = {}
    for column in columns():
        described = Finding.model_fields[column.key].description
        words = _OWN.get(column.key) or defined.get(ONTOLOGY + _property(column.key)) or described or column.key
        told[column.name] = f"{words.rstrip('.')}: {_PARTS[column.part]}" if column.part else words.rstrip(".")
    return told


def _columns() -> Iterator[Column]:
    from kg.read.models import Finding

    for key, field in Finding.model_fields.items():
        kind, part = _kind_of(field.annotation)
        if part is None:
            yield Column(key, key, "", kind)
        elif kind == "list":
            yield Column(key, key, "", kind)
            yield Column(f"{key}.label", key, "label", kind)
        else:
            for name, inner in part.model_fields.items():
                yield Column(f"{key}.{name}", key, name, _kind_of(inner.annotation)[0])


def _kind_of(annotation: object) -> tuple[Kind, "type[BaseModel] | None"]:
    """Return the kind of the values of a key, and of what model it holds one or several, if any."""
    from pydantic import BaseModel

    if get_origin(annotation) is list:
        return "list", get_args(annotation)[0]
    choices = get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)
    if bool in choices:
        return "truth", None
    if float in choices:
        return "decimal", None
    if int in choices:
        return "whole", None
    model = next((one for one in choices if isinstance(one, type) and issubclass(one, BaseModel)), None)
    return "text", model


def _property(key: str) -> str:
    """Return the name that a key has in the ontology.

    >>> _property("sample_size")
    'sampleSize'
    """
    first, *rest = key.split("_")
    return first + "".join(word.capitalize() for word in rest)
