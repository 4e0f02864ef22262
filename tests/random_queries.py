"""Makes up small datasets and queries over them, of shapes that [kg.engine.rewrite][] looks for or not."""

from random import Random

import pyoxigraph as ox

PROLOGUE = (
    "PREFIX : <urn:calc:> PREFIX again: <urn:calc:> PREFIX xsd: <http://www.w3.org/2001/XMLSchema#> BASE <urn:b:>"
)
_NODES = [ox.NamedNode(f"urn:calc:{name}") for name in ("a", "b", "c", "d", "Calcium", "e")]
_PREDICATES = [ox.NamedNode(f"urn:calc:{name}") for name in ("p", "q", "label")]
_GRAPHS = [ox.NamedNode(f"urn:calc:g{number}") for number in (1, 2)]
_XSD = "http://www.w3.org/2001/XMLSchema#"
#: Literals that look alike: in case, language, datatype, quotes, and signs whose lower case is in ASCII.
_LITERALS = [
    *map(
        ox.Literal,
        ("calc", "Calc", "calcium", "a calc", "x", "5", "", 'a "calc" b', "calc\nb", "cal\\c", "ſkin", "skin"),
    ),
    *(ox.Literal("calc", language=tag) for tag in ("en", "EN", "de")),
    *(ox.Literal(text) for text in ("\u212a", "k", "\u0130", "i", "Ärger", "ärger", "K. calc")),
    *(ox.Literal("5", datatype=ox.NamedNode(_XSD + name)) for name in ("integer", "decimal", "double")),
    *(ox.Literal("calc", datatype=ox.NamedNode(name)) for name in (_XSD + "anyURI", "urn:calc:type")),
    ox.Literal("true", datatype=ox.NamedNode(_XSD + "boolean")),
    ox.Literal("2020-01-01", datatype=ox.NamedNode(_XSD + "date")),
    ox.Literal("calc", datatype=ox.NamedNode(_XSD + "integer")),
]
_VARIABLES = ("?x", "?y", "$z", "?x", "?o")
_IRIS = (":a", ":b", "<urn:calc:a>", "again:c", "<urn:calc:../calc:a>", "<a>", ":missing", ":Calcium", ":d")
_STRINGS = (
    '"calc"', "'calc'", '"Calc"', '"calc"@en', '"calc"@EN', '"""calc"""', '"calc"^^xsd:string', '"5"', "5", "5.0",
    "true", '"skin"', '"k"', '"a \\"calc\\" b"', '"\\u0063alc"', '""', '"calc\\nb"', "'i'",
)  # fmt: skip
_NEEDLES = (
    '"calc"',
    "'CALC'",
    '"alc"',
    '"k"',
    '"i"',
    '"skin"',
    '"ä"',
    '"5"',
    '"urn"',
    '"c"',
    '""',
    '"a \\"c"',
    '"true"',
)
_REGEXES = ('"calc"', '"^calc"', '"calc|skin"', '"^.*alc$"', '"(calc|k)"', '"c.lc"', '"[ck]"', '"k"', '"ſ"', '"ca*l"')
_PATHS = (
    ":p*", ":p+", "(:p|:q)*", ":q/:p*", ":q/:p+", "^:p*", ":p|:q", ":p/:label", ":p?", "!:p", "again:p*", ":p|:q*",
    "^:p", ":label|:q", "(:label|:p)", ":q/(:p|:q)*",
)  # fmt: skip


def dataset(random: Random) -> list[ox.Quad]:
    """Return some quads in the default graph and in named ones."""
    blank = [ox.BlankNode(f"n{number}") for number in range(2)]
    graphs = [ox.DefaultGraph(), *_GRAPHS]
    quads = []
    for _ in range(random.randint(10, 50)):
        predicate = random.choice(_PREDICATES)
        literal = random.random() < (0.9 if predicate.value.endswith("label") else 0.1)
        target = random.choice(_LITERALS) if literal else random.choice([*_NODES, *_NODES, *blank])
        quads.append(ox.Quad(random.choice([*_NODES, *_NODES, *blank]), predicate, target, random.choice(graphs)))
    return quads


def query(random: Random) -> str:
    """Return a query, which may be none that the engine accepts."""
    head = random.choice(
        [
            "SELECT * {0}",
            "SELECT DISTINCT ?x ?y WHERE {0}",
            "SELECT ?x ?o {0}",
            "SELECT ?x ?o {0}",
            "ASK {0}",
            "SELECT (COUNT(*) AS ?n) {0}",
            "SELECT ?x (COUNT(?y) AS ?n) {0} GROUP BY ?x",
            "SELECT $z {0} ORDER BY ?x",
            "CONSTRUCT {{ ?x :made ?y }} WHERE {0}",
            "SELECT (COUNT(DISTINCT *) AS ?n) {0}",
            "SELECT ?x ?y FROM :g1 FROM NAMED :g2 {0}",
            "SELECT ?x FROM :g1 FROM :g2 {0}",
            "SELECT ?x ?y {0} VALUES ?x {{ :a UNDEF }}",
            "SELECT ?x ?y $z ?o {0}",
            "SELECT ?x ?y $z ?o {0}",
        ]
    )
    return f"{PROLOGUE} {head.format(_group(random, random.choice([0, 0, 1, 2])))}"


