"""Facets of findings: the values of each filter that some findings have, with the number of findings they leave."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from kg.prefixes import ID, ONTOLOGY, expand
from kg.queries import Parameter, read_query
from kg.read.filters import options
from kg.read.findings import find_findings
from kg.read.labels import Labels
from kg.read.listing import Listing

#: The filters whose values are entities: the property, and the types in the ids of the entities.
_ENTITIES = {
    "disease": ("about", ("disease", "subtype")),
    "treatment": ("about", ("treatment",)),
    "outcome": ("about", ("outcome", "complication", "adverse-effect")),
    "site": ("atSite", ("site",)),
    "population": ("population", ("population",)),
    "source": ("source", ("source",)),
}
#: The filters whose values are terms, each with its property. A direction is none: a source may deny it.
_TERMS = {"kind": expand("rdf:type"), "verdict": f"{ONTOLOGY}verdict", "study_design": f"{ONTOLOGY}studyDesign"}
_LEVEL, _SOURCE = f"{ONTOLOGY}evidenceLevel", f"{ONTOLOGY}source"
#: Years from which on sources are counted.
_YEARS = (2020, 2010, 2000, 1990)


@dataclass(frozen=True)
class Value:
    """A value of a filter, and how many findings it leaves."""

    value: str
    findings: int


Facets = Mapping[str, list[Value]]


def read_facets(labels: Labels, listing: Listing, filters: Mapping[str, Parameter]) -> Facets:
    """Return the values of each filter that some of the findings of a list have, the most frequent first.

    ``filters`` are those that the list was found by. Levels and years are counted with all that are better or later.
    """
    properties = {ONTOLOGY + name for name, _ in _ENTITIES.values()} | {*_TERMS.values(), _LEVEL}
    text = listing.restrict(read_query("read/facets", property=sorted(properties)))
    rows = [(row["property"], row["value"], row["findings"]) for row in labels.engine.select(text)]
    ranks: Counter[int] = Counter()
    years: Counter[int] = Counter()
    for property_, value, findings in rows:
        if property_ == _LEVEL:
            ranks[labels.ranks[value]] += findings
        elif property_ == _SOURCE and "year" in labels.works.get(value, {}):
            years[labels.works[value]["year"]] += findings

    def of(property_: str, name: Callable[[str], str | None]) -> list[Value]:
        found = [(name(value), findings) for key, value, findings in rows if key == property_]
        values = [Value(value, findings) for value, findings in found if value]
        return sorted(values, key=lambda one: (-one.findings, one.value))

    def id_of(types: tuple[str, ...]) -> Callable[[str], str | None]:
        return lambda iri: id_ if (id_ := iri.removeprefix(ID)).partition("/")[0] in types else None

    facets = {name: of(ONTOLOGY + property_, id_of(types)) for name, (property_, types) in _ENTITIES.items()}
    for name, property_ in _TERMS.items():
        names = {iri: value for value, iri in options(labels, name).items()}
        facets[name] = of(property_, names.get)
    facets["max_level"] = [Value(str(rank), sum(ranks[one] for one in ranks if one <= rank)) for rank in sorted(ranks)]
    facets["since"] = [
        Value(str(since), number) for since in _YEARS if (number := sum(years[one] for one in years if one >= since))
    ]
    facets["figure"] = [
        Value(value, printed)
        for value, iri in options(labels, "figure").items()
        if (printed := find_findings(labels, {**filters, "figure": [iri]}).total)
    ]
    return facets


def find_nearest(labels: Labels, filters: Mapping[str, Parameter]) -> list[tuple[str, Value]]:
    """Return, where nothing fits, the next broader values of each filter with which something does.

    Of each filter on an entity it is the broader entity that leaves the fewest findings.
    """
    nearest = []
    for name in (name for name in _ENTITIES if name in filters):
        broader = [row["broader"] for row in labels.select("read/broader", entity=filters[name])]
        counted = ((find_findings(labels, {**filters, name: [iri]}).total, iri) for iri in broader)
        if found := min(((number, iri) for number, iri in counted if number), default=None):
            nearest.append((name, Value(found[1].removeprefix(ID), found[0])))
    return nearest
