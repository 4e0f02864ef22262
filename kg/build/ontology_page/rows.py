"""What the page says of one term beside its definition: rows of a heading and values."""

from collections.abc import Iterator

import pyoxigraph as ox
from markupsafe import Markup

from kg.build.ontology_page.model import Model, Node, is_own
from kg.build.ontology_page.usage import Usage
from kg.prefixes import expand

Row = tuple[str, list[Markup]]
_TYPE = "rdf:type"
#: What a term says in so many words, by heading; ``^`` reads the statement backwards.
_SAID = {
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


def rows(model: Model, usage: Usage, one: ox.NamedNode) -> Iterator[Row]:
    """Yield the rows of a term; a row without values is left out."""
    for heading, values in (*_said(model, one), *_logic(model, one), *_own(model, one), *_used(model, usage, one)):
        if values:
            yield heading, values


def _said(model: Model, one: Node) -> Iterator[Row]:
    above = model.objects(one, "rdfs:subClassOf")
    yield "Subclass of", [model.link(node) for node in above if isinstance(node, ox.NamedNode)]
    yield "Each has", [model.link(node) for node in above if isinstance(node, ox.BlankNode)]
    for heading, curie in _SAID.items():
        found = model.subjects(curie[1:], one) if curie[0] == "^" else model.objects(one, curie)
        yield heading, [model.link(node) for node in found]


def _logic(model: Model, one: Node) -> Iterator[Row]:
    inverses = {*model.objects(one, "owl:inverseOf"), *model.subjects("owl:inverseOf", one)}
    yield "Inverse of", [model.link(node) for node in sorted(inverses, key=str)]
    types = {node.value for node in model.objects(one, _TYPE) if isinstance(node, ox.NamedNode)}
    found = [Markup("{}").format(words) for curie, words in _CHARACTERISTICS.items() if expand(curie) in types]
    yield "Characteristics", found
    chains = [model.members(node) for node in model.objects(one, "owl:propertyChainAxiom")]
    yield "Follows from", sorted(Markup(", then ").join(map(model.link, chain)) for chain in chains)
    for heading, curie in (("In domain of", "rdfs:domain"), ("In range of", "rdfs:range")):
        yield heading, [model.link(node) for node in _reaching(model, curie, one)]


def _reaching(model: Model, curie: str, one: Node) -> list[ox.NamedNode]:
    """Return the properties whose domain or range is a class, alone or in a union."""
    if ox.NamedNode(expand("owl:Class")) not in model.objects(one, _TYPE):
        return []
    return [
        property_
        for property_ in model.properties
        if any(one in model.operands(node) for node in model.objects(property_, curie))
    ]


def _own(model: Model, one: Node) -> Iterator[Row]:
    """Yield what properties of our own say of a term, such as which directions oppose a direction."""
    for property_, values in model.said(one).items():
        if is_own(property_):
            yield model.labels[property_.value].capitalize(), [model.link(node) for node in values]
    yield "Type", [model.link(node) for node in model.objects(one, _TYPE) if is_own(node)]


def _used(model: Model, usage: Usage, one: Node) -> Iterator[Row]:
    counted = (
        (usage.properties[one], "triple", "triples", usage.example),
        (usage.instances[one], "instance", "instances", usage.member),
        (usage.mentions[one], "reference", "references", None),
    )
    words = [f"{number:,} {single if number == 1 else many}" for number, single, many, _ in counted if number]
    if within := len(model.subjects(_TYPE, one)) + model.uses[one]:
        words.append(f"{within:,} in the ontology itself")
    yield "Used by", [Markup("{}").format(word) for word in words] or [Markup("nothing yet")]
    shown = [example(one) for number, _, _, example in counted if number and example]
    yield "Example", [found for found in shown if found]
