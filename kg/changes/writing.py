"""A changelog as text and as HTML."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, Template

from kg.changes.changelog import Changed, Changelog, Mapped, Named

#: Every list of a changelog with its heading, in the order in which they are told.
HEADINGS = {
    "findings_added": "Findings added",
    "findings_withdrawn": "Findings withdrawn",
    "findings_value": "Findings with another figure",
    "findings_level": "Findings with another level of evidence",
    "findings_other": "Findings changed otherwise",
    "disagreements_added": "New disagreements",
    "disagreements_withdrawn": "Disagreements withdrawn",
    "disagreements_changed": "Disagreements changed",
    "entities_added": "Entities added",
    "entities_withdrawn": "Entities withdrawn",
    "entities_renamed": "Entities renamed",
    "mappings_added": "Mappings added",
    "mappings_withdrawn": "Mappings withdrawn",
}
_FOLDER = Path(__file__).parent


def to_text(log: Changelog) -> Iterator[str]:
    """Yield the lines of a changelog."""
    yield f"{log.old} -> {log.new}: quads added {log.quads['added']}, withdrawn {log.quads['withdrawn']}"
    for name, heading in HEADINGS.items():
        if rows := getattr(log, name):
            yield f"\n{heading}: {len(rows)}"
            yield from (f"  {_line(row)}" for row in rows)


def to_html(log: Changelog) -> str:
    """Return a changelog as HTML, to be put into a page."""
    sections = [(heading, getattr(log, name)) for name, heading in HEADINGS.items()]
    return _template().render(log=log, sections=[(heading, rows) for heading, rows in sections if rows])


@cache
def _template() -> Template:
    return Environment(loader=FileSystemLoader(_FOLDER), autoescape=True).get_template("changelog.html")


def _line(row: Named | Changed | Mapped) -> str:
    match row:
        case Named(id_, name):
            return f"{id_}: {name}"
        case Changed(id_, name, property_, before, after):
            return f"{id_}: {property_}: {' | '.join(before) or 'nothing'} -> {' | '.join(after) or 'nothing'} ({name})"
        case Mapped(id_, term, predicate):
            return " ".join(filter(None, (id_, predicate, term)))
