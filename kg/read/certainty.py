"""How certain evidence is: the signals of each body of evidence by domain, and the ratings that curators recorded."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from kg.engine import Row
from kg.prefixes import ID, ONTOLOGY
from kg.read.labels import Json, Labels, drop_empty, local

_DOMAINS = ("riskOfBias", "inconsistency", "indirectness", "imprecision", "smallStudyEffects")


def read_profiles(labels: Labels, bodies: Sequence[str]) -> dict[str, list[Json]]:
    """Return the certainty profile of each body of evidence, by IRI: all five domains, each with its ``signals``.

    A signal has its figure (``value`` in ``unit``), the ``threshold`` that it is held against, if any, whether it is
    ``marked`` by the ``rule`` of its kind, and the ids of the ``findings`` behind it.
    """
    found: defaultdict[str, defaultdict[str, list[Json]]] = defaultdict(lambda: defaultdict(list))
    for row in labels.select("read/certainty", body=bodies) if bodies else ():
        found[row["body"]][local(row["domain"])].append(_signal(labels, row))
    return {
        body: [
            {"domain": name, "label": labels.terms[ONTOLOGY + name], "signals": domains.get(name, [])}
            for name in _DOMAINS
        ]
        for body, domains in found.items()
    }


def read_ratings_of(labels: Labels, bodies: Sequence[str]) -> dict[str, list[Json]]:
    """Return the ratings of the question that each body of evidence answers, by its IRI; the latest comes first."""
    found: defaultdict[str, list[Json]] = defaultdict(list)
    for row in labels.select("read/ratings", body=bodies) if bodies else ():
        found[row["body"]].append(_rating(labels, row))
    return dict(found)


def read_ratings(labels: Labels, iris: Sequence[str]) -> list[Json]:
    """Return ratings by their IRIs."""
    return [_rating(labels, row) for row in labels.select("read/ratings", rating=iris)]


def _signal(labels: Labels, row: Row) -> Json:
    return {
        "iri": row["signal"],
        "kind": local(row["kind"]),
        "label": labels.terms[row["kind"]],
        "words": row["words"],
        **{key: row[key] for key in ("value", "threshold", "unit", "marked") if key in row},
        "rule": row["rule"],
        "findings": [iri.removeprefix(ID) for iri in row.get("findings", "").split()],
    }


def _rating(labels: Labels, row: Mapping[str, str]) -> Json:
    direction = row.get("direction")
    return drop_empty(
        {
            **labels.reference(row["rating"]),
            "subject": labels.reference(row["subject"]),
            "predicate": local(row["predicate"]),
            "object": labels.reference(row["object"]),
            "direction": direction and local(direction),
            "rating": local(row["grade"]),
            "rating_label": labels.terms[row["grade"]],
            "curator": row["curator"],
            "orcid": row.get("orcid"),
            "date": row["date"],
            "rationale": row["rationale"],
        }
    )
