"""How the dataset uses the ontology: how often each term stands in it, and where one can see it at work."""

from collections import Counter, defaultdict
from collections.abc import Iterable

import pyoxigraph as ox
from markupsafe import Markup

from kg.build.ontology_page.model import Model, Node, is_own, name, term
from kg.prefixes import BASE, ID, expand
from kg.rdf import graph_of

_TYPE = ox.NamedNode(expand("rdf:type"))
#: Graphs whose triples speak of terms, not with them.
_LEFT_OUT = {"ontology", "metadata"}
#: Longest text of an example, in characters.
_LONGEST = 240


class Usage:
    """Counts and examples from all graphs but those that describe the ontology and the dataset."""

    def __init__(self, model: Model, quads: Iterable[ox.Quad]) -> None:
        used = {quad.triple for quad in quads if graph_of(quad) not in _LEFT_OUT}
        self.properties: Counter[Node] = Counter()
        self.instances: Counter[Node] = Counter()
        self.mentions: Counter[Node] = Counter()
        self._labels = model.labels
        self._said: dict[Node, dict[Node, list[Node]]] = {}
        self._first: dict[Node, tuple[Node, Node]] = {}
        self._member: dict[Node, Node] = {}
        self._users: defaultdict[Node, list[tuple[Node, Node]]] = defaultdict(list)
        for triple in sorted(used, key=str):
            subject, predicate, value = triple.subject, triple.predicate, triple.object
            self.properties[predicate] += 1
            self._said.setdefault(subject, {}).setdefault(predicate, []).append(value)
            self._users[value].append((subject, predicate))
            if predicate == _TYPE:
                self.instances[value] += 1
                self._member.setdefault(value, subject)
            else:
                self._first.setdefault(predicate, (subject, value))
                if is_own(value):
                    self.mentions[value] += 1
        self.finding = self._specimen()

    def values(self, subject: Node | None, property_: str) -> list[Node]:
        """Return what a subject has for a property of ours, in order."""
        return self.said(subject).get(term(property_), [])

    def said(self, subject: Node | None) -> dict[Node, list[Node]]:
        """Return all that is said of a subject, by property."""
        return self._said.get(subject, {}) if subject else {}

    def users(self, value: Node, property_: str) -> list[Node]:
        """Return what has a value for a property of ours, in order."""
        return [subject for subject, predicate in self._users.get(value, []) if predicate == term(property_)]

    def types(self, subject: Node) -> list[Node]:
        """Return the classes of a subject, in order."""
        return self.said(subject).get(_TYPE, [])

    def example(self, property_: Node) -> Markup | None:
        """Show one triple with a property: of the finding that the page shows whole, or the first there is."""
        said = self.said(self.finding).get(property_)
        found = (self.finding, said[0]) if self.finding and said else self._first.get(property_)
        return Markup("{} → {}").format(*map(self.show, found)) if found else None

    def member(self, class_: Node) -> Markup | None:
        """Show one member of a class, with what it states when it is a finding."""
        found = self._member.get(class_)
        words = [Markup(": {}").format(self.label(value)) for value in self.values(found, "statement")]
        return self.show(found) + Markup().join(words) if found else None

    def label(self, node: Node) -> str:
        """Return what people call a thing: its label, else its id, else its text."""
        if isinstance(node, ox.Literal):
            return node.value if len(node.value) <= _LONGEST else node.value[:_LONGEST].rsplit(" ", 1)[0] + " …"
        iri = node.value if isinstance(node, ox.NamedNode) else str(node)
        return self._labels.get(iri) or iri.removeprefix(ID)

    def show(self, node: Node) -> Markup:
        """Write a thing for people; what has a page of its own leads to it, from wherever the page is served."""
        if is_own(node):
            return Markup('<a href="#{}">{}</a>').format(name(node), self.label(node))
        if isinstance(node, ox.NamedNode) and node.value.startswith(ID):
            return Markup('<a href="{}">{}</a>').format(node.value.removeprefix(BASE), self.label(node))
        return Markup("{}").format(self.label(node))

    def _specimen(self) -> Node | None:
        """Choose the finding that shows most: on a side of a contrast, behind an edge and a synthesis, with figures."""
        shown = [term(name) for name in ("involves", "supportedBy", "input")]

        def weight(finding: Node) -> tuple[int, int, int]:
            uses = {predicate for _, predicate in self._users[finding]}
            figures = sum(bool(self.values(finding, name)) for name in ("population", "numerator", "value", "unit"))
            return sum(use in uses for use in shown), figures, len(self.said(finding))

        findings = [subject for subject, predicate in self._users[term("Finding")] if predicate == _TYPE]
        return max(findings, key=weight, default=None)
