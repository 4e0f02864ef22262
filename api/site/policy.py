"""What of the application the twin has, and what only a running service does."""

from collections.abc import Mapping

from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter, RequestRedirect

#: The extensions of the data of a thing that are written: the others say the same.
DATA = frozenset({"ttl", "jsonld", "json"})

#: The exports of what lies around one thing that are written: one for every thing in each format would be too many.
AROUND = frozenset({"csv"})

#: Routes that are asked, each with the parameters that an address may have: what has others would be without end.
TAKEN: Mapping[str, frozenset[str]] = {
    "downloads.dataset": frozenset(),
    "downloads.page": frozenset(),
    "entity_pages.explain": frozenset({"object", "predicate", "subject"}),
    "entity_pages.kind": frozenset({"about", "start"}),
    "entity_pages.kinds": frozenset(),
    "entity_pages.page": frozenset({"start"}),
    "evidence_pages.evidence_map": frozenset({"aspect", "by", "treatment"}),
    "explorer.page": frozenset({"max_level"}),
    "explorer.picture": frozenset({"max_level"}),
    "exports.export": frozenset(),
    "exports.exports": frozenset(),
    "exports.resolve": frozenset(),
    "linked_data.data": frozenset(),
    "linked_data.function": frozenset(),
    "linked_data.identify": frozenset(),
    "linked_data.question": frozenset(),
    "linked_data.questions": frozenset(),
    "ontology.context": frozenset(),
    "ontology.fixed": frozenset(),
    "ontology.term": frozenset(),
    "ontology.whole": frozenset(),
    "pages.about": frozenset(),
    "pages.search": frozenset(),
    "pages.start": frozenset(),
    "problems.explain": frozenset(),
    "releases.changes": frozenset({"format"}),
    "releases.releases": frozenset({"format"}),
    "rest.evidence_map": frozenset({"by"}),
    "rest.findings": frozenset({"about", "format", "limit"}),
    "rest.gaps": frozenset({"by", "format", "limit"}),
    "sparql.answer": frozenset(),
    "well_known.void": frozenset(),
}


def takes(routes: MapAdapter, address: str) -> bool:
    """Tell whether the twin has what is at an address."""
    path, _, query = address.partition("?")
    try:
        endpoint, arguments = routes.match(f"/{path}", method="GET")
    except RequestRedirect:
        return False
    except HTTPException:
        return False
    if endpoint == "linked_data.data" and str(arguments["name"]).partition(".")[2] not in DATA:
        return False
    if endpoint == "exports.export" and arguments["name"] in AROUND and query.partition("=")[0] == "center":
        return "&" not in query
    allowed = TAKEN.get(endpoint)
    return allowed is not None and {pair.partition("=")[0] for pair in query.split("&") if pair} <= allowed
