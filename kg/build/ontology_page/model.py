"""What the page shows: the terms of the ontology, and how often and where the dataset uses them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from functools import cached_property

import pyoxigraph as ox
from markupsafe import Markup

from kg.prefixes import BASE, ID, ONTOLOGY, PREFIXES, contract, expand
from kg.rdf import graph_of
from kg.text import link

Node = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple

HEAD = ox.NamedNode(ONTOLOGY.rstrip("/"))
_NIL = expand("rdf:nil")
_TYPE = ox.NamedNode(expand("rdf:type"))
#: Graphs whose triples describe terms and do not use them.
_DESCRIBING = {"ontology", "metadata"}
#: Longest text of an example, in characters.
_LONGEST = 240
#: The words for a restriction, before what it restricts to.
_RESTRICTIONS = {
    "owl:cardinality": "exactly",
    "owl:minCardinality": "at least",
    "owl:maxCardinality": "at most",
    "owl:allValuesFrom": "only",
    "owl:someValuesFrom": "some",
}


class Model:
    """The triples of the graph ``ontology``, and labels from all graphs."""

    def __init__(self, quads: Iterable[ox.Quad]) -> None:
        self.labels: dict[str, str] = {}
        self._statements: defaultdict[str, defaultdict[ox.NamedNode, list[Node]]] = defaultdict(
            lambda: defaultdict(list)
        )
        #: How many triples of the ontology have a property.
        self.uses: Counter[Node] = Counter()
        self._objects: defaultdict[tuple[str, str], list[Node]] = defaultdict(list)
        self._subjects: defaultdict[tuple[str, str], list[Node]] = defaultdict(list)
        triples = set()
        label = expand("rdfs:label")
        for quad in quads:
            if quad.predicate.value == label and isinstance(quad.subject, ox.NamedNode):
                assert isinstance(quad.object, ox.Literal), "a label is text"
                self.labels.setdefault(quad.subject.value, quad.object.value)
            if graph_of(quad) == "ontology":
                triples.add(quad.triple)
        self.triples: Sequence[ox.Triple] = sorted(triples, key=str)
        for triple in self.triples:
            self.uses[triple.predicate] += 1
            self._statements[str(triple.subject)][triple.predicate].append(triple.object)
            self._objects[str(triple.subject), triple.predicate.value].append(triple.object)
            self._subjects[triple.predicate.value, str(triple.object)].append(triple.subject)

    def objects(self, subject: Node, curie: str) -> list[Node]:
        """Return what a subject has for a property, in order."""
        return self._objects[str(subject), expand(curie)]

    def subjects(self, curie: str, value: Node) -> list[Node]:
        """Return what has a value for a property, in order."""
        return self._subjects[expand(curie), str(value)]

    def statements(self, subject: Node) -> dict[ox.NamedNode, list[Node]]:
        """Return the values of a subject by property, in order."""
        return dict(self._statements[str(subject)])

    @property
    def prefixes(self) -> dict[str, str]:
        """The prefixes whose namespaces stand in the ontology."""
        text = "\n".join(map(str, self.triples))
        return {prefix: iri for prefix, iri in PREFIXES.items() if iri in text}

    def text(self, subject: Node, curie: str) -> str:
        """Return the text that a subject has for a property, empty when it has none."""
        return " ".join(value.value for value in self.objects(subject, curie) if isinstance(value, ox.Literal))

    def iri(self, subject: Node, curie: str) -> str:
        """Return the first IRI that a subject has for a property. Raises StopIteration when it has none."""
        return next(value.value for value in self.objects(subject, curie) if isinstance(value, ox.NamedNode))

    def members(self, node: Node) -> list[Node]:
        """Return the members of an RDF list."""
        members: list[Node] = []
        while not (isinstance(node, ox.NamedNode) and node.value == _NIL):
            members += self.objects(node, "rdf:first")
            (node,) = self.objects(node, "rdf:rest")
        return members

    def operands(self, node: Node) -> list[Node]:
        """Return the classes that a class expression unites; a class stands for itself."""
        unions = self.objects(node, "owl:unionOf")
        return self.members(unions[0]) if unions else [node]

    def terms(self, curie: str) -> list[ox.NamedNode]:
        """Return the ontology's own terms of a type, by label."""
        terms = self.subjects("rdf:type", ox.NamedNode(expand(curie)))
        return sorted((term for term in terms if isinstance(term, ox.NamedNode) and is_own(term)), key=self.order)

    @cached_property
    def properties(self) -> list[ox.NamedNode]:
        """All properties of the ontology's own, by label."""
        kinds = ("owl:ObjectProperty", "owl:DatatypeProperty", "owl:AnnotationProperty")
        return sorted((term for kind in kinds for term in self.terms(kind)), key=self.order)

    def reaching(self, curie: str, class_: Node) -> list[ox.NamedNode]:
        """Return the properties whose domain or range is a class, alone or in a union, by label."""
        return self._reaching.get((curie, class_), [])

    @cached_property
    def _reaching(self) -> dict[tuple[str, Node], list[ox.NamedNode]]:
        found: defaultdict[tuple[str, Node], list[ox.NamedNode]] = defaultdict(list)
        for property_ in self.properties:
            for curie in ("rdfs:domain", "rdfs:range"):
                for class_ in {one for node in self.objects(property_, curie) for one in self.operands(node)}:
                    found[curie, class_].append(property_)
        return found

    def order(self, term: ox.NamedNode) -> tuple[str, str]:
        """Return the key by which terms are sorted: the label as people sort it, then the IRI."""
        return self.labels[term.value].lower(), term.value

    def descendants(self, class_: Node) -> set[Node]:
        """Return a class and all its subclasses in the ontology."""
        descendants, new = set[Node](), [class_]
        while new:
            one = new.pop()
            if one not in descendants and is_own(one):
                descendants.add(one)
                new += self.subjects("rdfs:subClassOf", one)
        return descendants

    def link(self, node: Node) -> Markup:
        """Write a node for people, with a link: to its entry on this page, or to its own page elsewhere."""
        if isinstance(node, ox.NamedNode):
            if is_own(node):
                return Markup('<a href="#{}">{}</a>').format(name(node), self.labels[node.value])
            shown, label = contract(node.value), self.labels.get(node.value)
            return link(node.value, shown) + (f" ({label})" if label else "")
        if isinstance(node, ox.BlankNode):
            return self._expression(node)
        return Markup("{}").format(node.value if isinstance(node, ox.Literal) else str(node))

    def _expression(self, node: ox.BlankNode) -> Markup:
        if self.objects(node, "owl:unionOf"):
            return Markup(" or ").join(map(self.link, self.operands(node)))
        (property_,) = self.objects(node, "owl:onProperty")
        ((word, value),) = [
            (word, value) for curie, word in _RESTRICTIONS.items() for value in self.objects(node, curie)
        ]
        return Markup("{} {} {}").format(self.link(property_), word, self.link(value))