def _group(random: Random, depth: int) -> str:
    elements = [_triples(random) for _ in range(random.choice([1, 1, 2, 2, 3]))]
    elements += [f"FILTER({_condition(random, 1)})" for _ in range(random.choice([0, 1, 1, 1, 2]))]
    if random.random() < 0.4 and depth:
        elements.append(_clause(random, depth - 1))
    random.shuffle(elements)
    return "{ " + " ".join(elements) + " }"


def _clause(random: Random, depth: int) -> str:
    inner = _group(random, depth)
    return random.choice(
        [
            f"OPTIONAL {inner}",
            f"MINUS {inner}",
            inner,
            f"{inner} UNION {_group(random, depth)}",
            f"GRAPH ?g {inner}",
            f"GRAPH :g1 {inner}",
            f"FILTER NOT EXISTS {inner}",
            f"FILTER(EXISTS {inner} || ?x = :a)",
            f"{{ SELECT ?x {inner} }}",
            f"{{ SELECT DISTINCT ?x ?y {inner} }}",
            "BIND(:a AS ?b)",
            "VALUES ?x { :a :b }",
            f"{{ SELECT * {inner} }}",
            "BIND(?x AS ?y)",
            "# a comment with } FILTER(?x = :a)\n",
            f"GRAPH ?x {inner}",
            "VALUES (?x ?y) { (:a UNDEF) (UNDEF :b) }",
        ]
    )


def _triples(random: Random) -> str:
    subject = random.choice([*_VARIABLES * 4, random.choice(_IRIS), "[]", "_:n", "[ :q ?y ]"])
    first = f"{_predicate(random)} {_object(random)}"
    more = random.choice(["", "", "", "", "", f", {_object(random)}", f"; {_predicate(random)} {_object(random)}", ";"])
    return f"{subject} {first}{more} {random.choice(['.', '.', '. '])}"


def _predicate(random: Random) -> str:
    return random.choice([":p", ":q", ":label", ":label", "?r", ":q/:p*", random.choice(_PATHS), random.choice(_PATHS)])


def _object(random: Random) -> str:
    return random.choice([*_VARIABLES * 3, *random.choices(_IRIS, k=3), random.choice(_STRINGS), "[]"])


def _condition(random: Random, depth: int) -> str:
    if depth and random.random() < 0.3:
        one, other = _condition(random, depth - 1), _condition(random, depth - 1)
        return random.choice([f"{one} || {other}", f"({one}) && {other}", f"{one} && {other}", f"!({one})", f"({one})"])
    if random.random() < 0.5:  # the shapes at stake
        return random.choice(
            [
                f"?x = {random.choice(_IRIS)}",
                f"{random.choice(_IRIS)} = ?x",
                f"?x IN (:a, {random.choice(_IRIS)}, :c)",
                f"?x = :a || {random.choice(_IRIS)} = ?x",
                "?o IN ('calc', \"calc\", 'Calc', 'calc'@en)",
                "STR(?o) = 'calc'",
                f"CONTAINS(LCASE(STR(?o)), {random.choice(_NEEDLES)})",
                f"CONTAINS(?o, {random.choice(_NEEDLES)})",
                f"REGEX(STR(?o), {random.choice(_REGEXES)}, 'i')",
                f"REGEX(?o, {random.choice(_REGEXES)})",
                f"LCASE(?o) = {random.choice(_STRINGS)}",
                f"?r IN (:label, :p) && CONTAINS(STR(?o), {_NEEDLES[0]})",
            ]
        )
    variable, constant = random.choice(_VARIABLES), random.choice(random.choice([_IRIS, _STRINGS]))
    text = random.choice(
        [variable, f"STR({variable})", f"LCASE({variable})", f"LCASE(STR({variable}))", f"UCASE({variable})"]
    )
    needle = random.choice([*_NEEDLES, f"LCASE({random.choice(_NEEDLES)})"])
    search = random.choice(["CONTAINS", "contains", "STRSTARTS", "STRENDS"])
    flags = random.choice(["", ', "i"', ', "i"', ', "s"'])
    several = ", ".join(random.choice(_IRIS + _STRINGS) for _ in range(random.randint(0, 4)))
    return random.choice(
        [
            f"{variable} = {constant}",
            f"{constant} = {variable}",
            f"{variable} IN ({several})",
            f"{variable} = ?y",
            f"{variable} NOT IN ({several})",
            f"{variable} != {constant}",
            f"sameTerm({variable}, {constant})",
            f"{text} = {random.choice(_STRINGS)}",
            f"{search}({text}, {needle})",
            f"{search}({text}, {needle})",
            f"REGEX({text}, {random.choice(_REGEXES)}{flags})",
            f"!BOUND({variable})",
            f"{variable} < 6",
            f"COALESCE({variable} = {constant}, true)",
            f"LANG({variable}) = 'en'",
            f"{search}({text}, {needle}) = false",
        ]
    )


