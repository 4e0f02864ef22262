"""The tools: each takes names as the API does, and returns its answer as text and in a shape."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Annotated, Any

from markupsafe import Markup
from pydantic import Field
from werkzeug.exceptions import NotFound

from api.http.serving import begin, labels
from api.mcp import reading, shapes
from api.pages.answers import answer_in_a_sentence
from api.pages.wording import plain
from api.rest.search import read_combination, search
from kg.engine import FORMATS, GRAPHS, Query
from kg.errors import FilterError, SizeLimitError
from kg.prefixes import ID
from kg.read.combination import Choice, read_nearest
from kg.read.compare import compare
from kg.read.disagreements import find_disagreements, read_disagreements
from kg.read.entities import read_sources
from kg.read.evidence_map import ASPECTS, classes, find_gaps
from kg.read.filters import Filters, find_below, find_entity, finding_filters, resolve
from kg.read.findings import find_findings, read_findings
from kg.read.labels import Json
from kg.read.questions import questions, read_question, read_question_reference
from kg.read.ranking import Ranking
from kg.read.summary import read_summary
from kg.read.synthesis import find_pooled, read_pooled

#: What a tool returns: the answer as text, and in a shape.
Told = tuple[str, shapes.Shape]

#: Bytes of an answer of SPARQL that is read.
_MOST_BYTES = 2**20
#: Studies of a pooled result, findings of a side or a cell, rows on a treatment.
_STUDIES, _SIDE, _CELL, _ROWS = 20, 3, 3, 40
_NOT_STUDIED = "No finding in these sources: the sources that were read do not report it; others may have studied it."
_PER_GRADE = "Levels: 1 is the best, 5 is opinion. No certainty is graded here."

Value = str | int
Entity = Annotated[
    str,
    Field(description="id, IRI or external identifier, such as treatment/colchicine; `find` has it", max_length=300),
]
Limit = Annotated[int, Field(ge=1, le=50, description="Most items in the answer")]
Start = Annotated[int, Field(ge=0, le=100_000, description="Number of items to pass over, for the next part")]


def find(
    text: Annotated[str, Field(description="Names of treatments, outcomes, sites and the like", max_length=200)],
    limit: Limit = 10,
) -> Told:
    """Find entities by name, synonym or identifier, and how many findings are about all that the text names."""
    results = search(text, [], limit, 0)
    hits = [reading.named({"id": hit.id, "iri": hit.iri, "label": hit.label, "type": hit.type}) for hit in results.hits]
    answer = shapes.Hits(total=results.total, hits=hits)
    lines = [f"{results.total} entities are called so." if hits else f"Nothing is called {text!r}."]
    lines += [f"- {hit.label} ({plain(hit.type)}): {hit.id} <{hit.iri}>" for hit in hits]
    if found := read_combination(text, 2 if results.total else 1):
        answer.findings, answer.filters = found.choice.findings, dict(found.choice.filters.pairs)
        answer.nearest = _choices(found.nearest)
        lines.append(
            f"About all of it: {reading.count(answer.findings, 'finding')}, by list_findings with {answer.filters}."
        )
        lines += _nearest(answer.nearest) if not found.choice.findings else []
    return "\n".join(lines), answer


def tell_evidence(entity: Entity, limit: Limit = 10, start: Start = 0) -> Told:
    """Tell the evidence on a treatment, outcome, complication, site, disease or the like, the best findings first."""
    iri = find_entity(labels(), entity)
    ranking = Ranking.of(labels(), "population" if iri.startswith(f"{ID}population/") else "about", iri)
    own = reading.named(labels().reference(iri))
    rows = read_summary(labels(), "treatment", iri) if iri.startswith(f"{ID}treatment/") else []
    told = reading.rows(rows[:_ROWS]) if not start else []
    found = [reading.finding(one) for one in read_findings(labels(), ranking.part(start, limit))]
    answer = shapes.Evidence(
        entity=own, total=ranking.total, apart=ranking.apart, rows=told, row_count=len(rows), findings=found
    )
    if not ranking.total:
        return f"{own.label} <{own.iri}>: {_NOT_STUDIED}", answer
    lines = [
        f"{own.label} <{own.iri}>: {ranking.total} findings, {ranking.apart} of them not in systemic sclerosis alone."
    ]
    lines += map(reading.row_line, told)
    lines += [f"{len(rows) - len(told)} more questions are not listed."] if not start and len(rows) > len(told) else []
    lines += [f"Findings {start + 1} to {start + len(found)}, the best evidence levels first:"] if found else []
    return "\n".join([*lines, *map(reading.line, found), _PER_GRADE]), answer


def list_findings(
    filters: Annotated[
        dict[str, Value | list[Value]],
        Field(
            description="Such as treatment, outcome, site, population, source, kind, verdict, max_level, since, figure"
        ),
    ],
    limit: Limit = 10,
    start: Start = 0,
) -> Told:
    """List the findings that fit all filters; several values of a filter are alternatives."""
    pairs = [(name, value) for name, values in filters.items() for value in _values(values)]
    asked = Filters.read(pairs, finding_filters(labels()))
    found = find_findings(labels(), resolve(labels(), asked))
    listed = [reading.finding(one) for one in read_findings(labels(), found.part(limit, start=start))]
    answer = shapes.Findings(total=found.total, findings=listed)
    if not found.total:
        answer.nearest = _choices(read_nearest(labels(), asked))
        return "\n".join([_NOT_STUDIED, *_nearest(answer.nearest)]), answer
    return "\n".join([f"{reading.count(found.total, 'finding')}.", *map(reading.line, listed), _PER_GRADE]), answer


def compare_treatments(
    treatments: Annotated[list[Entity], Field(min_length=2, max_length=6)],
    outcome: Entity | None = None,
    limit: Limit = 10,
) -> Told:
    """Put treatments side by side, a row for each outcome and harm, or for one outcome."""
    iris = [find_entity(labels(), one) for one in treatments]
    given = compare(labels(), iris, find_entity(labels(), outcome) if outcome else None)
    rows = [_compared(row) for row in given["rows"][:limit]]
    answer = shapes.Comparison(
        treatments=[reading.named(one) for one in given["treatments"]], total=len(given["rows"]), rows=rows
    )
    lines = [f"{len(given['rows'])} outcomes, harms and diseases have findings on one of these treatments, or more."]
    for row in rows:
        lines.append(f"* {row.outcome.label} ({plain(row.relation)}). {row.sentence}")
        for cell in row.cells:
            lines.append(
                f"{cell.treatment}: {reading.count(cell.total, 'finding')}, {cell.elsewhere} more in other diseases"
            )
            lines += map(reading.line, cell.findings)
    return "\n".join([*lines, _PER_GRADE] if rows else [_NOT_STUDIED]), answer


def list_pooled(about: Entity | None = None, limit: Limit = 5) -> Told:
    """List proportions, ratios and differences that were pooled from several studies, all or those on an entity."""
    iris = find_pooled(labels(), find_entity(labels(), about) if about else None)
    results = read_pooled(labels(), iris[:limit], _STUDIES)
    known = reading.findings({study["id"] for one in results for study in one["studies"]})
    told = [
        shapes.Pooled(
            id=one["id"],
            iri=one["iri"],
            sentence=one["sentence"],
            studies=[known[study["id"]] for study in one["studies"]],
            omitted=one.get("omitted_count", len(one["omitted"])),
            certainty=reading.marked(one),
        )
        for one in results
    ]
    lines = [
        f"{reading.count(len(iris), 'pooled result')}." if iris else "Nothing was pooled: too few findings are alike."
    ]
    for one in told:
        lines += [f"* {one.sentence} <{one.iri}>", *one.certainty, *map(reading.line, one.studies)]
    return "\n".join(lines), shapes.PooledResults(total=len(iris), results=told)


def list_disagreements(about: Entity | None = None, limit: Limit = 5, start: Start = 0) -> Told:
    """List where sources answer one question differently, with both sides and the reasons."""
    listing = find_disagreements(labels(), {"about": find_below(labels(), [about])} if about else {})
    told = [_disagreement(one) for one in read_disagreements(labels(), listing.part(limit, start=start))]
    lines = [f"{reading.count(listing.total, 'disagreement')}, real and apparent."]
    for one in told:
        kind = "only apparent" if one.apparent else "real"
        lines.append(f"* {one.question} <{one.iri}> ({kind}: {', '.join(one.reasons)}). {one.judgement}".rstrip())
        for side in one.sides:
            lines += [f"Side: {side.label}", *map(reading.line, side.findings)]
    return "\n".join(lines), shapes.Disagreements(total=listing.total, disagreements=told)


def list_gaps(
    treatment: Entity | None = None,
    by: Annotated[str | None, Field(description=f"Only one kind of aspect: {', '.join(ASPECTS)}")] = None,
    limit: Limit = 10,
) -> Told:
    """List what these sources leave open: treatments without a result on an aspect, the most people concerned first."""
    if by is not None and by not in ASPECTS:
        raise FilterError(f"there is no kind of aspect {by[:80]!r}; there are {', '.join(ASPECTS)}")
    filters: dict[str, Any] = {"type": classes(by)} if by else {}
    if treatment:
        filters["of"] = find_below(labels(), [treatment])
    found = find_gaps(labels(), filters)
    told = [
        shapes.Gap(
            iri=one["iri"],
            treatment=reading.named(one["treatment"]),
            aspect=reading.named(one["aspect"]),
            reason=plain(one["reason"]),
            people=one["people"],
        )
        for one in found[:limit]
    ]
    lines = [f"{reading.count(len(found), 'gap')} in these sources; others may have studied it."]
    lines += [
        f"- {one.treatment.label} and {one.aspect.label}: {one.reason}; {one.people} people concerned <{one.iri}>"
        for one in told
    ]
    return "\n".join(lines), shapes.Gaps(total=len(found), gaps=told)


def cite(name: Annotated[str, Field(description="id or IRI of a finding or a source", max_length=300)]) -> Told:
    """Cite a finding with its source, or a source: reference, identifiers, and what was read of it."""
    iri = labels().iri(name)
    kind = iri.removeprefix(ID).partition("/")[0]
    if kind not in ("finding", "source", "study") or not labels().references([iri]):
        raise NotFound(f"there is no finding or source {name[:80]!r}")
    finding = reading.finding(read_findings(labels(), [iri])[0]) if kind == "finding" else None
    whole = read_sources(labels(), [finding.source.iri if finding else iri])[0]
    text = f"{reading.cited(whole)} <{whole['iri']}>"
    if finding:
        text = f"calcikg. {finding.statement} <{finding.iri}> As reported in: {text}"
    read_from = whole.get("read_at", [])
    answer = shapes.Citation(
        text=text,
        iri=iri,
        finding=finding,
        source=reading.source(whole),
        doi=whole.get("doi"),
        pmid=whole.get("pmid"),
        read_from=read_from,
    )
    return text, answer


def find_questions(
    text: Annotated[str, Field(description="Words that the question has; empty for all", max_length=200)] = "",
    limit: Limit = 20,
    start: Start = 0,
) -> Told:
    """Find questions of the library, which have a query and an answer each; `ask_question` answers one."""
    words = text.casefold().split()
    found = [one for one in questions().values() if all(word in one.words.casefold() for word in words)]
    told = [_question(read_question_reference(labels(), one)) for one in found[start : start + limit]]
    lines = [f"{reading.count(len(found), 'question')}.", *(f"- {one.slug}: {one.words}" for one in told)]
    return "\n".join(lines), shapes.Questions(total=len(found), questions=told)


def ask_question(
    slug: Annotated[str, Field(description="As find_questions names it", max_length=200)],
    parameters: Annotated[
        dict[str, Value | list[Value]], Field(description="Other entities for the parameters of the question")
    ] = {},  # noqa: B006 - never changed
    limit: Limit = 20,
    start: Start = 0,
) -> Told:
    """Answer a question of the library: in a sentence where it has one, and the rows of its query."""
    asked = questions().get(slug.removeprefix("question/"))
    if asked is None:
        raise NotFound(f"there is no question {slug[:80]!r}; find_questions lists them")
    for name in parameters:
        if name not in asked.parameters:
            raise FilterError(
                f"the question has no parameter {name[:80]!r}; it has {', '.join(asked.parameters) or 'none'}"
            )
    chosen = {
        name: [find_entity(labels(), value).removeprefix(ID) for value in _values(values)]
        for name, values in parameters.items()
    }
    given = read_question(labels(), asked, "", chosen)
    short = reading.rows(given["in_short"])
    sentence = "" if chosen or short else str(Markup(answer_in_a_sentence(given)).striptags())
    rows = given["rows"][start : start + limit]
    answer = shapes.Answer(
        question=_question(given),
        sentence=sentence,
        in_short=short,
        columns=given["columns"],
        rows=rows,
        total=len(given["rows"]),
        sparql=given["sparql"],
    )
    lines = [given["words"], sentence, *map(reading.row_line, short)]
    lines.append(f"{reading.count(len(given['rows']), 'row')}: {' | '.join(given['columns'])}")
    lines += [" | ".join("" if value is None else str(value) for value in row) for row in rows]
    return "\n".join(line for line in lines if line), answer


def run_sparql(
    query: Annotated[str, Field(description="SPARQL 1.1 SELECT, ASK, CONSTRUCT or DESCRIBE", max_length=50_000)],
    limit: Annotated[int, Field(ge=1, le=500, description="Most rows in the answer")] = 50,
) -> Told:
    """Run a SPARQL query on the dataset, within the limits of the service; read the resource `ontology` first."""
    answer, free = begin(Query(query), (FORMATS["json"], *GRAPHS[:1]))
    try:
        body = bytearray()
        for chunk in answer.chunks:
            body += chunk
            if len(body) > _MOST_BYTES:
                raise SizeLimitError("the answer is larger than 1 MiB; ask for fewer rows, such as with LIMIT")
    finally:
        free()
    if answer.format.kind == "graph":
        lines = body.decode().splitlines()
        told = "\n".join(lines[:limit])
        return told or "No triples.", shapes.Table(columns=[], rows=[], total=len(lines), triples=told)
    result = json.loads(body)
    if "boolean" in result:
        said = "yes" if result["boolean"] else "no"
        return said, shapes.Table(columns=["answer"], rows=[[said]], total=1)
    columns, bindings = result["head"]["vars"], result["results"]["bindings"]
    rows = [[one[name]["value"] if name in one else None for name in columns] for one in bindings[:limit]]
    table = [" | ".join(columns), *(" | ".join(value or "" for value in row) for row in rows)]
    return "\n".join([f"{reading.count(len(bindings), 'row')}.", *table]), shapes.Table(
        columns=columns, rows=rows, total=len(bindings)
    )


#: The tools, each with the shape of its answer.
TOOLS: Mapping[Callable[..., Told], type[shapes.Shape]] = {
    find: shapes.Hits,
    tell_evidence: shapes.Evidence,
    list_findings: shapes.Findings,
    compare_treatments: shapes.Comparison,
    list_pooled: shapes.PooledResults,
    list_disagreements: shapes.Disagreements,
    list_gaps: shapes.Gaps,
    cite: shapes.Citation,
    find_questions: shapes.Questions,
    ask_question: shapes.Answer,
    run_sparql: shapes.Table,
}


def _values(given: Value | Sequence[Value]) -> list[str]:
    return [str(value) for value in ([given] if isinstance(given, str | int) else given)]


def _choices(found: Iterable[Choice]) -> list[dict[str, Any]]:
    return [{"filters": dict(one.filters.pairs), "findings": one.findings} for one in found]


def _nearest(found: Iterable[Mapping[str, Any]]) -> list[str]:
    return [f"Nearest: {reading.count(one['findings'], 'finding')} with {one['filters']}" for one in found]


def _compared(row: Json) -> shapes.ComparedRow:
    return shapes.ComparedRow(
        outcome=reading.named(row["outcome"]),
        relation=row["relation"],
        sentence=row["sentence"],
        cells=[
            shapes.Cell(
                treatment=cell["treatment"]["label"],
                findings=[reading.finding(one) for one in cell["findings"][:_CELL]],
                total=cell.get("total", len(cell["findings"])),
                elsewhere=cell.get("total_elsewhere", len(cell["elsewhere"])),
            )
            for cell in row["cells"]
        ],
    )


def _disagreement(one: Json) -> shapes.Disagreement:
    sides = [
        shapes.Side(label=side["label"], findings=[reading.finding(each) for each in side["findings"][:_SIDE]])
        for side in one["sides"]
    ]
    return shapes.Disagreement(
        id=one["id"],
        iri=one["iri"],
        question=str(one.get("question") or one["label"]),
        apparent=one["type"] != "Disagreement",
        reasons=[reason["label"] for reason in one.get("reasons", ())],
        judgement=one.get("description", ""),
        sides=sides,
    )


def _question(one: Json) -> shapes.QuestionReference:
    parameters = {each["name"]: [value["id"] for value in each["values"]] for each in one.get("parameters", ())}
    return shapes.QuestionReference(slug=one["iri"].rpartition("/")[2], words=one["words"], parameters=parameters)
