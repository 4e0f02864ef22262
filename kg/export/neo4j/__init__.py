"""The evidence as a property graph for Neo4j: CSV files as ``neo4j-admin database import full`` reads them.

https://neo4j.com/docs/operations-manual/current/import/ says what a header may hold. Findings, sources, studies and
disagreements are nodes beside the entities, so that nothing that a finding says hangs on an edge. Direct relationships
between entities are there too; what is denied or open has a type of its own, which no question about a relation meets.
"""

from collections.abc import Iterable, Iterator, Mapping

from kg.export.archive import archive
from kg.export.extract import Extract
from kg.export.neo4j.backing import disagreements, works
from kg.export.neo4j.nodes import entities, findings
from kg.export.neo4j.relationships import direct, evidence
from kg.export.neo4j.sheets import Sheet
from kg.read.labels import Json


def write(extract: Extract) -> Iterator[bytes]:
    """Yield a ZIP of the nodes, the relationships, and how to import and ask them."""
    named: set[str] = set(extract.entities)

    def note(ends: Iterable[Json]) -> None:
        named.update(str(end["iri"]) for end in ends)

    relationships = [
        Sheet("relationships-evidence.csv", evidence(extract, note)),
        Sheet("relationships-direct.csv", direct(extract)),
    ]
    # What relationships lead to is known once they are written.
    nodes = [
        Sheet("nodes-findings.csv", findings(extract)),
        Sheet("nodes-entities.csv", entities(extract, named)),
        Sheet("nodes-works.csv", works(extract, named)),
        Sheet("nodes-disagreements.csv", disagreements(extract, named)),
    ]
    readme = ("README.txt", _readme(extract.about, nodes, relationships))
    yield from archive([*((sheet.name, sheet.lines()) for sheet in (*relationships, *nodes)), readme])


_README = """\
{title}, version {version}, snapshot {snapshot}, for Neo4j 5 and later.
Cite as: {citation}
Licence: {license}
Limited to: {filters}
Research data, not medical advice.

Import, in the folder of these files, into a database that is stopped or does not exist yet:

  neo4j-admin database import full neo4j --overwrite-destination \\
    {nodes} \\
    {relationships}

Then, once:

  CREATE CONSTRAINT FOR (n:Entity) REQUIRE n.id IS UNIQUE;
  CREATE CONSTRAINT FOR (n:Finding) REQUIRE n.id IS UNIQUE;

What is there
  (:Finding)-[:SUBJECT|OBJECT|POPULATION|SITE]->(:Entity)   what a finding is about
  (:Finding)-[:SOURCE]->(:Source)-[:CITES]->(:Study)         where it stands; (:Finding)-[:RELAYS]->(:Study) whose it is
  (:Finding)-[:FOLLOWS]->(:Finding)                          the event before it, of the same patient
  (:Contrast)-[:INVOLVES {{side}}]->(:Finding)                 disagreements (:Disagreement), real or apparent
  (:Entity)-[:TREATS|HAS_OUTCOME|...]->(:Entity)             direct: findings state it; weight is their number
  (:Entity)-[:DENIED_HAS_OUTCOME|...]->(:Entity)             findings deny it
  (:Entity)-[:OPEN_HAS_OUTCOME|...]->(:Entity)               without a result, null, worse or in doubt
  (:Entity)-[:SUBTYPE_OF|PART_OF]->(:Entity)                 the hierarchy; standing is axiom and weight 0
Each node also has its class as a label: (:Treatment), (:DrugTreatment), (:OutcomeFinding).
A benefit is not in the type of a relationship but in its direction: improved, resolved, worsened, ... rank is that of
OCEBM 2011: 1 is the best.

Questions to start with

  // What improves pain, by how many findings, and how good is the best?
  MATCH (t:Treatment)-[r:HAS_OUTCOME]->(:Outcome {{id: 'outcome/pain'}}) WHERE r.direction = 'improved'
  RETURN t.label, r.weight, r.level ORDER BY r.rank, r.weight DESC;

  // How often does infection follow surgery, and who says so?
  MATCH (s:Source)<-[:SOURCE]-(f:ComplicationFinding)-[:OBJECT]->(o:Complication)
  WHERE o.id = 'complication/postoperative-infection' AND f.reported IS NOT NULL
  RETURN f.reported, f.value, f.lower, f.upper, f.unit, f.level, s.label;

  // Who contradicts whom?
  MATCH (d:Disagreement)-[i:INVOLVES]->(f:Finding)-[:SOURCE]->(s:Source)
  RETURN d.question, i.side, collect(f.statement), s.label ORDER BY d.question, i.side;
"""


def _readme(about: Mapping[str, str], nodes: list[Sheet], relationships: list[Sheet]) -> Iterator[str]:
    arguments = {
        "nodes": " ".join(f"--nodes={sheet.name}" for sheet in nodes),
        "relationships": " ".join(f"--relationships={sheet.name}" for sheet in relationships),
    }
    yield _README.format_map({"filters": "nothing, this is all of it", **about, **arguments})
