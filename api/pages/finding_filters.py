"""The form that filters the list of findings."""

from collections.abc import Iterable
from dataclasses import dataclass

from api.http.serving import labels
from api.pages.wording import plain
from kg.queries import Parameter
from kg.read.filters import Filters, finding_filters, options, resolve
from kg.read.labels import Json


@dataclass(frozen=True)
class Chosen:
    """The filters given, the IRIs that they stand for, and the entity that the findings are about."""

    filters: Filters
    resolved: dict[str, Parameter]
    about: Json | None


def chosen_filters(given: Iterable[tuple[str, str]]) -> Chosen:
    """Read the fields of the form, of which empty ones filter nothing; raises FilterError."""
    filters = Filters.read(((name, text) for name, text in given if text), finding_filters(labels()))
    resolved = resolve(labels(), filters)
    about = resolved.get("about")
    return Chosen(filters, resolved, labels().reference(about[0]) if isinstance(about, list) else None)


def choices() -> dict[str, list[tuple[str, str]]]:
    """Return what can be chosen in each field: value and words."""
    return {
        "kind": [(kind, kind.replace("-", " ")) for kind in options(labels(), "kind")],
        "direction": [(direction, plain(direction)) for direction in options(labels(), "direction")],
        "max_level": [(str(level), str(level)) for level in range(1, 6)],
        "source": [(slug, labels().entities[iri]["label"]) for slug, iri in options(labels(), "source").items()],
    }
