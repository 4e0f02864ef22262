"""A query as text to paste into a shell, into Python or into R; each prints the answer as a table."""

_CURL = """\
curl --silent --header 'Accept: text/csv' --data-urlencode query@- {endpoint} <<'SPARQL'
{query}
SPARQL
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
    print(pandas.read_csv(io.TextIOWrapper(answer, "utf-8")).to_string())
'''
_R = """\
query <- r"---(
{query}
)---"
address <- paste0("{endpoint}?format=csv&query=", URLencode(query, reserved = TRUE))
print(read.csv(url(address)))
"""


def snippets(query: str, endpoint: str) -> dict[str, str]:
    """Return the snippets for a query to an endpoint."""
    # A backslash would be read by Python's string before SPARQL sees it.
    python = query.strip().replace("\\", "\\\\")
    return {
        "curl": _CURL.format(query=query.strip(), endpoint=endpoint),
        "python": _PYTHON.format(query=python, endpoint=endpoint),
        "r": _R.format(query=query.strip(), endpoint=endpoint),
    }