class Usage:
    """Counts and examples from all graphs but those that describe the ontology and the dataset."""

    def __init__(self, model: Model, quads: Iterable[ox.Quad]) -> None:
        used = {quad.triple for quad in quads if graph_of(quad) not in _DESCRIBING}
        self.properties: Counter[Node] = Counter()
        self.instances: Counter[Node] = Counter()
        self.mentions: Counter[Node] = Counter()
        self._labels = model.labels
        self._statements: dict[Node, dict[Node, list[Node]]] = {}
        self._first: dict[Node, tuple[Node, Node]] = {}
        self._member: dict[Node, Node] = {}
        self._users: defaultdict[Node, list[tuple[Node, Node]]] = defaultdict(list)
        for triple in sorted(used, key=str):
            subject, predicate, value = triple.subject, triple.predicate, triple.object
            self.properties[predicate] += 1
            self._statements.setdefault(subject, {}).setdefault(predicate, []).append(value)
            self._users[value].append((subject, predicate))
            if predicate == _TYPE:
                self.instances[value] += 1
                self._member.setdefault(value, subject)
            else:
                self._first.setdefault(predicate, (subject, value))
                if is_own(value):
                    self.mentions[value] += 1
        self.finding = self._choose_finding()

    def values(self, subject: Node | None, property_: str) -> list[Node]:
        """Return what a subject has for a property of ours, in order."""
        return self.statements(subject).get(term(property_), [])

    def statements(self, subject: Node | None) -> dict[Node, list[Node]]:
        """Return the values of a subject by property."""
        return self._statements.get(subject, {}) if subject else {}

    def users(self, value: Node, property_: str) -> list[Node]:
        """Return what has a value for a property of ours, in order."""
        return [subject for subject, predicate in self._users.get(value, []) if predicate == term(property_)]

    def types(self, subject: Node) -> list[Node]:
        """Return the classes of a subject, in order."""
        return self.statements(subject).get(_TYPE, [])

    def example(self, property_: Node) -> Markup | None:
        """Show one triple with a property: of the finding that the page shows whole, or the first there is."""
        said = self.statements(self.finding).get(property_)
        found = (self.finding, said[0]) if self.finding and said else self._first.get(property_)
        return Markup("{} → {}").format(*map(self.show, found)) if found else None

    def member(self, class_: Node) -> Markup | None:
        """Show one member of a class, with what it states when it is a finding."""
        found = self._member.get(class_)
        words = [Markup(": {}").format(self.label(value)) for value in self.values(found, "statement")]
        return self.show(found) + Markup().join(words) if found else None

    def label(self, node: Node) -> str:
        """Return the name of a node for people: its label, else its id, else its text."""
        if isinstance(node, ox.Literal):
            return node.value if len(node.value) <= _LONGEST else node.value[:_LONGEST].rsplit(" ", 1)[0] + " …"
        iri = node.value if isinstance(node, ox.NamedNode) else str(node)
        return self._labels.get(iri) or iri.removeprefix(ID)

    def show(self, node: Node) -> Markup:
        """Write a node for people, with a relative link to its page, so that it works wherever this page is served."""
        if is_own(node):
            return Markup('<a href="#{}">{}</a>').format(name(node), self.label(node))
        if isinstance(node, ox.NamedNode) and node.value.startswith(ID):
            return Markup('<a href="{}">{}</a>').format(node.value.removeprefix(BASE), self.label(node))
        return Markup("{}").format(self.label(node))

    def _choose_finding(self) -> Node | None:
        """Choose the finding that shows most: in a disagreement, behind an edge and a synthesis, with figures."""
        shown = [term(name) for name in ("involves", "supportedBy", "input")]

        def weight(finding: Node) -> tuple[int, int, int]:
            uses = {predicate for _, predicate in self._users[finding]}
            figures = sum(bool(self.values(finding, name)) for name in ("population", "numerator", "value", "unit"))
            return sum(use in uses for use in shown), figures, len(self.statements(finding))

        findings = [subject for subject, predicate in self._users[term("Finding")] if predicate == _TYPE]
        return max(findings, key=weight, default=None)


def is_own(node: Node) -> bool:
    """Tell whether a node is a term of the project's own ontology."""
    return isinstance(node, ox.NamedNode) and node.value.startswith(ONTOLOGY)


def name(node: Node) -> str:
    """Return the name of a term of ours, which is its anchor on the page."""
    assert isinstance(node, ox.NamedNode), "a term has an IRI"
    return node.value.removeprefix(ONTOLOGY)


def term(local: str) -> ox.NamedNode:
    """Return the term of ours with a name."""
    return ox.NamedNode(ONTOLOGY + local)
