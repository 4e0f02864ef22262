"""Exports of a snapshot, whole or in part: a table with one row a format, and a module for each.

What filters choose is an [Extract][]: findings, entities and a network of them; each format writes them in its own way.
"""

from kg.export.extract import Extract, Filters
from kg.export.table import EXPORTS, Export

__all__ = ["EXPORTS", "Export", "Extract", "Filters"]
