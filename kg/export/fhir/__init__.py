"""The evidence as a FHIR R5 Bundle (https://hl7.org/fhir/R5/evidence.html): an Evidence resource for each finding.

Variables and citations stand in the bundle once each, under the IRIs of the entities and works they are about. What
FHIR has no element for is an extension, whose URL is the property of our ontology. What denies a claim, or takes it
back, is a modifier extension: whoever does not understand it must not process the resource.
"""

from collections.abc import Iterator

from kg.export.extract import Extract
from kg.export.fhir.backing import read_citations, read_variables
from kg.export.fhir.codes import Codes
from kg.export.fhir.evidence import to_evidence
from kg.export.text import to_json
from kg.read.labels import Json


def write(extract: Extract) -> Iterator[bytes]:
    """Yield the bundle, an entry a line: findings first, then the variables and citations that they refer to."""
    bundle = {
        "resourceType": "Bundle",
        "identifier": {"system": "https://w3id.org/calcikg", "value": extract.snapshot.version},
        "type": "collection",
    }
    yield to_json(bundle)[:-1]
    empty = True
    for resource in _resources(extract):  # an empty array is no FHIR
        yield (b',\n"entry": [\n' if empty else b",\n") + to_json({"fullUrl": resource["url"], "resource": resource})
        empty = False
    yield b"}\n" if empty else b"\n]}\n"


def _resources(extract: Extract) -> Iterator[Json]:
    codes = Codes(extract.labels)
    shared = {"version": extract.snapshot.version, "status": "active", "publisher": extract.about["creator"]}
    shared["copyright"] = extract.about["license"]
    variables: set[str] = set()
    works: set[str] = set()
    for finding in extract.read_findings():
        resource = to_evidence(codes, finding)
        variables.update(resource.variables)
        works.update(resource.works)
        cited = f"{resource.body['url']}. In: {extract.about['citation']}"
        yield {**resource.body, **shared, "citeAsMarkdown": cited}
    for body in read_variables(extract.labels, sorted(variables)):
        yield {**body, **shared}
    for body in read_citations(extract.labels, sorted(works)):
        yield {**body, **shared}
