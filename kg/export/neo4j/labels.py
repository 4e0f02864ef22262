"""The labels of nodes: the classes of an entity, the widest first."""

from collections import defaultdict
from collections.abc import Mapping

from kg.read.labels import Labels, local

#: Records that are no entities between which findings state relations; they are labelled as what they are.
_OTHERS = frozenset({"Finding", "Source", "Study", "Contrast"})


def read_labels(labels: Labels) -> Mapping[str, list[str]]:
    """Return the labels of every node by its IRI; those of entities begin with Entity."""
    above: defaultdict[str, set[str]] = defaultdict(set)
    for row in labels.select("export/classes"):
        above[local(row["class"])].add(local(row["above"]))
    return {iri: _labels(str(entity["type"]), above) for iri, entity in labels.entities.items()}


def _labels(type_: str, above: Mapping[str, set[str]]) -> list[str]:
    classes = sorted({type_, *above.get(type_, ())}, key=lambda name: (len(above.get(name, ())), name))
    return [name for name in classes if name != "Entity"] if _OTHERS & set(classes) else classes
