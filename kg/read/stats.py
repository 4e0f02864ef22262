"""What the dataset holds, in numbers."""

from collections import Counter

from kg.queries import read_query
from kg.read.names import Json, Names, kind_of, local
from kg.read.network import Network


def read_counts(names: Names) -> Json:
    """Return the numbers of findings by kind and by evidence level."""
    kinds: Counter[str] = Counter()
    levels: Counter[str] = Counter()
    for row in names.ask(read_query("read/counts")):
        kinds[kind_of(local(row["kind"]))] += int(row["findings"])
        levels[local(row["level"])] += int(row["findings"])
    return {"kinds": dict(sorted(kinds.items())), "levels": dict(sorted(levels.items()))}


def read_stats(network: Network) -> Json:
    """Return the numbers of findings by kind and evidence level, and the figures of the network."""
    return read_counts(network.names) | {"network": network.figures}
