"""The diagram of the core pattern: a finding, what supports it, and what is derived from it, with one real example.

Positions are set by hand, because only a person sees what reads well; the content comes from the ontology. Tests
compare every arrow with the domains and ranges of the ontology.
"""

import textwrap
from dataclasses import dataclass

import pyoxigraph as ox
from markupsafe import Markup

from kg.build.ontology_page.model import Model, Usage, term

WIDTH, HEIGHT = 1160, 760
_BOX, _HIGH = 152, 66
#: Left edges of the seven columns.
_COLUMNS = tuple(6 + 166 * column for column in range(7))


@dataclass(frozen=True)
class Box:
    """A class at a position; ``role`` says which part of the example it shows, ``group`` gives its colour."""

    class_: str
    x: float
    y: float
    group: str
    role: str
    width: float = _BOX
    height: float = _HIGH


@dataclass(frozen=True)
class Arrow:
    """A property as a line of points from a box of its domain to one of its range, with the position of its label."""

    property_: str
    start: str
    end: str
    points: tuple[tuple[float, float], ...]
    label: tuple[float, float]
    anchor: str = "middle"


_TOP, _MIDDLE, _BACKING, _LAST = 36, 232, 516, 664
_FINDING_LEFT, _FINDING_TOP, _FINDING_WIDTH, _FINDING_HIGH = 240, 184, 680, 216
_CENTRES = tuple(left + _BOX / 2 for left in _COLUMNS)
_BOTTOM = _FINDING_TOP + _FINDING_HIGH

BOXES = (
    Box("Finding", _FINDING_LEFT, _FINDING_TOP, "finding", "finding", _FINDING_WIDTH, _FINDING_HIGH),
    Box("Entity", _COLUMNS[0], _MIDDLE, "entity", "subject"),
    Box("Entity", _COLUMNS[6], _MIDDLE, "entity", "object"),
    Box("Edge", 460, _TOP, "derived", "edge", 240),
    Box("Side", _COLUMNS[0], _BACKING, "derived", "side"),
    Box("Population", _COLUMNS[1], _BACKING, "entity", "population"),
    Box("Source", _COLUMNS[2], _BACKING, "entity", "source"),
    Box("Locator", _COLUMNS[3], _BACKING, "finding", "locator"),
    Box("StudyDesign", _COLUMNS[4], _BACKING, "vocabulary", "design"),
    Box("EvidenceLevel", _COLUMNS[5], _BACKING, "vocabulary", "level"),
    Box("Synthesis", _COLUMNS[6], _BACKING, "derived", "synthesis"),
    Box("Contrast", _COLUMNS[0], _LAST, "derived", "contrast"),
    Box("Disease", _COLUMNS[1], _LAST, "entity", "disease"),
    Box("Study", _COLUMNS[2], _LAST, "entity", "study"),
    Box("LevelRule", 750, _LAST, "vocabulary", "rule"),
    Box("SynthesisMethod", _COLUMNS[6], _LAST, "vocabulary", "method"),
)


def _down(property_: str, end: str, column: int) -> Arrow:
    x = _CENTRES[column]
    return Arrow(property_, "finding", end, ((x, _BOTTOM), (x, _BACKING)), (x, (_BOTTOM + _BACKING) / 2))


def _between(property_: str, start: str, end: str, column: int, *, up: bool = False) -> Arrow:
    x, ends = _CENTRES[column], (_BACKING + _HIGH, _LAST)
    points = tuple((x, y) for y in (reversed(ends) if up else ends))
    return Arrow(property_, start, end, points, (x, sum(ends) / 2))


_LEFT, _RIGHT = _CENTRES[0], _CENTRES[6]
_FINDING_RIGHT = _FINDING_LEFT + _FINDING_WIDTH
_SUBJECT_Y, _USED_Y, _ARCH_Y = _MIDDLE + _HIGH / 2, 372, _TOP + _HIGH / 2
ARROWS = (
    Arrow("subject", "finding", "subject", ((240, _SUBJECT_Y), (158, _SUBJECT_Y)), (199, _SUBJECT_Y - 9)),
    Arrow("object", "finding", "object", ((920, _SUBJECT_Y), (1002, _SUBJECT_Y)), (961, _SUBJECT_Y - 9)),
    Arrow("supportedBy", "edge", "finding", ((580, _TOP + _HIGH), (580, _FINDING_TOP)), (580, 146)),
    Arrow("edgeFrom", "edge", "subject", ((460, _ARCH_Y), (_LEFT, _ARCH_Y), (_LEFT, _MIDDLE)), (277, _ARCH_Y)),
    Arrow("edgeTo", "edge", "object", ((700, _ARCH_Y), (_RIGHT, _ARCH_Y), (_RIGHT, _MIDDLE)), (883, _ARCH_Y)),
    _down("population", "population", 1),
    _down("source", "source", 2),
    _down("locator", "locator", 3),
    _down("studyDesign", "design", 4),
    _down("evidenceLevel", "level", 5),
    Arrow("involves", "side", "finding", ((_LEFT, _BACKING), (_LEFT, _USED_Y), (240, _USED_Y)), (_LEFT, 444)),
    Arrow("input", "synthesis", "finding", ((_RIGHT, _BACKING), (_RIGHT, _USED_Y), (920, _USED_Y)), (_RIGHT, 444)),
    _between("side", "contrast", "side", 0, up=True),
    _between("ofDisease", "population", "disease", 1),
    _between("cites", "source", "study", 2),
    Arrow("forDesign", "rule", "design", ((784, _LAST), (784, _BACKING + _HIGH)), (784, 623), "end"),
    Arrow("givesLevel", "rule", "level", ((862, _LAST), (862, _BACKING + _HIGH)), (862, 623), "start"),
    _between("method", "synthesis", "method", 6),
)
#: The properties in the box of the finding, by column.
ATTRIBUTES = (
    ("predicate", "direction", "negated", "certainty"),
    ("measure", "value", "lower", "upper", "unit"),
    ("numerator", "denominator", "sampleSize", "pValue"),
    ("site", "comparator", "dose", "timepoint", "reported"),
)


