"""The page of the ontology: every term with its axioms, its use and its examples, in sections."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import jinja2
import pyoxigraph as ox
from markupsafe import Markup

from kg.build.ontology_page.model import HEAD, Model, Node, Usage, is_own, name, term
from kg.build.ontology_page.picture import draw
from kg.prefixes import expand

_HERE = Path(__file__).parent
_VOCABULARIES = "Vocabularies"
#: Sections of classes: a title, and the classes that it shows with their subclasses. A class is in the first that fits.
_CLASSES = (
    ("Findings and their parts", ("Finding", "Quantity", "Overlap", "Locator", "Derivation", "Verification")),
    ("Edges, disagreements and syntheses", ("Edge", "Contrast", "Side", "Synthesis", "Omission", "CertaintyRating")),
    ("Entities", ("Entity",)),
    (_VOCABULARIES, ("Concept", "LevelRule", "BiolinkRule")),
)
#: Sections of properties: a title, and the classes whose properties it shows. A property is in the first that fits.
_PROPERTIES = (
    ("Properties of a finding", ("Finding",)),
    ("Properties of populations, sources and studies", ("Population", "Overlap", "Source", "Study")),
    ("Properties of quantities", ("Quantity",)),
    ("Properties of locators, derivations and verifications", ("Locator", "Derivation", "Verification")),
    ("Properties of edges", ("Edge",)),
    ("Properties of disagreements and ratings", ("Contrast", "Side", "CertaintyRating")),
    ("Properties of syntheses and of the evidence map", ("Synthesis", "SynthesisMethod", "Omission")),
    ("Properties of vocabularies and rules", ("Concept", "LevelRule", "BiolinkRule")),
)
_RELATIONS = "Relations between entities"
_KINDS = {
    "owl:ObjectProperty": "object property",
    "owl:DatatypeProperty": "data property",
    "owl:AnnotationProperty": "annotation property",
    "owl:Class": "class",
}


Row = tuple[str, list[Markup]]
#: Rows that show the values of one property; ``^`` shows its subjects instead.
_PROPERTY_ROWS = {
    "Superclass of": "^rdfs:subClassOf",
    "Domain": "rdfs:domain",
    "Range": "rdfs:range",
    "Subproperty of": "rdfs:subPropertyOf",
    "Superproperty of": "^rdfs:subPropertyOf",
    "Disjoint with": "owl:disjointWith",
    "Note": "skos:scopeNote",
    "Also called": "skos:altLabel",
    "Source": "dcterms:source",
    "Exact match": "skos:exactMatch",
    "Close match": "skos:closeMatch",
    "Broad match": "skos:broadMatch",
    "Related match": "skos:relatedMatch",
}
_CHARACTERISTICS = {
    "owl:FunctionalProperty": "functional: at most one value",
    "owl:TransitiveProperty": "transitive",
    "owl:SymmetricProperty": "symmetric",
}


@dataclass(frozen=True)
class Entry:
    """A term as the page shows it: its rows, and the entries inside it."""

    name: str
    label: str
    kind: str
    definition: str
    depth: int
    rows: list[Row]
    entries: tuple["Entry", ...] = ()


@dataclass(frozen=True)
class Section:
    """A part of the page."""

    title: str
    entries: list[Entry]

    @property
    def anchor(self) -> str:
        """The anchor, which no term has as its name."""
        return "section-" + self.title.lower().replace(",", "").replace(" ", "-")

    @property
    def count(self) -> int:
        """How many terms it has, including those inside others."""
        return sum(1 + len(entry.entries) for entry in self.entries)


def render(model: Model, usage: Usage) -> str:
    """Return the page as HTML."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    return environment.get_template("page.html").render(
        head={key: model.text(HEAD, f"dcterms:{key}") for key in _HEAD},
        version=model.text(HEAD, "owl:versionInfo"),
        links={key: model.iri(HEAD, curie) for key, curie in _LINKS.items()},
        iri=HEAD.value,
        style=Markup((_HERE / "page.css").read_text(encoding="utf-8")),
        picture=draw(model, usage),
        finding=usage.finding and usage.show(usage.finding),
        statement=usage.values(usage.finding, "statement"),
        example=list(_example(model, usage)),
        sections=sections(model, usage),
        prefixes=model.prefixes,
        status=model.iri(HEAD, "bibo:status").rpartition("/")[2],
        formats=_FORMATS,
    )


_FORMATS = (
    ("ttl", "text/turtle", "Turtle"),
    ("rdf", "application/rdf+xml", "RDF/XML"),
    ("jsonld", "application/ld+json", "JSON-LD"),
    ("nt", "application/n-triples", "N-Triples"),
)
_HEAD = (
    "title",
    "description",
    "abstract",
    "creator",
    "publisher",
    "created",
    "issued",
    "modified",
    "bibliographicCitation",
)
_LINKS = {"version": "owl:versionIRI", "licence": "dcterms:license", "source": "dcterms:source"}


def sections(model: Model, usage: Usage) -> list[Section]:
    """Return every term of the ontology, once, in the sections of the page."""

    def entry(one: ox.NamedNode, depth: int = 0, entries: tuple[Entry, ...] = ()) -> Entry:
        definition, said = model.text(one, "skos:definition"), list(_rows(model, usage, one))
        return Entry(name(one), model.labels[one.value], _kind(model, one), definition, depth, said, entries)

    found, placed = [], set[Node]()
    for title, roots in _CLASSES:
        tree = [pair for root in roots for pair in _tree(model, term(root), 0, placed)]
        placed |= {one for one, _ in tree}
        vocabulary = title == _VOCABULARIES
        found.append(
            Section(
                title,
                [
                    entry(one, depth, tuple(map(entry, _members(model, one))) if vocabulary else ())
                    for one, depth in tree
                ],
            )
        )
    properties: dict[str, list[Entry]] = {title: [] for title in (_RELATIONS, *(title for title, _ in _PROPERTIES))}
    for one in model.properties:
        properties[_section(model, one)].append(entry(one))
    return [*found[:-1], *(Section(title, entries) for title, entries in properties.items()), found[-1]]


