"""What the dataset says of itself: the dataset, its version, and the file that holds it."""

from dataclasses import dataclass

from kg.engine import Engine
from kg.prefixes import BASE
from kg.read.entities import Written, first, read_written

_DATASET = BASE.rstrip("/")


@dataclass(frozen=True)
class Description:
    """The three levels of a dataset's description and the digest of its file, each by the names of its properties."""

    dataset: Written
    version: Written
    file: Written
    checksum: Written
    publisher: Written


def read_description(engine: Engine) -> Description:
    """Read what the graph ``metadata`` says of the dataset and of the version that is there."""

    def read(iri: object) -> Written:
        return read_written(engine, [str(iri)])[str(iri)]

    dataset = read(_DATASET)
    version = read(first(dataset, "hasCurrentVersion"))
    file = read(first(version, "distribution"))
    return Description(dataset, version, file, read(first(file, "checksum")), read(first(dataset, "publisher")))
