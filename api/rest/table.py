"""Lists as tables: one row an item, one column a plain value, the same columns whatever the items have."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel

from kg.export.delimited import write_rows


def items_of(model: type[BaseModel]) -> Callable[[Mapping[str, Any], str], str]:
    """Return what writes the items of a page as a table."""
    return lambda page, delimiter: write_table(model, page["items"], delimiter)


def write_table(model: type[BaseModel], items: Sequence[Mapping[str, object]], delimiter: str) -> str:
    """Write items of a model as CSV or, with a tab as delimiter, as TSV."""
    names = list(columns(model))
    cells = (dict(_cells(item)) for item in items)
    rows = ([row.get(name) for name in names] for row in cells)
    return b"".join(write_rows([names, *rows], delimiter)).decode()


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
    """Return the model of a key whose value is one."""
    if get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) in (Union, UnionType):
        annotation = next((choice for choice in get_args(annotation) if choice is not type(None)), None)
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None


def _cells(item: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    for key, value in item.items():
        name = prefix + key
        yield name, [_word(one) for one in value] if isinstance(value, list) else value
        if isinstance(value, Mapping):
            yield from _cells(value, f"{name}.")


def _word(member: object) -> object:
    if not isinstance(member, Mapping):
        return member
    return next(member[key] for key in ("id", "iri", "label", "name") if key in member)
