"""Made-up triples in any number, for the benchmark of large data: a study, its findings, its people and its words.

Each study has 20 triples of ten kinds; IRIs, numbers, dates, texts of different length and links between studies, as in
real data. The same number gives the same triples.
"""

from collections.abc import Iterator
from pathlib import Path
from random import Random

BASE = "http://example.org/"
#: How many triples a study has, at most.
EACH = 20
_XSD = "http://www.w3.org/2001/XMLSchema#"
_TYPE = "<http://www.w3.org/1999/02/22-rdf-syntax-ns#type>"
_WORDS = (
    "calcinosis pain digital ulcer diltiazem warfarin surgery lithotripsy hand elbow knee thumb improvement recurrence "
    "scleroderma limited diffuse antibody centromere open label cohort series report follow months size deposit"
).split()


def write(path: Path, number: int) -> None:
    """Write so many triples, or a few less, as N-Triples."""
    with path.open("w", encoding="ascii", buffering=2**20) as file:
        for study in range(number // EACH):
            file.writelines(_study(study, number // EACH))


def _study(number: int, studies: int) -> Iterator[str]:
    draw = Random(number)
    study = f"<{BASE}study/{number}>"

    def said(subject: str, name: str, value: str) -> str:
        return f"{subject} <{BASE}{name}> {value} .\n"

    def words(least: int, most: int) -> str:
        return f'"{" ".join(draw.choices(_WORDS, k=draw.randint(least, most)))}"'

    def typed(value: object, name: str) -> str:
        return f'"{value}"^^<{_XSD}{name}>'

    yield f"{study} {_TYPE} <{BASE}Study> .\n"
    yield said(study, "title", f"{words(4, 12)}@en")
    yield said(study, "abstract", words(20, 60))
    yield said(study, "people", typed(draw.randint(1, 500), "integer"))
    yield said(study, "published", typed(f"{draw.randint(1970, 2026)}-{draw.randint(1, 12):02}-01", "date"))
    yield said(study, "country", f"<{BASE}country/{draw.randint(1, 60)}>")
    for _ in range(3):
        yield said(study, "cites", f"<{BASE}study/{draw.randrange(studies)}>")
    yield said(study, "subject", f"<{BASE}topic/{int(draw.paretovariate(0.7)) % 5000}>")
    for part in range(2):
        finding = f"<{BASE}finding/{number}-{part}>"
        yield f"{finding} {_TYPE} <{BASE}Finding> .\n"
        yield said(finding, "in", study)
        yield said(finding, "treatment", f"<{BASE}treatment/{draw.randint(1, 300)}>")
        yield said(finding, "share", typed(f"{draw.random():.3f}", "decimal"))
        yield said(finding, "statement", words(6, 20))
