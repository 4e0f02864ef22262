"""Lists as tables: one row an item, one column a plain value, the same columns whatever the items have."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from types import UnionType
from typing import Annotated, Union, get_args, get_origin

from pydantic import BaseModel

from kg.read.labels import Json

#: Between the members of a list in one cell.
SEPARATOR = "; "


def items_of(model: type[BaseModel]) -> Callable[[Json, str], str]:
    """Return what writes the items of a page as a table."""

    def write(body: Json, delimiter: str) -> str:
        items = body["items"]
        assert isinstance(items, list)
        return write_table(model, items, delimiter)

    return write


def write_table(model: type[BaseModel], items: Sequence[Mapping[str, object]], delimiter: str) -> str:
    """Write items of a model as CSV (RFC 4180) or, with a tabulator, as TSV."""
    names = list(columns(model))
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=delimiter, lineterminator="\r\n" if delimiter == "," else "\n")
    writer.writerow(names)
    for item in items:
        cells = dict(_cells(item))
        writer.writerow([cells.get(name, "") for name in names])
    return buffer.getvalue()


def columns(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """Yield the columns of a model; those of a part are named ``part.column``, a list of parts has one, its ids."""
    for key, field in model.model_fields.items():
        name = prefix + (field.alias or key)
        part = _part(field.annotation)
        if part is None:
            yield name
        else:
            yield from columns(part, f"{name}.")


def _part(annotation: object) -> type[BaseModel] | None:
    """Return the model that a key holds one of."""
    if get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) in (Union, UnionType):
        annotation = next((choice for choice in get_args(annotation) if choice is not type(None)), None)
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None


def _cells(item: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    for key, value in item.items():
        name = prefix + key
        if isinstance(value, Mapping):
            yield from _cells(value, f"{name}.")
            yield name, SEPARATOR.join(f"{part}: {number}" for part, number in value.items())
        elif isinstance(value, list):
            yield name, SEPARATOR.join(_word(member) for member in value)
        elif isinstance(value, bool):
            yield name, str(value).lower()
        else:
            yield name, value


def _word(member: object) -> str:
    if not isinstance(member, Mapping):
        return str(member)
    return str(next(member[key] for key in ("id", "iri", "label", "name") if key in member))
