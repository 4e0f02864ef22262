"""What an export says of itself where its format can: what it is, of which version, whose, limited to what."""

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from kg.read.description import read_description
from kg.read.entities import first
from kg.read.filters import Filters

if TYPE_CHECKING:
    from kg.snapshot import Snapshot


def read_about(snapshot: "Snapshot", filters: Filters) -> dict[str, str]:
    """Return what an export says of itself, each under a name of its own."""
    described = read_description(snapshot.description())
    title, creator = str(first(described.dataset, "title")), str(first(described.publisher, "name"))
    issued, version = str(first(described.version, "issued")), str(first(described.version, "versionInfo"))
    address = str(first(described.version, "identifier"))
    about = {
        "title": title,
        "creator": creator,
        "version": version,
        "snapshot": snapshot.version,
        "issued": issued,
        "license": str(first(described.dataset, "license")),
        "citation": f"{creator} ({issued[:4]}). {title}, version {version}. {address}",
    }
    return about | ({"filters": urlencode(filters.pairs)} if filters else {})
