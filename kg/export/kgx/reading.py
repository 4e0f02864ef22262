"""What a reader of the files has to know."""

from collections.abc import Iterator, Mapping

from kg.prefixes import EXTERNAL, ID, ONTOLOGY, PREFIXES
from kg.read.labels import Labels

_README = """\
{title}, version {version}, snapshot {snapshot}, for readers of KGX TSV and Biolink.
Cite as: {citation}
Licence: {license}
Limited to: {filters}
Research data, not medical advice.

edges.tsv     an edge for each finding that has an object, and for each axiom of the hierarchy (standing: axiom)
nodes.tsv     everything that edges name
prefixes.yaml the prefixes of our own identifiers, for kgx transform --transform-config

How to read an edge
  Never without negated, direction and standing. Standing is affirmed or stated (the source says so), denied (it denies
  it; negated is true), or open (no result, a null one, a worse one, in doubt). What is null or in doubt has a relation
  without effect: related_to, or treats_or_applied_or_studied_to_treat. Biolink's treats and what is below it stand for
  trials or better only; a use on weaker evidence is applied_to_treat. The relation of the source itself is in
  original_predicate. An edge that is negated denies original_predicate, not every relation between the two.
  negated is true or empty: kgx takes any text in it for true.
  has_percentage, has_count and has_total are as printed; value, lower and upper with unit are all figures as printed.
  evidence_rank is that of OCEBM 2011: 1 is the best.
  publications has a DOI, a PMID or an address, or else our own identifier of a source that has none.
  infores:calcikg and the prefixes calcikg.* are not registered yet.

kgx transform keeps one edge for each subject, predicate and object in memory, and would merge findings that differ in
direction or denial. Stream instead, so that all stay:
  kgx transform --stream --input-format tsv --output-format jsonl --output calcikg nodes.tsv edges.tsv
"""


def readme(about: Mapping[str, str]) -> Iterator[str]:
    """Yield what the files are, and how to read them."""
    yield _README.format_map({"filters": "nothing, this is all of it", **about})


def prefixes(labels: Labels) -> Iterator[str]:
    """Yield the prefixes of the identifiers, as YAML."""
    types = sorted({str(entity["id"]).partition("/")[0] for entity in labels.entities.values()})
    own = {f"calcikg.{type_}": f"{ID}{type_}/" for type_ in types}
    yield "prefix_map:\n"
    for prefix, namespace in sorted({**own, "ckg": ONTOLOGY, "biolink": PREFIXES["biolink"], **EXTERNAL}.items()):
        yield f'  {prefix}: "{namespace}"\n'
