"""Brings a snapshot to an engine on another machine, as a release beside those that it holds."""

from kg.publish.release import publish

__all__ = ["publish"]
