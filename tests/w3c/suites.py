"""Which tests of the suites are asked, and how; which are not, and what is answered otherwise, with the reasons."""

from w3c.manifest import Entry, read_entries
from w3c.services import SUITES

#: What each kind of test is about.
PARTS = {
    "QueryEvaluationTest": "evaluation",
    "CSVResultFormatTest": "evaluation",
    "PositiveSyntaxTest": "positive syntax",
    "PositiveSyntaxTest11": "positive syntax",
    "NegativeSyntaxTest": "negative syntax",
    "NegativeSyntaxTest11": "negative syntax",
    "UpdateEvaluationTest": "update",
    "PositiveUpdateSyntaxTest11": "update",
    "NegativeUpdateSyntaxTest11": "update",
    "ProtocolTest": "protocol",
    "GraphStoreProtocolTest": "graph store",
    "ServiceDescriptionTest": "service description",
}
#: What tests are about whose kind does not tell, by the beginning of their ids.
FURTHER_PARTS = {
    "sparql11/delete-insert/": "update",
    "sparql11/protocol/update_": "update",
    "sparql11/service/": "federation",
    "sparql11/syntax-fed/": "federation syntax",
}
_DIRECT = "the graphs of the store have addresses of their own, not below that of the service"
#: Tests that are not asked, by the beginning of their ids.
LEFT_OUT: dict[str, str] = {
    "sparql10/open-world/sameTerm": "part of no suite: its queries are missing",
    "sparql10/sort/dawg-sort-11": "not approved; RDF 1.1 has no plain literals that are not strings",
    "sparql11/entailment/": "the service offers no entailment regime",
    "sparql11/http-rdf-update/": "deprecated in favour of graph-store-protocol; told in prose",
    "sparql11/graph-store-protocol/head_existing_direct": _DIRECT,
    "sparql11/graph-store-protocol/post_get_post_get_direct": _DIRECT,
    "sparql11/graph-store-protocol/put_delete_get_delete_direct": _DIRECT,
    "sparql11/graph-store-protocol/put_get_repeat_direct": _DIRECT,
    "sparql11/graph-store-protocol/post_get_new_graph": "nobody can create a graph",
}

_SPELLING = "the store writes numbers its own way, so terms that differ by their spelling alone are one term"
_GRAPH = "a pattern without triples inside GRAPH ?g is not evaluated once for each graph"
_PATH = "a path of length zero does not match a term that is in no triple"

DEVIATIONS: dict[str, str] = {
    "sparql10/distinct/distinct-1": _SPELLING,
    "sparql10/distinct/distinct-9": _SPELLING,
    "sparql10/expr-builtin/dawg-str-1": _SPELLING,
    "sparql10/expr-builtin/dawg-str-2": _SPELLING,
    "sparql10/expr-builtin/sameTerm-eq": _SPELLING,
    "sparql10/expr-builtin/sameTerm-not-eq": _SPELLING,
    "sparql10/expr-builtin/sameTerm-simple": _SPELLING,
    "sparql10/expr-equals/eq-graph-1": _SPELLING,
    "sparql10/expr-equals/eq-graph-2": _SPELLING,
    "sparql10/graph/graph-optional": _GRAPH,
    "sparql10/graph/graph-variable-scope": _GRAPH,
    "sparql10/open-world/date-2": "dates with and without time zone are compared by value, not refused",
    "sparql10/open-world/open-eq-01": _SPELLING,
    "sparql10/syntax-sparql3/syn-bad-26": "<?a&&?b> is read as an expression, not as one IRI",
    "sparql11/aggregates/agg-empty-group-count-graph": _GRAPH,
    "sparql11/aggregates/agg-groupconcat-04": "GROUP_CONCAT keeps a language tag that all values share",
    "sparql11/aggregates/agg-groupconcat-06": "GROUP_CONCAT keeps the language tag of a single value",
    "sparql11/bindings/graph": _GRAPH,
    "sparql11/csv-tsv-res/csv03": _SPELLING,
    "sparql11/functions/bnode01": "BNODE(text) gives a new node for each row and call",
    "sparql11/negation/graph-minus": _GRAPH,
    "sparql11/property-path/zero_or_more_set_end": _PATH,
    "sparql11/property-path/zero_or_more_set_start": _PATH,
    "sparql11/property-path/zero_or_one_set_end": _PATH,
    "sparql11/property-path/zero_or_one_set_start": _PATH,
}


def part_of(entry: Entry) -> str:
    """Return what a test is about."""
    found = (part for start, part in FURTHER_PARTS.items() if entry.id.startswith(start))
    return next(found, None) or PARTS[entry.kind]


def is_left_out(entry: Entry) -> bool:
    """Tell whether a test is not asked."""
    return entry.id.startswith(tuple(LEFT_OUT))


def entries(part: str) -> list[Entry]:
    """Return the tests of a part that are asked."""
    found = read_entries(SUITES) if SUITES else ()
    return [entry for entry in found if not is_left_out(entry) and part_of(entry) == part]