def _example(model: Model, usage: Usage) -> dict[str, str]:
    """Return the text of each box of the picture for the example, by role."""
    finding = usage.finding
    if finding is None:
        return {}
    values = {name: usage.values(finding, name) for name in ("subject", "object", "population", "source", "locator")}
    values |= {"design": usage.values(finding, "studyDesign"), "level": usage.values(finding, "evidenceLevel")}
    values["side"] = [side for side in usage.users(finding, "involves") if usage.users(side, "side")]
    values["edge"] = [
        value for edge in usage.users(finding, "supportedBy") for value in usage.values(edge, "edgePredicate")
    ]
    values["contrast"] = [contrast for side in values["side"] for contrast in usage.users(side, "side")]
    syntheses = usage.users(finding, "input")
    values["synthesis"] = [kind for one in syntheses for kind in usage.types(one) if kind != term("Synthesis")]
    values["disease"] = [value for group in values["population"] for value in usage.values(group, "ofDisease")]
    values["study"] = [study for source in values["source"] for study in usage.values(source, "cites")]
    values["rule"] = [
        rule
        for design in values["design"]
        for rule in model.subjects("ckg:forDesign", design)
        if model.objects(rule, "ckg:givesLevel") == values["level"]
    ]
    values["method"] = [value for one in syntheses for value in usage.values(one, "method")]
    values["locator"] = [value for one in values["locator"] for value in usage.values(one, "section")]
    return {role: usage.label(values[0]) for role, values in values.items() if values}


def draw(model: Model, usage: Usage) -> Markup:
    """Return the picture as SVG; boxes and arrows link to the terms of the page."""
    texts = _example(model, usage)
    parts = [_box(model, box, texts.get(box.role, "")) for box in BOXES]
    parts += [_attributes(usage), *(_arrow(model, arrow) for arrow in ARROWS)]
    return _SVG.format(WIDTH, HEIGHT, Markup("\n").join(parts))


def _box(model: Model, box: Box, thing: str) -> Markup:
    label = model.labels[term(box.class_).value]
    if box.role == "finding":
        return _FINDING.format(box, label, box.x + 16, box.y + 25, thing)
    middle = box.x + box.width / 2
    return _BOXED.format(box, middle, box.y + 27, label, box.y + 49, _short(thing, int(box.width / 7.2)), thing)


def _attributes(usage: Usage) -> Markup:
    finding, parts = usage.finding, []
    for row, words in enumerate(_statement(usage)):
        parts.append(_STATEMENT.format(256, _FINDING_TOP + 48 + 18 * row, words))
    for column, names in enumerate(ATTRIBUTES):
        for row, name in enumerate(names):
            values = usage.values(finding, name)
            shown = _short(usage.label(values[0]), 23 - len(name)) if values else ""
            x, y = 256 + 168 * column, _FINDING_TOP + 94 + 24 * row
            parts.append(_ATTRIBUTE.format(name, x, y, shown))
    return Markup("\n").join(parts)


def _statement(usage: Usage) -> list[str]:
    """Return the statement of the example in lines that the box of the finding holds."""
    values = usage.values(usage.finding, "statement")
    text = values[0].value if values and isinstance(values[0], ox.Literal) else ""
    return textwrap.wrap(text, 100, max_lines=2, placeholder=" …")


def _arrow(model: Model, arrow: Arrow) -> Markup:
    line = " ".join(f"{x:g},{y:g}" for x, y in arrow.points)
    x, y = arrow.label
    return _ARROW.format(arrow, line, x, y + 4, model.labels[term(arrow.property_).value])


def _short(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


_SVG = Markup("""<svg viewBox="0 0 {} {}" role="group" aria-labelledby="picture-title">
<title id="picture-title">The classes around a finding and the properties that join them, with one real finding.</title>
<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto">
<path d="M0 0 10 5 0 10z"/></marker></defs>
{}
</svg>""")
_BOXED = Markup("""<a href="#{0.class_}" class="box {0.group}"><title>{6}</title>
<rect x="{0.x:g}" y="{0.y:g}" width="{0.width:g}" height="{0.height:g}" rx="8"/>
<text class="class" x="{1:g}" y="{2:g}">{3}</text><text class="thing" x="{1:g}" y="{4:g}">{5}</text></a>""")
_FINDING = Markup("""<a href="#{0.class_}" class="box {0.group}">
<rect x="{0.x:g}" y="{0.y:g}" width="{0.width:g}" height="{0.height:g}" rx="8"/>
<text class="class whole" x="{2:g}" y="{3:g}">{1}</text></a>""")
_STATEMENT = Markup('<text class="thing words" x="{:g}" y="{:g}">{}</text>')
_ATTRIBUTE = Markup(
    """<text class="attribute" x="{1:g}" y="{2:g}"><a href="#{0}">{0}</a> <tspan class="thing">{3}</tspan></text>"""
)
_ARROW = Markup("""<a href="#{0.property_}" class="arrow"><polyline points="{1}" marker-end="url(#tip)"/>
<text x="{2:g}" y="{3:g}" text-anchor="{0.anchor}">{4}</text></a>""")
