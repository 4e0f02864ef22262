"""The filters of findings and of the graph: one list for REST, exports, the command line and the pages.

What is given (``kind=outcome``) becomes [Filters][]; ``resolve`` turns those into the IRIs of one snapshot. The keys
of a finding whose values are terms or entities are filters as well: a key of the ontology needs no entry here.
"""

import difflib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from kg.errors import FilterError
from kg.prefixes import GRAPH, ID, ONTOLOGY
from kg.queries import Parameter
from kg.read.labels import Labels, local
from kg.read.schema import Key, class_of, kind_of

#: Directions beside those of the ontology: the source denies the relation; the source gives no direction.
DENIED, NONE = "denied", "none"
#: The filter for populations of one person.
SINGLE_PATIENTS = "single_patients"
_SHOWN = 20  # choices that an error lists at most
_CLOSE = 0.7  # similarity from which on a choice may have been meant


@dataclass(frozen=True)
class Filter:
    """A filter: its name, what fits it, and what a value is called in an error.

    With ``below`` a value is an entity and the entities below it fit, too. With ``entity`` it is one entity. With
    ``limits`` it is one whole number between the two. Otherwise it is one of the choices that the snapshot has.
    """

    name: str
    meaning: str
    noun: str = ""
    example: str = ""
    below: bool = False
    entity: bool = False
    limits: tuple[int, int] | None = None


_BELOW = "Id, IRI or external identifier; entities below it count too."

#: What findings can be filtered by, beside the keys of their schema.
FINDING_FILTERS = (
    Filter("kind", "Findings of this kind.", "kind of finding", "adverse-effect"),
    Filter("subject", f"Findings with this subject. {_BELOW}", example="treatment/medical-treatment", below=True),
    Filter(
        "predicate", "Findings that state this relation; the hierarchy has subtypeOf and partOf.", "relation", "treats"
    ),
    Filter("object", f"Findings with this object. {_BELOW}", example="outcome/pain", below=True),
    Filter(
        "about",
        f"Findings with this entity as subject, object, site or disease of the population. {_BELOW}",
        example="treatment/colchicine",
        below=True,
    ),
    Filter("disease", f"Findings about this disease or subtype. {_BELOW}", example="disease/calcinosis", below=True),
    Filter("treatment", f"Findings about this treatment. {_BELOW}", example="treatment/colchicine", below=True),
    Filter("outcome", f"Findings about this outcome or complication. {_BELOW}", example="outcome/pain", below=True),
    Filter("source", "Findings of this source. Id, with or without source/, or IRI.", "source", "debulking-2021"),
    Filter(
        "population",
        "Findings in this population. Id or IRI.",
        example="population/debulking-2021-patients",
        below=True,
    ),
    Filter("site", f"Findings at this anatomical site. {_BELOW}", example="site/hand", below=True),
    Filter("measure", "Findings with this measure.", "measure", "prevalence"),
    Filter(
        "direction",
        f"Findings with this direction; {DENIED}: the source denies the relation; {NONE}: the source gives none.",
        "direction",
        "improved",
    ),
    Filter("max_level", "Findings of this evidence level or better; 1 is the best.", limits=(1, 5)),
    Filter("since", "Findings of sources of this year or later.", example="2020", limits=(1800, 2999)),
    Filter("figure", "yes: findings that carry a figure.", "value of figure", "yes"),
)
#: What a network or an export of the graph can be filtered by, beside its findings.
GRAPH_FILTERS = (
    Filter(
        "type",
        "Entities of this class or a subclass, and findings about one of them: a class, or the TYPE of an id.",
        "type of entity",
        "DrugTreatment",
    ),
    Filter(
        "center",
        "Entities within some steps of this one, along relations in either direction. Id, IRI or external identifier.",
        example="site/hand",
        entity=True,
    ),
    Filter("depth", "Number of steps from a center at most; 1 when not given.", limits=(0, 9999)),
    Filter(
        "without",
        "Everything but this entity and the findings about it. Id, IRI or external identifier.",
        example="site/hand",
        entity=True,
    ),
    Filter(
        SINGLE_PATIENTS,
        "no: without populations of one person and the findings about them; a center stays.",
        "value of single_patients",
        "no",
    ),
    Filter("graph", "Only what this named graph states; a finding is in the graph of its source.", "graph", "entities"),
)
FILTERS = FINDING_FILTERS + GRAPH_FILTERS


