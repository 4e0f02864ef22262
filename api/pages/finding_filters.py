"""What the list of findings can be narrowed down by, read from a form."""

from collections.abc import Mapping
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import NotFound

from api.data.resources import of_kind
from api.http.serving import labels
from api.pages.wording import plain
from kg.prefixes import ID, ONTOLOGY
from kg.queries import Parameter
from kg.read.labels import Json
from kg.read.models.references import DIRECTIONS, KINDS
from kg.read.schema import class_of

LEVELS = ("1", "2", "3", "4", "5")


@dataclass(frozen=True)
class Chosen:
    """The choices of a form as it was sent, by field, and the filters that they stand for."""

    values: Mapping[str, str]
    filters: Mapping[str, Parameter]
    about: Json | None = None


def chosen_filters(form: "MultiDict[str, str]") -> Chosen:
    """Read the fields about, kind, direction, source and max_level; raises NotFound for what stands for nothing."""
    values = {name: text for name in ("about", "kind", "direction", "source", "max_level") if (text := form.get(name))}
    filters: dict[str, Parameter] = {}
    about = None
    if "about" in values:
        iri = labels().find(values["about"])
        if iri is None:
            raise NotFound(f"there is no {values['about']} here")
        about, filters["about"] = labels().reference(iri), [iri]
    if "kind" in values:
        filters["kind"] = [class_of(_one_of(values["kind"], KINDS, "kind of finding"))]
    if "direction" in values:
        filters["direction"] = [ONTOLOGY + _one_of(values["direction"], DIRECTIONS, "direction")]
    if "source" in values:
        filters["source"] = [ID + _one_of(values["source"], sources(), "source")]
    if "max_level" in values:
        filters["max_level"] = int(_one_of(values["max_level"], LEVELS, "evidence level"))
    return Chosen(values, filters, about)


def choices() -> dict[str, list[tuple[str, str]]]:
    """Return what can be chosen in each field: value and words."""
    return {
        "kinds": [(kind, kind.replace("-", " ")) for kind in KINDS],
        "directions": [(direction, plain(direction)) for direction in DIRECTIONS],
        "levels": [(level, level) for level in LEVELS],
        "sources": list(sources().items()),
    }


def sources() -> dict[str, str]:
    """Return the labels of the sources by their ids."""
    return {str(one["id"]): str(one["label"]) for one in of_kind("source")}


def _one_of(text: str, choices: object, words: str) -> str:
    if text not in choices:  # type: ignore[operator]
        raise NotFound(f"there is no {words} {text!r}")
    return text
