"""Brings a snapshot to an engine on another machine, as a release beside those that it holds."""

from kg.publish.publish import publish

__all__ = ["publish"]
