"""calcikg: the evidence on calcinosis in systemic sclerosis as a knowledge graph."""

__version__ = "0.1.0"

#: The day of this version, as ISO 8601: on which it was released, and until then that on which it was begun.
VERSION_DATE = "2026-11-21"
