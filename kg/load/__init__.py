"""Whole external ontologies and datasets beside our own: each file becomes a named graph of the next snapshot.

A file is converted once, in a process with few rights (`kg.load.convert`), and stored as sorted N-Quads in the data
folder (`kg.load.graphs`). A build takes it from there as it is: no rule, check or synthesis reads it.

Nothing is imported here, so that the process that converts starts sooner.
"""
