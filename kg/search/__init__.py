"""Search by name: labels, synonyms, identifiers, and the names of mapped terms.

A build writes the index into the snapshot, and whatever serves the snapshot opens it. It is a tantivy index of one
segment: files that are mapped into memory, shared by all processes, and never written after the build.
"""

from kg.search.entries import Entry, Name, Role, read_entries
from kg.search.index import Hit, Index, Results
from kg.search.matching import Match

__all__ = ["Entry", "Hit", "Index", "Match", "Name", "Results", "Role", "read_entries"]
