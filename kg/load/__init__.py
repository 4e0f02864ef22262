"""Whole external ontologies and datasets beside our own: files of others, each a named graph of the next snapshot.

A file is converted once, in a process that may do little (`kg.load.convert`), and kept as sorted N-Quads in the data
folder (`kg.load.shelf`). A build takes what is kept there as it is: no rule, check or synthesis reads it.
"""

from kg.load.description import describe_loaded
from kg.load.limits import Limits
from kg.load.loading import default_graph, load
from kg.load.shelf import Loaded, Shelf

__all__ = ["Limits", "Loaded", "Shelf", "default_graph", "describe_loaded", "load"]
