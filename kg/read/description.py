"""What the dataset says of itself: the dataset, its version, and the file that holds it."""

from dataclasses import dataclass

from kg.engine import FORMATS, Engine, Query
from kg.prefixes import BASE
from kg.read.entities import Written, first, read_written
from kg.read.rows import Row, read_rows

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

    def ask(text: str) -> list[Row]:
        return read_rows(engine.answer(Query(text), (FORMATS["json"],)).read())

    def read(iri: object) -> Written:
        return read_written(ask, [str(iri)])[str(iri)]

    dataset = read(_DATASET)
    version = read(first(dataset, "hasCurrentVersion"))
    file = read(first(version, "distribution"))
    return Description(dataset, version, file, read(first(file, "checksum")), read(first(dataset, "publisher")))
