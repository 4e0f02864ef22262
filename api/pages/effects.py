"""What findings say of treatments: one query decides it (``read/effects``), and every page marks it alike."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from api.http.serving import labels, served
from kg.read.evidence import read_effects

#: What is marked; whatever else a finding says is neither good nor bad, or not settled.
_MARKED = ("for", "against", "null")


def effects() -> Mapping[str, str]:
    """Return what each finding on an effect of a treatment says, by its IRI."""
    return _effects(served().version)


def way(finding: Mapping[str, Any]) -> str:
    """Return how a finding is marked: as ``for``, ``against`` or ``null``, else as ``open``."""
    says = effects().get(str(finding["iri"]), "")
    return says if says in _MARKED else "open"


@lru_cache(maxsize=2)  # the snapshot that is served, and the one before it
def _effects(version: str) -> Mapping[str, str]:
    assert version == served().version
    return read_effects(labels())
