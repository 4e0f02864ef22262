"""The evidence as a FHIR R5 Bundle (https://hl7.org/fhir/R5/evidence.html): an Evidence resource for each finding, and
for each pooled result all of whose findings are there.

Variables and citations are in the bundle once each, under the IRIs of the entities and works they are about. A key that
FHIR has no element for is an extension, whose URL is the property of our ontology. What denies a claim or withdraws it
is a modifier extension: a program that does not understand it must not process the resource.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence

from kg.export.extract import Extract, batches
from kg.export.fhir_parts import (
    ESTIMATES,
    STATISTICS,
    Codes,
    external_coding,
    quantity,
    reference,
    variable_definitions,
)
from kg.export.fhir_pooled import evidence_of
from kg.export.pooled import read_selected
from kg.export.text import to_json
from kg.prefixes import ID, ONTOLOGY, expand
from kg.read.entities import first, read_properties, read_sources
from kg.read.labels import Json, Labels, local
from kg.read.schema import class_of

#: Keys that have an element of their own, and which.
ELEMENTS = {
    "id": "url",
    "iri": "url",
    "kind": "extension rdf:type",
    "statement": "description",
    "subject": "variableDefinition",
    "object": "variableDefinition",
    "population": "variableDefinition",
    "comparator": "variableDefinition",
    "negated": "modifierExtension",
    "measure": "statistic.statisticType",
    "statistic": "statistic.statisticType",
    "value": "statistic.quantity",
    "unit": "statistic.quantity",
    "qualifier": "statistic.quantity.comparator, statistic.extension",
    "lower": "statistic.attributeEstimate",
    "upper": "statistic.attributeEstimate",
    "interval": "statistic.attributeEstimate",
    "spread": "statistic.attributeEstimate",
    "p_value": "statistic.attributeEstimate",
    "baseline": "a statistic of its own",
    "comparison": "a statistic of its own",
    "numerator": "statistic.numberAffected",
    "denominator": "statistic.sampleSize.knownDataCount",
    "sample_size": "statistic.sampleSize.numberOfParticipants",
    "reported": "statistic.description",
    "study_design": "studyDesign",
    "evidence_level": "certainty",
    "relays": "relatedArtifact",
    "source": "relatedArtifact",
    "note": "note",
}
#: Keys that are left out, each with the reason.
OMITTED = {
    "exact_interval": "computed, not stated by a source",
    "disagreements": "they are between findings, and no part of one",
}

_UNNAMED = "bounds as printed; the source does not say of what kind"
_SPREAD = "figure printed after ±; the source does not say of what kind"
_CONFIDENCE = 0.95
#: Figures beside the result, which are statistics of their own, and how they are described.
_BESIDE = {"baseline": "before treatment", "comparison": "in the comparator"}


def write(extract: Extract) -> Iterator[bytes]:
    """Yield the bundle, an entry a line: findings, what was pooled of them, then their variables and citations."""
    bundle = {
        "resourceType": "Bundle",
        "identifier": {"system": "https://w3id.org/calcikg", "value": extract.snapshot.version},
        "type": "collection",
    }
    yield to_json(bundle)[:-1]
    empty = True
    for resource in _resources(extract):  # FHIR allows no empty array
        yield (b',\n"entry": [\n' if empty else b",\n") + to_json({"fullUrl": resource["url"], "resource": resource})
        empty = False
    yield b"}\n" if empty else b"\n]}\n"


def _resources(extract: Extract) -> Iterator[Json]:
    codes, about = Codes(extract.labels), extract.about
    shared = {"version": extract.snapshot.version, "status": "active", "publisher": about["creator"]}
    shared["copyright"] = about["license"]
    referenced: defaultdict[str, set[str]] = defaultdict(set)
    for finding in extract.read_findings():
        evidence = _evidence(codes, finding)
        for part in _walk(evidence):
            if "reference" in part:
                referenced[part["type"]].add(part["reference"])
        yield {**evidence, **shared, "citeAsMarkdown": f"{evidence['url']}. In: {about['citation']}"}
    for result in read_selected(extract):
        evidence = evidence_of(extract.labels, result)
        for part in _walk(evidence):
            if "reference" in part and part["type"] != "Evidence":
                referenced[part["type"]].add(part["reference"])
        yield {**evidence, **shared, "citeAsMarkdown": f"{evidence['url']}. In: {about['citation']}"}
    for resource in variables(extract.labels, sorted(referenced["EvidenceVariable"])):
        yield {**resource, **shared}
    for resource in _citations(extract.labels, sorted(referenced["Citation"])):
        yield {**resource, **shared}


def _walk(value: object) -> Iterator[Json]:
    """Yield every object in a tree of JSON."""
    if isinstance(value, dict):
        yield value
    if isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _walk(part)


def _evidence(codes: Codes, finding: Json) -> Json:
    """Return a finding as evidence: its variables, its figures, its study design, and its source."""
    body: Json = {
        "resourceType": "Evidence",
        "url": finding["iri"],
        "title": _title(codes, finding),
        "description": finding["statement"],
        "assertion": _assertion(codes, finding),
        "note": [{"text": finding["note"]}] if "note" in finding else [],
        "relatedArtifact": [
            {"type": "derived-from", "resourceReference": reference(finding["source"], "Citation")},
            *(
                {"type": "cites", "resourceReference": reference(study, "Citation")}
                for study in finding.get("relays", ())
            ),
        ],
        "studyDesign": [codes.concept(finding["study_design"])],
        "variableDefinition": [*variable_definitions(codes, finding)],
        "statistic": _statistics(codes, finding),
        # The level of the study; no judgement on a body of evidence, which certainty often is elsewhere.
        "certainty": [
            {"type": codes.concept("evidenceLevel"), "rating": codes.concept(finding["evidence_level"]["id"])}
        ],
        **_extensions(codes, finding),
    }
    return {key: value for key, value in body.items() if value != []}


def _title(codes: Codes, finding: Json) -> str:
    parts = [finding["subject"]["label"], codes.label(finding["predicate"])]
    return " – ".join([*parts, finding["object"]["label"]] if "object" in finding else parts)


def _assertion(codes: Codes, finding: Json) -> str:
    denied = "denied: " if finding.get("negated") else ""
    marks = [codes.label(finding[key]) for key in ("direction", "certainty") if key in finding]
    return f"{denied}{_title(codes, finding)}" + (f" ({', '.join(marks)})" if marks else "")


def _extensions(codes: Codes, finding: Json) -> dict[str, list[Json]]:
    """Return the keys without an element as extensions; what denies the claim or withdraws it as modifiers."""
    schema = codes.labels.schema
    kind = codes.concept(local(class_of(finding["kind"])))
    plain: list[Json] = [{"url": expand("rdf:type"), "valueCodeableConcept": kind}]
    modifiers = codes.extensions(schema["negated"], finding) if finding.get("negated") else []
    for key in schema.keys:
        if key.name not in ELEMENTS and key.name not in OMITTED:
            target = modifiers if codes.withdraws(key, finding) else plain
            target.extend(codes.extensions(key, finding))
    return {"extension": plain, "modifierExtension": modifiers}


def _statistics(codes: Codes, finding: Json) -> list[Json]:
    """Return the figures as printed, and those before treatment; none are computed, and none are left out.

    How many had the result, out of how many, are the same people: ``numberAffected`` and ``knownDataCount``.
    """
    after = _figures(codes, finding, finding.get("unit"))
    if "reported" in finding:
        after["description"] = finding["reported"]
    if "numerator" in finding:
        after["numberAffected"] = finding["numerator"]
    sizes = {"numberOfParticipants": finding.get("sample_size"), "knownDataCount": finding.get("denominator")}
    if given := {key: value for key, value in sizes.items() if value is not None}:
        after["sampleSize"] = given
    if "p_value" in finding:
        estimate = {"type": _estimate(codes, "pValue"), "quantity": quantity(finding["p_value"])}
        after.setdefault("attributeEstimate", []).append(estimate)
    others = [_beside(codes, finding, key, words) for key, words in _BESIDE.items() if key in finding]
    type_: Json = {}
    terms = [finding[key] for key in ("measure", "statistic") if key in finding]
    if term := next((term for term in terms if codes.code("statisticCode", term)), next(iter(terms), None)):
        type_ = {"statisticType": codes.concept(term, STATISTICS, codes.code("statisticCode", term))}
    return [{**type_, **statistic} for statistic in (after, *others) if statistic]


def _beside(codes: Codes, finding: Json, key: str, words: str) -> Json:
    """Return a figure beside the result, such as that before treatment; its unit is that of the result unless given."""
    figures = finding[key]
    statistic = {**_figures(codes, figures, figures.get("unit", finding.get("unit"))), "description": words}
    if "numerator" in figures:
        statistic["numberAffected"] = figures["numerator"]
    if "denominator" in figures:
        statistic["sampleSize"] = {"knownDataCount": figures["denominator"]}
    return statistic


def _figures(codes: Codes, figures: Json, unit: object) -> Json:
    """Return value and bounds; a single bound, as in "above 80 %", is a quantity with a comparator."""
    statistic = Json()
    bounds: Json = {key: figures[key] for key in ("lower", "upper") if key in figures}
    comparator = codes.code("comparatorCode", figures.get("qualifier"))
    if "value" in figures:
        statistic["quantity"] = quantity(figures["value"], unit)
    elif comparator is not None and len(bounds) == 1:
        statistic["quantity"] = quantity(bounds.popitem()[1], unit, comparator)
    estimates = [_bounds(codes, figures.get("interval"), bounds, unit)] if bounds else []
    if "spread" in figures:
        estimates.append({"type": {"text": _SPREAD}, "quantity": quantity(figures["spread"], unit)})
    if estimates:
        statistic["attributeEstimate"] = estimates
    if statistic and "qualifier" in figures:
        statistic["extension"] = codes.extensions(codes.labels.schema["qualifier"], figures)
    return statistic


def _bounds(codes: Codes, interval: str | None, bounds: Json, unit: object) -> Json:
    ends = {end: quantity(bounds[key], unit) for end, key in (("low", "lower"), ("high", "upper")) if key in bounds}
    if interval is None:
        return {"type": {"text": _UNNAMED}, "range": ends}
    level = {"level": _CONFIDENCE} if interval == "ci95" else {}
    return {"type": _estimate(codes, interval), **level, "range": ends}


def _estimate(codes: Codes, term: str) -> Json:
    return codes.concept(term, ESTIMATES, codes.code("estimateCode", term))


def variables(labels: Labels, iris: Sequence[str]) -> Iterator[Json]:
    """Yield a variable for each entity, defined by its own code and by those of terms that match it exactly."""
    for batch in batches(iris):
        records = read_properties(labels.engine, batch)
        for iri in batch:
            entity, record = labels.entities[iri], records[iri]
            own = {"system": ID.rstrip("/"), "code": entity["id"], "display": entity["label"]}
            exact = map(external_coding, sorted(record.get("exactMatch", ())))
            body: Json = {
                "resourceType": "EvidenceVariable",
                "url": iri,
                "title": entity["label"],
                "characteristic": [{"definitionCodeableConcept": {"coding": [own, *exact], "text": entity["label"]}}],
            }
            if definition := first(record, "definition") or first(record, "description"):
                body["description"] = definition
            if iri in labels.sizes:
                body["extension"] = [{"url": f"{ONTOLOGY}sampleSize", "valueUnsignedInt": labels.sizes[iri]}]
            yield body


def _citations(labels: Labels, iris: Sequence[str]) -> Iterator[Json]:
    """Yield a citation for each source and study."""
    for batch in batches(iris):
        for work in read_sources(labels, batch):
            cited = _artifact(work)
            body: Json = {"resourceType": "Citation", "url": work["iri"], "title": work["label"]}
            yield body | ({"citedArtifact": cited} if cited else {})


def _artifact(work: Json) -> Json:
    identifiers = (("https://doi.org", "doi"), ("https://pubmed.ncbi.nlm.nih.gov", "pmid"))
    form = _filled(
        {
            "publishedIn": {"title": work["container"]} if "container" in work else None,
            "volume": work.get("volume"),
            "issue": work.get("issue"),
            "pageString": work.get("pages"),
            "publicationDateText": work.get("published") or (str(work["year"]) if "year" in work else None),
        }
    )
    return _filled(
        {
            "identifier": [{"system": system, "value": str(work[key])} for system, key in identifiers if key in work],
            "title": [{"text": work["title"]}] if "title" in work else [],
            "publicationForm": [form] if form else [],
            "webLocation": [{"url": work["url"]}] if "url" in work else [],
            "contributorship": {"summary": [{"value": work["authors"]}]} if "authors" in work else None,
        }
    )


def _filled(body: Json) -> Json:
    return {key: value for key, value in body.items() if value not in (None, [])}
