"""``/page``: entities for people, as lists and each on a page of its own; plain HTML that needs no script."""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from flask import Response, abort, current_app, render_template, request
from flask.blueprints import BlueprintSetupState

from api.data import schema_org
from api.data.linked_data import DATA
from api.data.resources import functions, of_kind, read_resource, resolve
from api.http.problems import Pages
from api.http.responses import HTML, respond
from api.http.serving import labels, served
from api.pages import FILTERED, check_parameters, findings, wording
from api.pages.answers import answer_in_a_sentence
from api.pages.cite import cite_entity, cite_list
from api.pages.glance import at_a_glance
from api.pages.pictures.timeline import Moment, printed, timeline
from api.pages.pooled import ORDERS, pooled_page, pooled_rows, subgroup_rows
from api.pages.pooled_files import FILES
from api.pages.summary import in_groups
from api.pages.treatment import evidence
from api.rest.explain import explain_triple
from kg.prefixes import ID, ONTOLOGY
from kg.queries import Parameter
from kg.read.disagreements import find_disagreements, read_disagreements
from kg.read.entities import CLASSES, read_overview, read_sources
from kg.read.evidence import read_events
from kg.read.facets import find_counted
from kg.read.filters import Filters, find_entity
from kg.read.filters import resolve as resolve_filters
from kg.read.findings import find_findings, read_findings
from kg.read.labels import Json
from kg.read.questions import questions
from kg.read.ranking import Ranking
from kg.read.subgroups import subgroups
from kg.read.summary import read_summary
from kg.read.synthesis import find_pooled, read_pooled, read_refusals
from kg.text import link

#: Rows by the heading of their group; a list without groups has one without a heading.
Groups = Mapping[str, list[Json]]

#: The templates of the kinds that do not share ``entity.html``.
_TEMPLATES = {
    **{
        kind: f"{kind}.html"
        for kind in ("disagreement", "finding", "function", "pooled", "question", "rating", "source", "treatment")
    },
    "study": "source.html",
}
#: The kinds without a list of findings on their pages.
_WITHOUT_FINDINGS = frozenset({"disagreement", "rating", "function", "study"})
#: The tables of the summary of findings that have rows on entities of a kind.
_SUMMARIES = {
    "disease": "prevalence",
    "subtype": "prevalence",
    "risk-factor": "risk-factors",
    "autoantibody": "risk-factors",
    "phenotype": "risk-factors",
}
#: The filters to choose from on a list of what has findings; an evidence level is one of a finding.
_FACETS = ("disease", "treatment", "outcome", "site", "kind", "study_design", "since")
#: Rows on one page of a list that grows with the findings.
ROWS = 250
_TRIPLE = ("subject", "predicate", "object")

blueprint = Pages("entity_pages", __name__)
blueprint.before_request(check_parameters)


@blueprint.record
def _add_words(state: BlueprintSetupState) -> None:
    """Give every template the words of the pages."""
    state.app.jinja_env.globals.update(wording=wording, mark=findings.mark, foreign_link=link)
    state.app.jinja_env.filters["date_words"] = printed


@blueprint.get("/page")
def kinds() -> Response:
    """List the kinds of entities, with the number of each."""
    numbers = Counter(iri.removeprefix(ID).partition("/")[0] for iri in labels().entities)
    numbers |= Counter(
        {
            "finding": find_findings(labels(), {}).total,
            "question": len(questions()),
            "function": len(functions()),
        }
    )
    return respond(HTML, lambda: render_template("kinds.html", numbers=numbers))


@blueprint.get("/page/<kind>")
def kind(kind: str) -> Response:
    """List the entities of one kind."""
    if kind not in wording.PLURALS:
        abort(404, f"there is no kind of entity {kind!r}")
    if kind == "finding":
        return findings.listing()
    start = findings.first_row()
    if kind in FILTERED:
        filters = findings.read_filters()
        resolved = resolve_filters(labels(), filters)
        return respond(HTML, lambda: _filtered(kind, start, filters, resolved))
    about = request.args.get("about")
    chosen = find_entity(labels(), about) if about else None

    def write() -> str:
        fitting = find_disagreements(labels(), {"about": chosen}).all() if chosen else None
        shown = _part(kind, start, fitting) if kind in _LONG else {"groups": _groups(kind), "total": 0}
        named = labels().reference(chosen) if chosen else None
        return render_template("kind.html", kind=kind, start=start, step=ROWS, about=named, **shown)

    return respond(HTML, write)