def _tree(model: Model, root: ox.NamedNode, depth: int, placed: set[Node]) -> Iterator[tuple[ox.NamedNode, int]]:
    """Yield a class and those below it, each with its depth; those already in another section are left out."""
    yield root, depth
    below = (one for one in model.subjects("rdfs:subClassOf", root) if isinstance(one, ox.NamedNode) and is_own(one))
    for one in sorted(below, key=model.order):
        if one not in placed:
            yield from _tree(model, one, depth + 1, placed)


def _members(model: Model, class_: ox.NamedNode) -> list[ox.NamedNode]:
    """Return the individuals of a vocabulary; one that is in two vocabularies is shown in the first."""
    found = [one for one in model.subjects("rdf:type", class_) if isinstance(one, ox.NamedNode) and is_own(one)]
    return sorted((one for one in found if model.objects(one, "rdf:type")[0] == class_), key=model.order)


def _section(model: Model, property_: Node) -> str:
    domains = set(_domains(model, property_))
    for title, classes in _PROPERTIES:
        if any(model.descendants(term(class_)) & domains for class_ in classes):
            return title
    return _RELATIONS


def _domains(model: Model, property_: Node) -> Iterator[Node]:
    """Yield the classes that have a property: by its domain, a property above it, or its inverse's range."""
    for node in model.objects(property_, "rdfs:domain"):
        yield from model.operands(node)
    for above in model.objects(property_, "rdfs:subPropertyOf"):
        if is_own(above):
            yield from _domains(model, above)
    for inverse in model.objects(property_, "owl:inverseOf"):
        for node in model.objects(inverse, "rdfs:range"):
            yield from model.operands(node)


def _kind(model: Model, one: Node) -> str:
    types = {node.value for node in model.objects(one, "rdf:type") if isinstance(node, ox.NamedNode)}
    return next((word for curie, word in _KINDS.items() if expand(curie) in types), "individual")


def _example(model: Model, usage: Usage) -> Iterator[tuple[Markup, list[Markup]]]:
    """Yield the values of the example, property by property."""
    for property_, values in sorted(usage.statements(usage.finding).items(), key=lambda item: str(item[0])):
        if is_own(property_):
            yield model.link(property_), [usage.show(value) for value in values]


def _rows(model: Model, usage: Usage, one: ox.NamedNode) -> Iterator[Row]:
    """Yield the rows of a term; a row without values is left out."""
    for heading, values in (*_stated(model, one), *_logic(model, one), *_own(model, one), *_used(model, usage, one)):
        if values:
            yield heading, values


def _stated(model: Model, one: Node) -> Iterator[Row]:
    above = model.objects(one, "rdfs:subClassOf")
    yield "Subclass of", [model.link(node) for node in above if isinstance(node, ox.NamedNode)]
    yield "Each has", [model.link(node) for node in above if isinstance(node, ox.BlankNode)]
    for heading, curie in _PROPERTY_ROWS.items():
        found = model.subjects(curie[1:], one) if curie[0] == "^" else model.objects(one, curie)
        yield heading, [model.link(node) for node in found]


def _logic(model: Model, one: Node) -> Iterator[Row]:
    inverses = {*model.objects(one, "owl:inverseOf"), *model.subjects("owl:inverseOf", one)}
    yield "Inverse of", [model.link(node) for node in sorted(inverses, key=str)]
    types = {node.value for node in model.objects(one, "rdf:type") if isinstance(node, ox.NamedNode)}
    found = [Markup("{}").format(words) for curie, words in _CHARACTERISTICS.items() if expand(curie) in types]
    yield "Characteristics", found
    chains = [model.members(node) for node in model.objects(one, "owl:propertyChainAxiom")]
    yield "Follows from", sorted(Markup(", then ").join(map(model.link, chain)) for chain in chains)
    for heading, curie in (("In domain of", "rdfs:domain"), ("In range of", "rdfs:range")):
        yield heading, [model.link(node) for node in model.reaching(curie, one)]


def _own(model: Model, one: Node) -> Iterator[Row]:
    """Yield what properties of our own say of a term, such as which directions oppose a direction."""
    for property_, values in model.statements(one).items():
        if is_own(property_):
            yield model.labels[property_.value].capitalize(), [model.link(node) for node in values]
    yield "Type", [model.link(node) for node in model.objects(one, "rdf:type") if is_own(node)]


def _used(model: Model, usage: Usage, one: Node) -> Iterator[Row]:
    counted = (
        (usage.properties[one], "triple", "triples", usage.example),
        (usage.instances[one], "instance", "instances", usage.member),
        (usage.mentions[one], "reference", "references", None),
    )
    words = [f"{number:,} {single if number == 1 else many}" for number, single, many, _ in counted if number]
    if within := len(model.subjects("rdf:type", one)) + model.uses[one]:
        words.append(f"{within:,} in the ontology itself")
    yield "Used by", [Markup("{}").format(word) for word in words] or [Markup("nothing yet")]
    shown = [example(one) for number, _, _, example in counted if number and example]
    yield "Example", [found for found in shown if found]
