"""The entities of a kind side by side: what each is, and how much was found about it."""

from kg.prefixes import ONTOLOGY
from kg.queries import read_query
from kg.read.labels import Json, Labels


def read_overview(labels: Labels, types: list[str]) -> list[Json]:
    """Return the entities of some classes, by name, in the order of their labels.

    Each is a reference with ``definition`` (or, without one, its description), ``findings``, how many are about it or
    what lies below it, and ``best_level``, theirs.
    """
    levels = {rank: labels.level(iri) for iri, rank in labels.ranks.items()}
    rows = labels.engine.select(read_query("read/overview", type=[ONTOLOGY + name for name in types]))
    shaped = [
        {
            **labels.reference(row["entity"]),
            "definition": row.get("definition", row.get("description")),
            "findings": row["findings"],
            "best_level": levels[row["best"]] if "best" in row else None,
        }
        for row in rows
    ]
    return sorted(shaped, key=lambda one: str(one["label"]).lower())