@blueprint.get("/page/<kind>/<slug>")
def page(kind: str, slug: str) -> Response:
    """Show an entity: what it is, and the findings on it."""
    iri, start = resolve(kind, slug), findings.first_row()

    def write() -> str:
        entity = read_resource(kind, slug)
        return render_template(
            _TEMPLATES.get(kind, "entity.html"),
            kind=kind,
            slug=slug,
            iri=iri,
            entity=entity,
            about=schema_org.entity(entity) if kind in schema_org.TERMS else None,
            formats=DATA,
            **_content(kind, iri, entity, start),
            **cite_entity(kind, slug, iri, entity),
        )

    return respond(HTML, write)


@blueprint.get("/explain")
def explain() -> Response:
    """Show where a triple was asserted, or its proof down to asserted triples."""
    given = [request.args.get(name, "") for name in _TRIPLE]
    if not all(given):
        abort(400, f"an explanation needs {', '.join(_TRIPLE)}, as in /api/v1/explain")
    return respond(HTML, lambda: render_template("explain.html", proof=explain_triple(*given)))


def _content(kind: str, iri: str, entity: Mapping[str, Any], start: int) -> dict[str, Any]:
    """Return what the page of an entity shows beside its description."""
    if kind == "finding":
        report = current_app.extensions["settings"].report.replace("{id}", quote(entity["id"], safe=""))
        return {"facts": findings.facts_of(entity), "report": report}
    if kind == "pooled":
        return pooled_page(entity, _order()) | {"files": FILES, "snapshot": served().snapshot}
    if kind == "question":
        return {"sentence": answer_in_a_sentence(entity)}
    if kind in _WITHOUT_FINDINGS:
        return {}
    if kind == "treatment":
        return evidence(iri, entity) | {"relations": _relations(iri, entity)}
    if kind == "source":
        return _findings("source", iri, start) | {"case": _case(iri)}
    name = "population" if kind == "population" else "about"
    shown = _findings(name, iri, start) | _synthesis(iri) | {"relations": _relations(iri, entity)}
    if table := _SUMMARIES.get(kind):
        shown["summary_table"] = in_groups(table, read_summary(labels(), table, iri))
    return shown


def _order() -> str:
    """Return the order of studies that the request asks for."""
    order = request.args.get("order", next(iter(ORDERS)))
    if order not in ORDERS:
        abort(400, f"there is no order {order[:80]!r}; there are {', '.join(ORDERS)}")
    return order


def _findings(name: str, iri: str, start: int) -> dict[str, Any]:
    """Return a page of the findings on an entity, in groups by their people.

    Those of a source come in its order; else those in systemic sclerosis come first, then those that stand apart, each
    with the best level first.
    """
    if name == "source":
        selected = find_findings(labels(), {"source": [iri]})
        groups: Groups = {"": read_findings(labels(), selected.part(findings.ROWS, start=start))}
        total, elsewhere = selected.total, 0
    else:
        ranking = Ranking.of(labels(), name, iri)
        rows = read_findings(labels(), ranking.part(start, findings.ROWS))
        groups = _by(rows, lambda one: wording.OTHER_PEOPLE.get(one.get("directness"), ""), sort=False)
        total, elsewhere = ranking.total, ranking.apart
    shown = {"findings": groups, "total": total, "elsewhere": elsewhere, "start": start, "step": findings.ROWS}
    return shown | ({"glance": at_a_glance(name, iri)} if total else {})


def _synthesis(iri: str) -> dict[str, Any]:
    """Return what was pooled on an entity, and what was not though several findings answer the question."""
    refusals = [
        one for one in read_refusals(labels(), iri) if "singleFinding" not in {why["id"] for why in one["reasons"]}
    ]
    pooled = read_pooled(labels(), find_pooled(labels(), iri))
    return {
        "pooled": [pooled_rows(one) for one in pooled],
        "subgroups": [subgroup_rows(one) for one in subgroups(labels(), pooled)],
        "refusals": refusals,
    }


def _relations(iri: str, entity: Mapping[str, Any]) -> Groups:
    """Return the edges of an entity by relation, outgoing before incoming."""
    edges = sorted(entity.get("edges", ()), key=lambda edge: edge["from"]["iri"] != iri)
    return _by(edges, lambda edge: edge["predicate"], sort=False)


