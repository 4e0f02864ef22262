"""What a list of findings says, in brief: how many there are, of which level, and what they found of treatments."""

from collections import Counter
from collections.abc import Iterable, Mapping

from api.http.serving import labels
from api.pages import wording
from kg.prefixes import ONTOLOGY
from kg.queries import Parameter
from kg.read.combination import Choice, read_nearest
from kg.read.facets import read_facets
from kg.read.filters import Filters
from kg.read.findings import APART, find_findings
from kg.read.labels import Json
from kg.read.listing import Listing


def in_brief(found: Listing, filters: Filters, resolved: Mapping[str, Parameter]) -> Json | None:
    """Return what there is in a list of findings; None where no filter says what they are about.

    ``total`` counts all of them, ``apart`` those in people with other diseases or in mixed groups; no other number has
    these. ``nearest`` are the nearest filters with a favourable result, where none is apart and none is a result of a
    treatment.
    """
    if not resolved.keys() & set(wording.ABOUT) or "verdict" in resolved or not found.total:
        return None
    numbers = _numbers(found, resolved, ("source", "result_level", "verdict"))
    favourable = {**resolved, "verdict": [f"{ONTOLOGY}favourable"]}
    treated = _numbers(find_findings(labels(), favourable), favourable, ("treatment",))["treatment"]
    verdicts = {name: numbers["verdict"][name] for name in wording.SETTLED if numbers["verdict"][name]}
    apart = 0 if "directness" in resolved else find_findings(labels(), _apart(resolved)).total
    return {
        "total": found.total,
        "apart": apart,
        "sources": len(numbers["source"]),
        "level": min(map(int, numbers["result_level"]), default=None),
        "verdicts": verdicts,
        "treated": [
            (value, wording.filter_value("treatment", value), number) for value, number in treated.most_common()
        ],
        "nearest": [] if verdicts or apart else _nearest_result(filters),
    }


def _nearest_result(filters: Filters) -> list[Choice]:
    """Return the nearest filters by which some finding is favourable; not all that are."""
    favourable = Filters((*filters.pairs, ("verdict", "favourable")))
    return [
        one
        for one in read_nearest(labels(), favourable)
        if len(one.filters.pairs) > 1 and one.filters.values("verdict")
    ]


def _numbers(found: Listing, filters: Mapping[str, Parameter], names: Iterable[str]) -> dict[str, Counter[str]]:
    """Return the values of facets with the numbers of findings that do not stand apart."""
    every = _counted(found, filters, names)
    if "directness" in filters:
        return every
    apart = _counted(find_findings(labels(), _apart(filters)), _apart(filters), names)
    return {name: every[name] - apart[name] for name in every}


def _counted(found: Listing, filters: Mapping[str, Parameter], names: Iterable[str]) -> dict[str, Counter[str]]:
    facets = read_facets(labels(), found, filters, list(names))
    return {name: Counter({one.value: one.number for one in values}) for name, values in facets.items()}


def _apart(filters: Mapping[str, Parameter]) -> dict[str, Parameter]:
    return {**filters, "directness": [ONTOLOGY + name for name in APART]}
