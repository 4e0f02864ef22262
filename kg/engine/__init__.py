"""What answers SPARQL over a snapshot, behind a seam of one method.

Everything above this package speaks to an [Engine][] only: text in, serialised answer out. So an engine may
live in this process, in a worker that can be killed, or on another machine.
"""

from kg.engine.base import Answer, Call, Engine, Query
from kg.engine.conversation import Limits
from kg.engine.embedded import EmbeddedEngine
from kg.engine.formats import FORMATS, GRAPHS, RESULTS, Format
from kg.engine.isolated import IsolatedEngine
from kg.engine.service.endpoints import Endpoints

__all__ = [
    "FORMATS",
    "GRAPHS",
    "RESULTS",
    "Answer",
    "Call",
    "EmbeddedEngine",
    "Endpoints",
    "Engine",
    "Format",
    "IsolatedEngine",
    "Limits",
    "Query",
]
