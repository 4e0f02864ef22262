"""Pages for people."""

from collections.abc import Mapping, Sequence

from flask import abort, request

#: The parameters that each page takes. The lists of ``FILTERED`` take the filters of findings instead.
PARAMETERS = {
    "entity_pages.explain": ("subject", "predicate", "object"),
    "entity_pages.kind": (),
    "entity_pages.kinds": (),
    "entity_pages.page": ("start",),
    "evidence_pages.compare": ("treatment", "outcome"),
    "evidence_pages.evidence_map": ("by", "treatment", "aspect", "start"),
    "methods_pages.glossary": (),
    "methods_pages.methods": (),
    "pages.about": (),
    "pages.search": ("q",),
    "pages.settings": ("format",),
    "pages.start": (),
    "summary_pages.embed": (),
    "summary_pages.index": (),
    "summary_pages.table": (),
    "summary_pages.table_csv": (),
    "summary_pages.table_fhir": (),
    "summary_pages.table_xlsx": (),
}
#: And those of a page of one kind of entity.
OF_KIND: Mapping[str, Sequence[str]] = {"pooled": ("order",)}
#: And those of a list of one kind, if it has pages.
OF_LIST: Mapping[str, Sequence[str]] = {"disagreement": ("about", "start"), "study": ("start",)}
#: The kinds whose lists take the filters of findings, and ``start``.
FILTERED = frozenset({"finding", "population", "source"})


def check_parameters() -> None:
    """Refuse a request for a page with an unknown parameter."""
    kind = (request.view_args or {}).get("kind", "")
    if request.endpoint not in PARAMETERS or (request.endpoint == "entity_pages.kind" and kind in FILTERED):
        return
    of_kind = {"entity_pages.page": OF_KIND, "entity_pages.kind": OF_LIST}.get(request.endpoint)
    known = of_kind.get(kind, PARAMETERS[request.endpoint]) if of_kind else PARAMETERS[request.endpoint]
    for name in request.args:
        if name not in known:
            abort(400, f"there is no parameter {name[:80]!r}; this page takes {', '.join(known) or 'none'}")
