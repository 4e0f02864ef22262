"""A query as a snippet for a shell, Python or R that prints the answer: a table, or triples.

The query is quoted unchanged, between delimiters that it does not contain.
"""

import re
from itertools import count

from kg.engine.tokens import tokens

_CURL = """\
curl --silent --show-error --header 'Accept: {accept}' --data-urlencode query@- {endpoint} <<'{end}'
{query}
{end}
"""
_PYTHON = '''\
import io
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pandas

query = """
{query}
"""
request = Request("{endpoint}", urlencode({{"query": query}}).encode(), {{"Accept": "text/csv"}})
with urlopen(request) as answer:
    table = pandas.read_csv(io.TextIOWrapper(answer, "utf-8"), keep_default_na=False, na_values=[""])
print(table.to_string())
'''
_PYTHON_GRAPH = '''\
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import rdflib

query = """
{query}
"""
request = Request("{endpoint}", urlencode({{"query": query}}).encode(), {{"Accept": "text/turtle"}})
with urlopen(request) as answer:
    graph = rdflib.Graph().parse(answer, format="turtle")
print(graph.serialize())
'''
_R = """\
query <- r"{dashes}(
{query}
){dashes}"
address <- paste0("{endpoint}?format=csv&query=", URLencode(query, reserved = TRUE))
answer <- read.csv(url(address), na.strings = "", encoding = "UTF-8", check.names = FALSE)
print(answer)
"""
_R_GRAPH = """\
query <- r"{dashes}(
{query}
){dashes}"
address <- paste0("{endpoint}?format=nt&query=", URLencode(query, reserved = TRUE))
triples <- readLines(url(address), encoding = "UTF-8")
writeLines(triples)
"""
_R_ENDS = re.compile(r"\)(-*)")
_FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")


def gives_graph(query: str) -> bool:
    """Tell whether the answer to a query is a graph.

    >>> gives_graph("# SELECT\\nPREFIX ask: <http://describe/> describe ask:select"), gives_graph("ask {}")
    (True, False)
    """
    forms = (found[0].upper() for found in tokens(query) if found.lastgroup == "word" and found[0].upper() in _FORMS)
    return next(forms, "") in ("CONSTRUCT", "DESCRIBE")


def snippets(query: str, endpoint: str) -> dict[str, str]:
    """Return the snippets for a query to an endpoint: for ``curl``, ``python`` and ``r``."""
    query = query.strip()
    lines = set(query.splitlines())
    end = next(mark for number in count() if (mark := f"SPARQL{number or ''}") not in lines)
    dashes = "-" * max([3, *(1 + len(run) for run in _R_ENDS.findall(query))])
    # A backslash, or the end of a long string, would be read by Python before SPARQL sees it.
    escaped = query.replace("\\", "\\\\").replace('"""', r"\"\"\"")
    python, r, accept = (_PYTHON_GRAPH, _R_GRAPH, "text/turtle") if gives_graph(query) else (_PYTHON, _R, "text/csv")
    return {
        "curl": _CURL.format(query=query, endpoint=endpoint, end=end, accept=accept),
        "python": python.format(query=escaped, endpoint=endpoint),
        "r": r.format(query=query, endpoint=endpoint, dashes=dashes),
    }