def finding_filters(labels: Labels) -> tuple[Filter, ...]:
    """Return what findings can be filtered by: the fixed filters, then the keys whose values are terms or entities."""
    fixed = {one.name for one in FINDING_FILTERS}
    keys = [key for key in labels.schema.keys if key.name not in fixed and key.selects]
    return (*FINDING_FILTERS, *map(_key_filter, keys))


def all_filters(labels: Labels) -> tuple[Filter, ...]:
    """Return what an export can be filtered by."""
    return (*finding_filters(labels), *GRAPH_FILTERS)


@dataclass(frozen=True)
class Filters:
    """What is asked for, as pairs of name and value, sorted. Values of one filter are alternatives."""

    pairs: tuple[tuple[str, str], ...] = ()

    @classmethod
    def read(cls, given: Iterable[tuple[str, str]], allowed: Sequence[Filter] = FILTERS) -> "Filters":
        """Read filters from pairs of name and value, such as the parameters of a request; raises FilterError.

        >>> Filters.read([("kind", "site"), ("kind", "outcome"), ("max_level", "2")]).values("kind")
        ['outcome', 'site']
        >>> Filters.read([("max_level", "9")])
        Traceback (most recent call last):
            ...
        kg.errors.FilterError: max_level is a whole number from 1 to 5, not '9'
        """
        names = {one.name: one for one in allowed}
        found: defaultdict[str, set[str]] = defaultdict(set)
        for name, value in given:
            if name not in names:
                raise FilterError(f"there is no filter {name[:80]!r}; {_suggest(name, names)}")
            found[name].add(value)
        for name, values in found.items():
            if limits := names[name].limits:
                _check_number(name, values, *limits)
        if "depth" in found and "center" not in found:
            raise FilterError("depth counts steps from a center; add a center")
        return cls(tuple((name, value) for name in sorted(found) for value in sorted(found[name])))

    def __bool__(self) -> bool:
        """Tell whether anything is filtered."""
        return bool(self.pairs)

    def values(self, name: str) -> list[str]:
        """Return what is given for a filter."""
        return [value for key, value in self.pairs if key == name]


def resolve(labels: Labels, filters: Filters) -> dict[str, Parameter]:
    """Return the IRIs, or the number, that each filter stands for; raises FilterError for a value that names nothing.

    The result of filters on findings is what ``find_findings`` takes.
    """
    allowed = all_filters(labels)
    return {one.name: _resolve(labels, one, values) for one in allowed if (values := filters.values(one.name))}


def options(labels: Labels, name: str) -> Mapping[str, str]:
    """Return the values that a filter may have, each with its IRI; none when it takes entities or a number."""
    match name:
        case "kind":
            return {kind: class_of(kind) for kind in labels.schema["kind"].choices}
        case "direction":
            return {term: ONTOLOGY + term for term in (*labels.schema["direction"].choices, DENIED, NONE)}
        case "source":
            return {one["id"].partition("/")[2]: iri for iri, one in labels.entities.items() if one["type"] == "Source"}
        case "figure":
            return {"yes": f"{ONTOLOGY}value"}
        case "single_patients":
            return {"no": f"{ONTOLOGY}sampleSize", "yes": f"{ONTOLOGY}Population"}
        case "predicate" | "reason":
            return {local(iri): iri for iri in labels.choices[name]}
        case "graph":
            return {iri.removeprefix(GRAPH): iri for iri in labels.choices["graph"]}
        case "type":
            return {local(iri): iri for iri in labels.choices["type"]} | _id_types(labels)
    key = labels.schema.get(name)
    return {term: ONTOLOGY + term for term in key.choices} if key else {}


def find_entity(labels: Labels, name: str) -> str:
    """Return the IRI of the entity that an id, an IRI or an external identifier names; raises FilterError."""
    iri = labels.find(name)
    if iri is None:
        raise FilterError(unknown_entity(labels, name))
    return iri


