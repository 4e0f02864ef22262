"""The entities of a kind side by side: what each is, and how much was found about it."""

from kg.prefixes import ONTOLOGY
from kg.queries import read_query
from kg.read.names import Json, Names


def read_overview(names: Names, types: list[str]) -> list[Json]:
    """Return the entities of some classes, by name, in the order of their labels.

    Each is a reference with ``definition`` (or, without one, its description), ``findings``, how many are about it or
    what lies below it, and ``best_level``, theirs.
    """
    levels = {rank: names.level(iri) for iri, rank in names.ranks.items()}
    rows = names.ask(read_query("read/overview", type=[ONTOLOGY + name for name in types]))
    shaped = [
        {
            **names.reference(row["entity"]),
            "definition": row.get("definition", row.get("description")),
            "findings": row["findings"],
            "best_level": levels[int(row["best"])] if "best" in row else None,
        }
        for row in rows
    ]
    return sorted(shaped, key=lambda one: str(one["label"]).lower())