def _case(source: str) -> dict[str, Any]:
    """Return the events of a case report: ``picture``, those with a place in the ``order``, and the ``unplaced``."""
    events: list[Any] = read_events(labels(), source)
    dated = [event for event in events if "event_date" in event]
    counts = Counter(event["event_date"] for event in dated)
    first = {event["event_date"]: event["id"] for event in reversed(dated)}
    moments = [Moment(day, count, f"#{first[day].replace('/', '-')}") for day, count in sorted(counts.items())]
    order = [event for event in events if event["placed"]]
    places = {event["iri"]: place for place, event in enumerate(order, 1)}
    for event in order:
        before = (places.get(one["iri"]) for one in event.get("follows_event", ()))
        event["follows"] = sorted(place for place in before if place)
    return {
        "picture": timeline(moments, "The dated events of the case") if moments else None,
        "order": order,
        "unplaced": [event for event in events if not event["placed"]],
    }


def _groups(kind: str) -> Groups:
    """Return the rows of a list."""
    if kind in CLASSES:
        rows = read_overview(labels(), CLASSES[kind])
        return _by(rows, lambda row: wording.class_plural(row["type"])) if kind == "treatment" else {"": rows}
    readers: dict[str, Callable[[], Groups]] = {
        "question": _questions,
        "function": lambda: {"": list(functions().values())},
    }
    return readers.get(kind, lambda: {"": of_kind(kind)})()


def _filtered(kind: str, start: int, filters: Filters, resolved: Mapping[str, Parameter]) -> str:
    """Return the page of a list of what has findings that fit filters; without filters of all of its kind."""
    by = ONTOLOGY + kind
    found = find_findings(labels(), resolved)
    fitting = set(find_counted(labels(), found, by)) if filters else None
    return render_template(
        "kind.html",
        kind=kind,
        start=start,
        step=ROWS,
        about=None,
        pairs=filters.pairs,
        facets=findings.facets_of(found, resolved, _FACETS, by),
        headings=findings.FACETS,
        **cite_list(kind, filters.pairs),
        **_part(kind, start, fitting),
    )


def _part(kind: str, start: int, fitting: Collection[str] | None) -> dict[str, Any]:
    """Return a page of a list that grows with the findings, of what fits or of all: ``groups`` and the ``total``."""
    every = [one for one in of_kind(kind) if fitting is None or one["iri"] in fitting]
    if kind in ("source", "study"):
        works = labels().works
        every.sort(key=lambda one: -works.get(one["iri"], {}).get("year", 0))
    elif kind == "disagreement":
        every.sort(key=lambda one: one["type"] != "Disagreement")
    part = every[start : start + ROWS]
    return {"groups": _LONG[kind](part), "total": len(every)}


def _disagreements(part: Sequence[Json]) -> Groups:
    rows = read_disagreements(labels(), [one["iri"] for one in part], in_short=True)
    return {
        "Disagreements": [one for one in rows if one["type"] == "Disagreement"],
        "Apparent disagreements": [one for one in rows if one["type"] != "Disagreement"],
    }


def _sources(part: Sequence[Json]) -> Groups:
    return {"": read_sources(labels(), [one["iri"] for one in part])}


def _populations(part: Sequence[Json]) -> Groups:
    return {"": [{**one, "size": labels().sizes.get(one["iri"])} for one in part]}


#: The lists that grow with the findings, and what reads a page of each.
_LONG: Mapping[str, Callable[[Sequence[Json]], Groups]] = {
    "disagreement": _disagreements,
    "population": _populations,
    "source": _sources,
    "study": _sources,
}


def _questions() -> Groups:
    rows: Iterable[Json] = (
        {"id": f"question/{one.slug}", "label": one.words, "note": one.notes["kind"], "asker": one.notes["asker"]}
        for one in questions().values()
    )
    return _by(rows, lambda row: f"Asked by {wording.with_article(row['asker'])}")


def _by(rows: Iterable[Json], heading: Callable[[Any], str], *, sort: bool = True) -> Groups:
    grouped: defaultdict[str, list[Json]] = defaultdict(list)
    for row in rows:
        grouped[heading(row)].append(row)
    return dict(sorted(grouped.items())) if sort else grouped