def find_below(labels: Labels, names: Iterable[str]) -> list[str]:
    """Return the entities that a filter on entities starts from; raises FilterError for a name of nothing."""
    found: dict[str, None] = {}
    for name in names:
        below = labels.descendants(name)
        if not below:
            raise FilterError(unknown_entity(labels, name))
        found |= dict.fromkeys(below)
    return list(found)


def choice(choices: Mapping[str, str], noun: str, value: str, iri: Callable[[str], str] = str) -> str:
    """Return the IRI of a choice, given by name or IRI; raises FilterError, which suggests what was meant."""
    found = choices.get(value) or iri(value)
    if found not in choices.values():
        raise FilterError(f"there is no {noun} {value[:80]!r}; {_suggest(value, choices)}")
    return found


# How our entities relate to an external term that is the name of none of them, by the relation of the mapping.
_RELATED = {
    "broadMatch": "narrower than it",
    "narrowMatch": "broader than it",
    "relatedMatch": "related to it",
    "closeMatch": "close to it",
    "exactMatch": "the same",
}


def unknown_entity(labels: Labels, name: str) -> str:
    """Say that a name is that of no entity, and which entities may be meant."""
    matches = labels.matches.get(labels.iri(name), {})
    near = [f"{_RELATED[kind]}: {', '.join(map(_id, matches[kind]))}" for kind in sorted(matches)]
    if not near and (below := labels.descendants(name)):
        near = [f"below it: {', '.join(map(_id, below[:_SHOWN]))}"]
    if near:
        return f"there is no entity {name[:80]!r}; {'; '.join(near)}"
    type_, slash, _ = name.partition("/")
    ids = [one["id"] for one in labels.entities.values() if slash and one["id"].startswith(type_)]
    close = difflib.get_close_matches(name[:80], ids, 3, _CLOSE)
    hint = f"did you mean {' or '.join(close)}?" if close else "ids are like treatment/colchicine or MONDO:0005100"
    return f"there is no entity {name[:80]!r}; {hint}"


def _resolve(labels: Labels, one: Filter, values: Sequence[str]) -> Parameter:
    if one.limits:
        return int(values[0])
    if one.below:
        return find_below(labels, values)
    if one.entity:
        return list(dict.fromkeys(find_entity(labels, value) for value in values))
    choices = options(labels, one.name)
    return list(dict.fromkeys(choice(choices, one.noun, value, labels.iri) for value in values))


def _key_filter(key: Key) -> Filter:
    meaning = f"Findings with this {key.label.lower()}."
    if key.form == "term":
        return Filter(key.name, meaning, key.label.lower(), key.choices[0] if key.choices else "")
    return Filter(key.name, f"{meaning} {_BELOW}", below=True)


def _id_types(labels: Labels) -> dict[str, str]:
    """Return the class that each TYPE of an id stands for: the one with the shortest name that ends in it.

    So ``site`` is AnatomicalSite, and ``treatment`` is Treatment rather than DrugTreatment.
    """
    classes = {f"-{kind_of(local(iri))}": iri for iri in labels.choices["type"]}
    types = {one["id"].partition("/")[0] for one in labels.entities.values()}
    fitting = {type_: [name for name in classes if name.endswith(f"-{type_}")] for type_ in types}
    return {type_: classes[min(names, key=len)] for type_, names in sorted(fitting.items()) if names}


def _suggest(value: str, choices: Iterable[str]) -> str:
    names = list(choices)
    if close := difflib.get_close_matches(value[:80], names, 3, _CLOSE):
        return f"did you mean {' or '.join(close)}?"
    return f"there are {', '.join(names[:_SHOWN])}{' and more' if len(names) > _SHOWN else ''}"


def _check_number(name: str, values: Iterable[str], lowest: int, highest: int) -> None:
    text, *more = values
    if more or not (text.isascii() and text.isdigit() and len(text) < 5) or not lowest <= int(text) <= highest:
        given = " and ".join(repr(one[:20]) for one in (text, *more))
        raise FilterError(f"{name} is a whole number from {lowest} to {highest}, not {given}")


def _id(iri: str) -> str:
    return iri.removeprefix(ID)
