"""The ontology as its page shows it: terms, what is said of them, and class expressions in words."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from functools import cached_property

import pyoxigraph as ox
from markupsafe import Markup

from kg.prefixes import ONTOLOGY, PREFIXES, contract, expand
from kg.rdf import graph_of

Node = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple

HEAD = ox.NamedNode(ONTOLOGY.rstrip("/"))
_NIL = expand("rdf:nil")
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
        self._said: defaultdict[str, defaultdict[ox.NamedNode, list[Node]]] = defaultdict(lambda: defaultdict(list))
        #: How many triples of the ontology have a property.
        self.uses: Counter[Node] = Counter()
        self._objects: defaultdict[tuple[str, str], list[Node]] = defaultdict(list)
        self._subjects: defaultdict[tuple[str, str], list[Node]] = defaultdict(list)
        found = set()
        label = expand("rdfs:label")
        for quad in quads:
            if quad.predicate.value == label and isinstance(quad.subject, ox.NamedNode):
                assert isinstance(quad.object, ox.Literal), "a label is text"
                self.labels.setdefault(quad.subject.value, quad.object.value)
            if graph_of(quad) == "ontology":
                found.add(quad.triple)
        self.triples: Sequence[ox.Triple] = sorted(found, key=str)
        for triple in self.triples:
            self.uses[triple.predicate] += 1
            self._said[str(triple.subject)][triple.predicate].append(triple.object)
            self._objects[str(triple.subject), triple.predicate.value].append(triple.object)
            self._subjects[triple.predicate.value, str(triple.object)].append(triple.subject)

    def objects(self, subject: Node, curie: str) -> list[Node]:
        """Return what a subject has for a property, in order."""
        return self._objects[str(subject), expand(curie)]

    def subjects(self, curie: str, value: Node) -> list[Node]:
        """Return what has a value for a property, in order."""
        return self._subjects[expand(curie), str(value)]

    def said(self, subject: Node) -> dict[ox.NamedNode, list[Node]]:
        """Return all that is said of a subject, by property, in order."""
        return dict(self._said[str(subject)])

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
        found: list[Node] = []
        while not (isinstance(node, ox.NamedNode) and node.value == _NIL):
            found += self.objects(node, "rdf:first")
            (node,) = self.objects(node, "rdf:rest")
        return found

    def operands(self, node: Node) -> list[Node]:
        """Return the classes that a class expression unites; a class stands for itself."""
        unions = self.objects(node, "owl:unionOf")
        return self.members(unions[0]) if unions else [node]

    def terms(self, curie: str) -> list[ox.NamedNode]:
        """Return the ontology's own terms of a type, by label."""
        found = [term for term in self.subjects("rdf:type", ox.NamedNode(expand(curie))) if is_own(term)]
        named = [term for term in found if isinstance(term, ox.NamedNode)]
        return sorted(named, key=self.order)

    @cached_property
    def properties(self) -> list[ox.NamedNode]:
        """All properties of the ontology's own, by label."""
        kinds = ("owl:ObjectProperty", "owl:DatatypeProperty", "owl:AnnotationProperty")
        return sorted((term for kind in kinds for term in self.terms(kind)), key=self.order)

    def order(self, term: ox.NamedNode) -> tuple[str, str]:
        """Return the key by which terms are sorted: the label as people sort it, then the IRI."""
        return self.labels[term.value].lower(), term.value

    def below(self, term: Node) -> set[Node]:
        """Return a class and all classes of the ontology's own below it."""
        found, new = set[Node](), [term]
        while new:
            one = new.pop()
            if one not in found and is_own(one):
                found.add(one)
                new += self.subjects("rdfs:subClassOf", one)
        return found

    def link(self, node: Node) -> Markup:
        """Write a node for people: a term of ours leads to its place on the page, a foreign one to its own."""
        if isinstance(node, ox.NamedNode):
            if is_own(node):
                return Markup('<a href="#{}">{}</a>').format(name(node), self.labels[node.value])
            shown, label = contract(node.value), self.labels.get(node.value)
            return Markup('<a href="{}">{}</a>{}').format(node.value, shown, f" ({label})" if label else "")
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
