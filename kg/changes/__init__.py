"""What changed between two snapshots: as an RDF patch, and as a changelog for people."""

from kg.changes.changelog import Changelog, read_changelog, to_html, to_text
from kg.changes.patch import read_patch

__all__ = ["Changelog", "read_changelog", "read_patch", "to_html", "to_text"]