def nested(random: Random) -> str:
    """Return a query of groups within groups: every clause of SPARQL 1.1, around few variables that they share."""
    head = random.choice(
        [
            *["SELECT * {0}"] * 4,
            "SELECT DISTINCT ?x ?y {0}",
            "SELECT ?x (COUNT(*) AS ?n) (COUNT(DISTINCT ?y) AS ?m) {0} GROUP BY ?x",
            "SELECT (COUNT(*) AS ?n) {0}",
            "SELECT ?y (MIN(?x) AS ?least) (SAMPLE(1) AS ?one) {0} GROUP BY ?y HAVING(COUNT(?z) > 0)",
            "SELECT ?x ?z (EXISTS {1} AS ?there) {0}",
            "SELECT ?x (BOUND(?y) AS ?has) {0} ORDER BY ?x",
            "SELECT ?x ?y {0} VALUES ?y {{ :a :b UNDEF }}",
            "SELECT ?x ?y {0} LIMIT 3",
            "ASK {0}",
            "CONSTRUCT {{ ?x :made ?y . ?z :from ?x }} WHERE {0}",
        ]
    )
    return f"{PROLOGUE} {head.format(_nested_group(random, 3), _nested_group(random, 1))}"


def _nested_group(random: Random, depth: int) -> str:
    elements = [_nested_triple(random) for _ in range(random.choice([0, 1, 1, 1, 2]))]
    elements += [_nested_clause(random, depth) for _ in range(random.choice([0, 1, 1, 2]) if depth else 0)]
    if random.random() < 0.2:
        random.shuffle(elements)
    return "{ " + " ".join(elements) + " }"


def _nested_clause(random: Random, depth: int) -> str:
    inner, other = (_nested_group(random, depth - 1) for _ in range(2))
    variable = random.choice(("?x", "?y", "?z"))
    clauses = [
        *[f"OPTIONAL {inner}"] * 4,
        f"{inner} UNION {other}",
        f"MINUS {inner}",
        inner,
        f"GRAPH ?g {inner}",
        f"GRAPH {random.choice(('?x', ':g1', ':g3'))} {inner}",
        f"FILTER {random.choice(('', 'NOT '))}EXISTS {inner}",
        f"FILTER(EXISTS {inner} || {variable} = :a)",
        f"OPTIONAL {{ {_nested_triple(random)} FILTER({_nested_condition(random)}) }}",
        f"FILTER({_nested_condition(random)})",
        f"{{ SELECT ?x {random.choice(('', '?y'))} {inner} }}",
        f"{{ SELECT DISTINCT {variable} {inner} }}",
        f"{{ SELECT ?x (COUNT(*) AS ?n{random.randint(1, 99)}) {inner} GROUP BY ?x }}",
        f"{{ SELECT * {inner} ORDER BY ?x ?y ?z LIMIT 2 }}",
        f"VALUES {variable} {{ :a :b {random.choice(('', 'UNDEF', '5'))} }}",
        "VALUES (?x ?y) { (:a UNDEF) (:b :c) (UNDEF :a) }",
        f"BIND({random.choice((':a', '?x', 'STR(?x)', 'COALESCE(?y, :b)'))} AS ?b{random.randint(1, 99)})",
        f"BIND(EXISTS {inner} AS ?b{random.randint(1, 99)})",
    ]
    return random.choice(clauses)


def _nested_triple(random: Random) -> str:
    node = ("?x", "?y", "?z", "?x", "?y", ":a", ":b", "[]")
    predicate = random.choice(
        [*[":p", ":q", ":label"] * 4, "?r", *_PATHS, "(:p/:q)*", "(^:p|:q)+", "!(:p|^:q)", "(:p?)+"]
    )
    value = random.choice((*node, "5", '"calc"', '"calc"@en', "?l"))
    return f"{random.choice(node)} {predicate} {value} ."


def _nested_condition(random: Random) -> str:
    one, other = random.choice(("?x", "?y", "?z")), random.choice(("?x", "?y", ":a", ":b", "5"))
    return random.choice(
        [f"{one} = {other}", f"{one} != {other}", f"BOUND({one})", f"!BOUND({one})", f"{one} = :a && {other} != :b",
         f"{one} = :a || BOUND({other if other[0] == '?' else '?x'})", f"isIRI({one})", f"isBlank({one})", "?l < 6"]
    )  # fmt: skip
