"""What changed between two snapshots: as quads, as an RDF patch, and as a changelog for people."""

from kg.changes.changelog import Changelog, read_changelog
from kg.changes.patch import read_patch
from kg.changes.writing import to_html, to_text

__all__ = ["Changelog", "read_changelog", "read_patch", "to_html", "to_text"]
