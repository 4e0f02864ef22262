"""A query as text to paste into a shell, into Python or into R; each prints the answer as a table.

The query stands in each as it is, to be read and changed, between marks that it does not hold itself.
"""

from itertools import count

_CURL = """\
curl --silent --show-error --header 'Accept: text/csv' --data-urlencode query@- {endpoint} <<'{end}'
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
_R = """\
query <- r"{dashes}(
{query}
){dashes}"
address <- paste0("{endpoint}?format=csv&query=", URLencode(query, reserved = TRUE))
answer <- read.csv(url(address), na.strings = "", encoding = "UTF-8", check.names = FALSE)
print(answer)
"""


def snippets(query: str, endpoint: str) -> dict[str, str]:
    """Return the snippets for a query to an endpoint: for ``curl``, ``python`` and ``r``."""
    query = query.strip()
    lines = set(query.splitlines())
    end = next(mark for number in count() if (mark := f"SPARQL{number or ''}") not in lines)
    dashes = next(mark for number in count(3) if f"){(mark := '-' * number)}" not in query)
    # A backslash, or the end of a long string, would be read by Python before SPARQL sees it.
    escaped = query.replace("\\", "\\\\").replace('"""', r"\"\"\"")
    return {
        "curl": _CURL.format(query=query, endpoint=endpoint, end=end),
        "python": _PYTHON.format(query=escaped, endpoint=endpoint),
        "r": _R.format(query=query, endpoint=endpoint, dashes=dashes),
    }
