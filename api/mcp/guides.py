"""What an assistant reads before it asks: the ontology in short, the questions, what the data are; and prompts."""

from api.http.serving import labels, served
from kg.prefixes import PREFIXES
from kg.read.questions import questions

INSTRUCTIONS = """\
The evidence on calcinosis in systemic sclerosis, read from case reports, series, trials, reviews and patient
pages. Each finding is what one source says, with its figure, population and evidence level (1 is the best, 5
is opinion). Begin with `find` for ids, then `tell_evidence`. Quote figures as they are, with who was studied,
the evidence level, the IRI of the finding and its source. Never add up figures of different findings: people
may be in several. Where nothing is found, say that these sources report nothing. Findings called mixed or
indirect are not on people with systemic sclerosis alone. This is no medical advice."""

_ONTOLOGY = """\
# The dataset in short

Prefixes: {prefixes}

A finding (ckg:Finding) has ckg:statement, ckg:subject, ckg:predicate, ckg:object, ckg:source, ckg:population,
ckg:evidenceLevel (with ckg:rank, 1 to 5), ckg:directness, ckg:verdict and, where the source prints them, ckg:value with
ckg:unit, ckg:lower, ckg:upper, ckg:numerator, ckg:denominator, ckg:pValue. ckg:about leads from a finding to all that
it is about, with what is above these. Entities have rdfs:label; ckg:subtypeOf and ckg:partOf are the hierarchy. Terms
of MONDO, HPO, UBERON, MAXO and others are linked by skos:exactMatch and its like. Pooled results, rows of the
summary and tallies are in the graph of the synthesis. The default graph is the union of all.

Kinds of findings: {kinds}

Keys of a finding: {keys}
"""

PROMPTS = {
    "clinician": "What is known of {topic} in people with systemic sclerosis and calcinosis, and how sure can one be? "
    "Use find, then tell_evidence and list_pooled. Begin with the answer in two sentences. Then give each result "
    "with its figure, who was studied, evidence level, IRI and source; harms apart; what other diseases "
    "show apart; and what these sources leave open. Give no advice on treatment.",
    "reviewer": "Review the evidence on {topic}: use tell_evidence until all findings are read, list_pooled, "
    "list_disagreements and list_gaps. Make a table of findings (study, population, n/N, figure with interval, "
    "level, IRI), say where sources disagree and why, and what was pooled or left out. Cite every source by `cite`.",
    "integrator": "Show how {topic} is modelled: read the resource calcikg://ontology, use find for its ids and "
    "external identifiers, and write SPARQL that gets its findings with figures and the mapped terms; "
    "run it with run_sparql.",
}


def ontology() -> str:
    """Return the model in short: prefixes, kinds of findings and their keys."""
    schema = labels().schema
    return _ONTOLOGY.format(
        prefixes=", ".join(f"{name}: <{iri}>" for name, iri in sorted(PREFIXES.items())),
        kinds=", ".join(schema["kind"].choices),
        keys=", ".join(key.name for key in schema.keys),
    )


def library() -> str:
    """Return the questions of the library, each with its slug."""
    return "\n".join(f"- {slug}: {one.words}" for slug, one in questions().items())


def data() -> str:
    """Return which snapshot answers, when it was made, and how much it has."""
    snapshot = served().snapshot
    if snapshot is None:
        return "RDF files are served as they are."
    counts = snapshot.counts
    return (
        f"Snapshot {snapshot.version}, {counts['findings']} findings of {counts['sources']} sources, "
        f"{counts['triples']} triples. The name of a snapshot follows from its content; cite it with the answers."
    )


#: Resources by address: name, and what reads it.
RESOURCES = {
    "calcikg://ontology": ("The model in short, for SPARQL", ontology),
    "calcikg://questions": ("The questions of the library", library),
    "calcikg://data": ("The snapshot that answers", data),
}
