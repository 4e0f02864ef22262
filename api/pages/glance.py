"""What the findings on an entity are about, at a glance: their numbers, and what most of them name."""

from collections.abc import Mapping
from urllib.parse import urlencode

from flask import url_for

from api.http.serving import labels
from api.pages import wording
from api.pages.findings import FACETS
from kg.prefixes import ID
from kg.read.facets import count_sources, find_broader, read_facets
from kg.read.findings import find_findings
from kg.read.labels import Json

#: The filters whose most frequent values are shown.
_GROUPS = ("treatment", "outcome", "disease", "site")
_VALUES = 4
#: The rank of the evidence level that is opinion.
_OPINION = "5"


def at_a_glance(name: str, iri: str) -> Json:
    """Return the ``filter`` and ``value`` that select the findings on an entity, their ``counts`` and ``groups``.

    ``name`` is the filter: ``about``, ``population`` or ``source``. A count is its words, the number, and the address
    of a list of what it counts, if there is one. A group is its filter, heading, number of values, and the
    first of these with their words and numbers of findings; the entity itself and what is above it are left out.
    """
    own, given = iri.removeprefix(ID), {name: [iri]}
    found = find_findings(labels(), given)
    facets = read_facets(labels(), found, given, (*_GROUPS, "figure", "max_level", "result_level"))
    levels = facets["max_level"]
    proven = max((one.number for one in levels if one.value != _OPINION), default=0)
    printed = sum(one.number for one in facets["figure"])
    counts = [
        ("findings", found.total, ""),
        ("with a figure", printed, _address("finding", {name: own, "figure": "yes"})),
        ("opinion", found.total - proven, ""),
        ("sources", count_sources(labels(), found, given), _address("source", {name: own})),
        ("best level", facets["result_level"][0].value if facets["result_level"] else "", ""),
    ]
    above = {one.removeprefix(ID) for one in (iri, *find_broader(labels(), [iri]))}
    groups = {group: [one for one in facets[group] if one.value not in above] for group in _GROUPS}
    return {
        "filter": name,
        "value": own,
        "counts": [one for one in counts if one[1] and not (name == "source" and one[0] == "sources")],
        "groups": [
            (
                group,
                FACETS[group],
                len(values),
                [(one.value, wording.filter_value(group, one.value), one.number) for one in values[:_VALUES]],
            )
            for group, values in groups.items()
            if values
        ],
    }


def _address(kind: str, filters: Mapping[str, str]) -> str:
    """Return the address of a filtered list."""
    return f"{url_for('entity_pages.kind', kind=kind)}?{urlencode(filters)}"
