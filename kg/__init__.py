"""calcikg: the evidence on calcinosis in systemic sclerosis as a knowledge graph."""

__version__ = "0.1.0"
