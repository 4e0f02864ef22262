"""Whole external ontologies and datasets beside our own: files of others, each a named graph of the next snapshot.

A file is converted once, in a process that may do little (`kg.load.convert`), and kept as sorted N-Quads in the data
folder (`kg.load.shelf`). A build takes what is kept there as it is: no rule, check or synthesis reads it.

Nothing is imported here: the process that converts starts sooner.
"""
