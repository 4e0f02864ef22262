"""Proofs: how inferred triples follow from asserted ones, by the query files in ``kg/queries/explain``."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from heapq import heapify, heappop, heappush

from kg.engine import Engine
from kg.prefixes import GRAPH, contract, expand
from kg.queries import HERE, read_query

#: A triple; its terms are written as in N-Triples.
Triple = tuple[str, str, str]

INFERRED = GRAPH + "inferred"
#: What is computed after all else: nothing in the graph inferred rests on it.
COMPUTED = {GRAPH + "synthesis", GRAPH + "metadata"}
_NO_RULES = ("graphs", "computed")
_PLACE = "{ (UNDEF UNDEF UNDEF) }"
_CHUNK = 2_000  # triples that one query asks about
_VARIABLE = re.compile(r"\?(\w+)")


@dataclass(frozen=True)
class Step:
    """One application of a rule: which, in what words, by which axiom if the rule is one of OWL, to what."""

    rule: str
    words: str
    axiom: str | None
    premises: tuple[Triple, ...]


@dataclass(frozen=True)
class Proof:
    """Why a triple holds: the graphs in which it was asserted, or the step that gives it and proofs of its premises."""

    triple: Triple
    graphs: tuple[str, ...]
    step: Step | None = None
    premises: tuple["Proof", ...] = ()
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True)
class Rule:
    """A query file that finds the premises of triples: its parts, as the comments at its beginning name them."""

    name: str
    words: str
    derives: frozenset[str]
    axiom: str | None
    premises: tuple[tuple[str, str, str], ...]
    query: str

    def steps(self, triples: Iterable[Triple], engine: Engine) -> dict[Triple, list[Step]]:
        """Return every application of the rule that gives one of some triples."""
        goals = [triple for triple in triples if not self.derives or triple[1] in self.derives]
        found: defaultdict[Triple, list[Step]] = defaultdict(list)
        whole: defaultdict[tuple[str, ...], dict[Triple, None]] = defaultdict(dict)
        for row in rows(self.query, goals, engine):
            goal = (row["subject"], row["predicate"], row["object"])
            premises = [premise for template in self.premises if (premise := _filled(template, row))]
            if "step" in row:  # its premises stand in several rows
                whole[(*goal, row["step"])] |= dict.fromkeys(premises)
            elif goal not in premises:
                found[goal].append(Step(self.name, self.words, self._axiom(row), tuple(premises)))
        for (subject, predicate, target, _), premises_ in whole.items():
            found[(subject, predicate, target)].append(Step(self.name, self.words, None, tuple(premises_)))
        return found

    def _axiom(self, row: Mapping[str, str]) -> str | None:
        return self.axiom and _VARIABLE.sub(lambda name: _short(row[name[1]]), self.axiom)


@cache
def rules() -> Sequence[Rule]:
    """Return the rules, in the order of their file names."""
    paths = sorted(path for path in (HERE / "explain").glob("*.rq") if path.stem not in _NO_RULES)
    return [_read(path.stem) for path in paths]


def prove(triples: Iterable[Triple], engine: Engine) -> dict[Triple, Proof]:
    """Return a shortest proof, by the number of steps, of each triple that the snapshot holds."""
    goals = list(dict.fromkeys(triples))
    graphs: dict[Triple, tuple[str, ...]] = {}
    steps: dict[Triple, list[Step]] = {}
    fresh = goals
    while fresh:
        graphs |= _graphs(fresh, engine)
        inferred = [triple for triple in fresh if graphs.get(triple) == (INFERRED,)]
        steps |= {triple: [] for triple in inferred}
        for rule in rules():
            for triple, applied in rule.steps(inferred, engine).items():
                steps[triple] += applied
        needed = {premise for triple in inferred for step in steps[triple] for premise in step.premises}
        fresh = sorted(needed - graphs.keys())
    proofs = _shortest(graphs, steps)
    return {goal: proofs[goal] for goal in goals if goal in proofs}


def rows(query: str, triples: Sequence[Triple], engine: Engine) -> Iterator[dict[str, str]]:
    """Ask a query of triples; yield its rows, with terms written as in N-Triples."""
    for start in range(0, len(triples), _CHUNK):
        values = " ".join(f"({' '.join(triple)})" for triple in triples[start : start + _CHUNK])
        answer = engine.evaluate(query.replace(_PLACE, f"{{ {values} }}"), "json")
        for binding in json.loads(answer)["results"]["bindings"]:
            yield {name: _written(term) for name, term in binding.items()}


def _graphs(triples: Sequence[Triple], engine: Engine) -> dict[Triple, tuple[str, ...]]:
    found: defaultdict[Triple, list[str]] = defaultdict(list)
    for row in rows(read_query("explain/graphs"), triples, engine):
        found[(row["subject"], row["predicate"], row["object"])].append(row["graph"][1:-1])
    return {triple: tuple(found[triple]) for triple in triples if triple in found}


def _shortest(graphs: Mapping[Triple, tuple[str, ...]], steps: Mapping[Triple, list[Step]]) -> dict[Triple, Proof]:
    """Find a cheapest proof of every triple (Knuth's generalisation of Dijkstra's algorithm to and-or graphs)."""
    done: dict[Triple, Proof] = {}
    uses: defaultdict[Triple, list[tuple[Triple, Step]]] = defaultdict(list)
    for triple, applied in steps.items():
        for step in applied:
            for premise in step.premises:
                uses[premise].append((triple, step))
    leaves = graphs.keys() - steps.keys()
    computed = {triple for triple in leaves if COMPUTED.issuperset(graphs[triple])}
    choices: list[Step | None] = [None]
    # Of equally cheap steps the first by rule and premises is taken, so that a proof is the same on every engine.
    heap: list[tuple[int, Triple, str, tuple[Triple, ...], int]] = [
        (0, triple, "", (), 0) for triple in leaves - computed
    ]
    heapify(heap)
    cost: dict[Triple, int] = {}
    while heap:
        price, triple, _, _, choice = heappop(heap)
        if triple in done:
            continue
        cost[triple], chosen = price, choices[choice]
        premises = tuple(done[premise] for premise in chosen.premises) if chosen else ()
        done[triple] = Proof(triple, graphs[triple], chosen, premises, tuple(steps.get(triple, ())))
        for target, use in uses[triple]:
            if target not in done and all(premise in cost for premise in use.premises):
                choices.append(use)
                total = 1 + sum(cost[premise] for premise in use.premises)
                heappush(heap, (total, target, use.rule, use.premises, len(choices) - 1))
    return done | {triple: Proof(triple, graphs[triple]) for triple in computed}


def _read(name: str) -> Rule:
    query = read_query(f"explain/{name}")
    comments = [line.removeprefix("# ") for line in query.splitlines() if line.startswith("# ")]
    notes: defaultdict[str, list[str]] = defaultdict(list)
    for key, text in (line.split(": ", 1) for line in comments[1:] if ": " in line):
        notes[key].append(text)
    derives = frozenset(f"<{expand(term)}>" for line in notes["derives"] for term in line.split())
    premises = tuple((one, two, three) for one, two, three in (line.split() for line in notes["premise"]))
    return Rule(notes["rule"][0], comments[0], derives, next(iter(notes["axiom"]), None), premises, query)


def _filled(template: tuple[str, str, str], row: Mapping[str, str]) -> Triple | None:
    """Return a premise; None when it has no part in this application of the rule."""
    terms = [row.get(part[1:]) if part.startswith("?") else f"<{expand(part)}>" for part in template]
    if None in terms:
        return None
    subject, predicate, target = terms
    assert subject and predicate and target
    return subject, predicate, target


def _written(term: Mapping[str, str]) -> str:
    if term["type"] == "uri":
        return f"<{term['value']}>"
    if term["type"] == "bnode":
        return f"_:{term['value']}"
    text = json.dumps(term["value"], ensure_ascii=False)
    if "xml:lang" in term:
        return f"{text}@{term['xml:lang']}"
    return f"{text}^^<{term['datatype']}>" if "datatype" in term else text


def _short(term: str) -> str:
    return contract(term[1:-1]) if term.startswith("<") else term
