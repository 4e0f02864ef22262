"""What the dataset holds, in numbers."""

from collections import Counter

from kg.queries import read_query
from kg.read.labels import Json, Labels, local
from kg.read.network import Network
from kg.read.schema import kind_of


def read_counts(labels: Labels) -> Json:
    """Return the numbers of findings by kind and by evidence level."""
    kinds: Counter[str] = Counter()
    levels: Counter[str] = Counter()
    for row in labels.engine.select(read_query("read/counts")):
        kinds[kind_of(local(row["kind"]))] += row["findings"]
        levels[local(row["level"])] += row["findings"]
    return {"kinds": dict(sorted(kinds.items())), "levels": dict(sorted(levels.items()))}


def read_stats(network: Network) -> Json:
    """Return the numbers of findings by kind and evidence level, and the figures of the network."""
    return read_counts(network.labels) | {"network": network.figures}
