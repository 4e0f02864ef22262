"""Gives the queries of others the help that our own have, with the same answers: terms that a condition leaves.

A group of patterns whose FILTER, or whose path, holds only for a few terms of a variable is joined with them as VALUES.
The condition stays, so a term too many adds nothing; and as a pattern of the group gives the variable a value in every
solution, and each term is listed once, no solution is taken away or repeated.
"""

from kg.engine.rewrite.rewriter import RULES, Rewriter, Rewritten

__all__ = ["RULES", "Rewriter", "Rewritten"]
