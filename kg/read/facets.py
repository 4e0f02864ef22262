"""Facets of findings: the values of each filter that some findings have, with the number of findings they leave."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Set
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
#: The filter for an entity, by the type in its id; ``about`` is that of all others.
KIND_FILTERS = {kind: name for name, (_, kinds) in _ENTITIES.items() for kind in kinds}
#: The levels of findings: that of the design, which is filtered by, and that of a result, which aims do not have.
_LEVELS = {"max_level": f"{ONTOLOGY}evidenceLevel", "result_level": f"{ONTOLOGY}resultLevel"}
_SOURCE, _FIGURE = f"{ONTOLOGY}source", f"{ONTOLOGY}value"
#: The filters whose values are terms, each with its property. A direction is none: a source may deny it.
_TERMS = {"kind": expand("rdf:type"), "verdict": f"{ONTOLOGY}verdict", "study_design": f"{ONTOLOGY}studyDesign"}
#: What the values of each filter are counted by; a figure has a query of its own.
_PROPERTIES = {
    **{name: ONTOLOGY + property_ for name, (property_, _) in _ENTITIES.items()},
    **_TERMS,
    **_LEVELS,
    "since": _SOURCE,
}
#: The properties whose values are also what is above the entities that findings name.
_ABOVE = {f"{ONTOLOGY}about", f"{ONTOLOGY}atSite"}
#: Years from which on sources are counted.
_YEARS = (2020, 2010, 2000, 1990)


@dataclass(frozen=True)
class Value:
    """A value of a filter, and how many findings, or what else is counted, it leaves."""

    value: str
    number: int


Facets = Mapping[str, list[Value]]
#: Numbers by property and value.
Counts = Mapping[str, Mapping[str, int]]


def read_facets(
    labels: Labels, listing: Listing, filters: Mapping[str, Parameter], names: Collection[str], by: str = ""
) -> Facets:
    """Return the values of each of some filters that some of the findings of a list have, the most frequent first.

    ``filters`` are those that the list was found by. An entity counts with those below it, levels and years with all
    that are better or later; an entity that no finding names itself is left out. ``by`` is a property of findings
    whose different values are counted in place of findings: then levels and figures cannot be counted.
    """
    properties = {_PROPERTIES[name] for name in names if name in _PROPERTIES}
    counts = _read_tallies(labels, filters, properties, by) or _count(labels, listing, properties, by)

    def count(name: str) -> list[Value]:
        among = counts.get(_PROPERTIES.get(name, _FIGURE), {})
        match name:
            case _ if name in _LEVELS:
                ranks = {labels.ranks[iri]: number for iri, number in among.items()}
                return [Value(str(rank), sum(ranks[one] for one in ranks if one <= rank)) for rank in sorted(ranks)]
            case "since":
                years = [(labels.works.get(iri, {}).get("year", 0), number) for iri, number in among.items()]
                later = ((since, sum(number for year, number in years if year >= since)) for since in _YEARS)
                return [Value(str(since), number) for since, number in later if number]
            case "figure" if not among:
                fitting = {value: {**filters, name: [iri]} for value, iri in options(labels, name).items()}
                totals = ((value, find_findings(labels, one).total) for value, one in fitting.items())
                return [Value(value, total) for value, total in totals if total]
            case _ if name in _ENTITIES:
                ids = ((iri.removeprefix(ID), number) for iri, number in among.items())
                values = [Value(id_, number) for id_, number in ids if id_.partition("/")[0] in _ENTITIES[name][1]]
            case _:
                values = [Value(value, among[iri]) for value, iri in options(labels, name).items() if iri in among]
        return sorted(values, key=lambda one: (-one.number, one.value))

    return {name: count(name) for name in names}


def count_sources(labels: Labels, listing: Listing, filters: Mapping[str, Parameter]) -> int:
    """Return the number of sources of the findings of a list, which was found by some filters."""
    among = _tallied(filters)
    tally = labels.select("read/source-tally", among=among) if among else ()
    return tally[0]["number"] if tally else len(find_counted(labels, listing, _SOURCE))


def _tallied(filters: Mapping[str, Parameter]) -> str | None:
    """Return among what the build may have tallied what filters select: all findings, or those about an entity."""
    match list(filters.items()):
        case []:
            return f"{ONTOLOGY}Finding"
        case [("about" | "disease" | "treatment" | "outcome", [str(entity)])]:
            return entity
    return None


def _read_tallies(labels: Labels, filters: Mapping[str, Parameter], properties: Set[str], by: str) -> Counts:
    """Return what the build counted of a list, by property and value; nothing of most lists."""
    counts: defaultdict[str, dict[str, int]] = defaultdict(dict)
    if among := _tallied(filters):
        counted = f"{by or f'{ONTOLOGY}finding'}Count"
        asked: dict[str, Parameter] = {"property": sorted({*properties, _FIGURE}), "counted": counted}
        for row in labels.select("read/value-tallies", among=among, **asked):
            counts[row["property"]][row.get("value") or row["property"]] = row["number"]
    return counts


def _count(labels: Labels, listing: Listing, properties: Set[str], by: str) -> Counts:
    """Return how many findings of a list, or what else is counted, have each value of some properties."""
    if about := properties & _ABOVE:
        keys = {row["key"] for row in labels.select("read/naming-keys")}
        diseases = labels.engine.select(listing.restrict(read_query("read/named-diseases")))
        if by:
            counts, naming = _read_counts(labels, listing, properties, by), _read_counts(labels, listing, keys)
        else:
            counts = naming = _read_counts(labels, listing, {*properties, *keys})
        named = {row["disease"] for row in diseases}.union(*(naming.get(key, ()) for key in keys))
        own = {name: {iri: number for iri, number in counts.get(name, {}).items() if iri in named} for name in about}
        return {**counts, **own}
    return _read_counts(labels, listing, properties, by)


def _read_counts(labels: Labels, listing: Listing, properties: Set[str], by: str = "") -> Counts:
    asked: dict[str, Parameter] = {"property": sorted(properties)}
    text = read_query("read/facets-of", **asked, by=by) if by else read_query("read/facets", **asked)
    counts: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for row in labels.engine.select(listing.restrict(text)):
        counts[row["property"]][row["value"]] = row["number"]
    return counts


def find_counted(labels: Labels, listing: Listing, by: str) -> list[str]:
    """Return the different values of a property of the findings of a list, such as their sources."""
    rows = labels.engine.select(listing.restrict(read_query("read/counted", by=by)))
    return [row["counted"] for row in rows]


def find_broader(labels: Labels, entities: Parameter) -> list[str]:
    """Return the IRIs of all that some entities are kinds or parts of."""
    return [row["broader"] for row in labels.select("read/broader", entity=entities)]


def find_nearest(labels: Labels, filters: Mapping[str, Parameter]) -> list[tuple[str, Value]]:
    """Return, where nothing fits, the next broader values of each filter with which something does.

    Of each filter on an entity it is the broader entity that leaves the fewest findings.
    """
    nearest = []
    for name in (name for name in _ENTITIES if name in filters):
        broader = find_broader(labels, filters[name])
        counted = ((find_findings(labels, {**filters, name: [iri]}).total, iri) for iri in broader)
        if found := min(((number, iri) for number, iri in counted if number), default=None):
            nearest.append((name, Value(found[1].removeprefix(ID), found[0])))
    return nearest
