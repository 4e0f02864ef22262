"""How much a file may ask of us, and what all parts of the loading call a file that asks for more."""

from dataclasses import dataclass

#: Levels of elements in XML and of brackets in JSON; the parsers of deeper ones need quadratic time or memory.
DEPTH = 128
#: Levels of triple terms in triple terms; the engine's parser breaks at some ten thousand.
TERM_DEPTH = 8
#: Characters of an entity that a DOCTYPE declares; enough for a namespace, too few to blow a file up.
ENTITY = 256


class RefusedFileError(ValueError):
    """A file that cannot be loaded; its text goes on after the file's name, as in "is not Turtle"."""


@dataclass(frozen=True)
class Limits:
    """What the conversion of the files of one graph may take.

    ``unpacked`` is bytes of a file after decompression, ``json`` the same of one in JSON, which is read whole;
    ``literal`` is characters of a literal or an IRI; ``memory`` is bytes, ``seconds`` are of the wall clock.
    """

    unpacked: int = 2 * 2**30
    json: int = 512 * 2**20
    triples: int = 10_000_000
    literal: int = 2**20
    memory: int = 8 * 2**30
    seconds: float = 600
