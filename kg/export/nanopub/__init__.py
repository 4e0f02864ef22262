"""Nanopublications: each finding as an assertion with its provenance, small enough to be cited alone (nanopub.net).

A nanopublication is four named graphs under one trusty URI: ``Head`` names the others, ``assertion`` holds the claim
and its figures, ``provenance`` where it was found, ``pubinfo`` who publishes it. They are not signed: the trusty URI
vouches for the content, and a signature would need the key of a person.
"""

from kg.export.nanopub.findings import read_nanopublication, read_nanopublications, read_some
from kg.export.nanopub.publication import Nanopublication

__all__ = ["Nanopublication", "read_nanopublication", "read_nanopublications", "read_some"]
