"""Exports of a snapshot, whole or in part: a table with one row a format, and the writers.

What filters select is an [Extract][]: findings, entities and a network of them; each format writes it in its own way.
"""

from kg.export.extract import Extract
from kg.export.table import EXPORTS, Export
from kg.read.filters import Filters

__all__ = ["EXPORTS", "Export", "Extract", "Filters"]
