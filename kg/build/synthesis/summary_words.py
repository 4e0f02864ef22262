"""The rows of the summary of findings in plain words: sentences that a clinician can read aloud."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kg.build.jsonld import Node
from kg.build.synthesis.said import Said
from kg.build.synthesis.selection import Mark
from kg.build.synthesis.words import Labels, bounds_of, capital, estimate_of, number_of
from kg.build.synthesis.writing import name


@dataclass(frozen=True)
class Figures:
    """Figures of a row that count the same thing: how many, the nodes of the lowest and the highest.

    ``part`` is the last part of their IRI, ``common`` what they have in common, ``reasons`` why they are not pooled.
    """

    part: str
    direction: str | None
    common: tuple[Mark, ...]
    reasons: tuple[str, ...]
    count: int
    lowest: Node
    highest: Node


@dataclass(frozen=True)
class Row:
    """A row of the summary: its question as IRIs, all findings on it, those that are results, and what they come to.

    ``stances`` counts results by what they say; ``elsewhere`` findings in other diseases and mixed groups; ``others``
    are the IRIs of the results whose figure cannot be set beside another. ``place`` is given when all rows on a subject
    are known.
    """

    iri: str
    table: str
    subject: str
    predicate: str
    object: str
    rank: int
    domain: str | None
    findings: tuple[Said, ...]
    results: tuple[Said, ...]
    stances: Mapping[str, int]
    studies: int
    people: int | None
    at_least: bool
    elsewhere: int
    others: tuple[str, ...]
    pooled: tuple[Node, ...]
    figures: tuple[Figures, ...]
    place: int = 0


#: What a row is called, by its predicate.
_TITLES = {
    "hasOutcome": "{object} with {subject}",
    "influences": "{object} with {subject}",
    "hasComplication": "{object} after {subject}",
    "hasAdverseEffect": "{object} with {subject}",
    "prevents": "prevention of {object} by {subject}",
    "treats": "{subject} for {object}",
    "hasPhenotype": "{object} in {subject}",
    "associatedWith": "{subject} and {object}",
}
#: What results say, by stance: of an effect of a treatment, and of anything else.
_EFFECT = {
    "favourable": "favourable",
    "nullResult": "without a change or difference",
    "unfavourable": "unfavourable",
    "undecided": "unclear",
}
_OCCURRENCE = {
    "favourable": "reporting it",
    "nullResult": "without a difference",
    "unfavourable": "reporting its absence",
    "undecided": "unclear",
}
_ASSOCIATION = {
    "favourable": "with an association",
    "nullResult": "without a difference",
    "unfavourable": "with none or the opposite",
    "undecided": "unclear",
}
#: What results say, by stance, for each relation that is no effect of a treatment.
_WORDS = {
    "hasComplication": _OCCURRENCE,
    "hasAdverseEffect": _OCCURRENCE,
    "hasPhenotype": _OCCURRENCE,
    "associatedWith": _ASSOCIATION,
}
#: Why figures that stand side by side are not pooled.
_REASONS = {
    "differentSite": "the sites differ",
    "differentCircumstance": "circumstances, comparators or instruments differ",
    "differentDisease": "the people differ in their disease",
    "noEvents": "no study has people both with and without it",
    "uninformative": "the interval of a mean would be too wide to say anything",
    "samePopulation": "they may rest on the same people",
    "sameStudy": "they may rest on the same study",
    "reviewedStudy": "they may rest on the same study",
}


def row_title(row: Row, labels: Labels) -> str:
    """Return what a row is about."""
    text = _TITLES[name(row.predicate)].format(subject=labels[row.subject], object=labels[row.object])
    return capital(text)


def row_sentence(row: Row, labels: Labels) -> str:
    """Return all that a row says, in sentences."""
    return f"{row_title(row, labels)}: {' '.join(_sentences(row, labels))}"


def _sentences(row: Row, labels: Labels) -> Iterator[str]:
    rest = [one for one in row.findings if one not in row.results]
    opinions = sum(one.is_opinion for one in rest)
    if row.results:
        yield _counts(row)
        yield from (_pooled(one) for one in row.pooled)
        yield from (_side_by_side(one, labels) for one in row.figures)
        yield from _no_figures(row)
        yield _levels(row)
    else:
        yield "no result."
    if opinions:
        yield f"{'Besides, ' if row.results else ''}{number_of(opinions, 'statement')} of opinion."
    reasons = Counter(one.without_result for one in rest if one.without_result and not one.is_opinion)
    if reasons:
        told = [f"{reason} ({number})" for reason, number in sorted(reasons.items())]
        yield f"Findings without a result: {_listed(told)}."
    if row.elsewhere:
        verb = "is" if row.elsewhere == 1 else "are"
        yield f"{number_of(row.elsewhere, 'finding')} in other diseases or mixed groups {verb} not counted."


def _counts(row: Row) -> str:
    """Say how many results there are, of how many studies and people, and what they say."""
    words = _WORDS.get(name(row.predicate), _EFFECT)
    people = (
        f"{'at least ' * row.at_least}{number_of(row.people, 'person')}"
        if row.people
        else "number of people not reported"
    )
    said = [f"{number} {words[stance]}" for stance, number in row.stances.items() if number]
    return f"{number_of(len(row.results), 'result')} of {number_of(row.studies, 'study')}, {people}: {_listed(said)}."


def _side_by_side(figures: Figures, labels: Labels) -> str:
    """Give the lowest and the highest of figures with their intervals, and why they are not pooled."""
    what = capital(counted(figures, labels))
    lowest, highest = (_told(one) for one in (figures.lowest, figures.highest))
    if figures.count == 1:
        return f"{what}: {lowest} in one study."
    reasons = dict.fromkeys(_REASONS[name(reason)] for reason in figures.reasons if name(reason) in _REASONS)
    why = f", as {_listed(list(reasons))}" if reasons else ""
    return f"{what}: from {lowest} to {highest} in {figures.count} studies, not pooled{why}."


def _pooled(node: Node) -> str:
    """Give a pooled result: what it is of, its interval, its studies and people, and where a further study may lie."""
    people = f" of {node['peopleCount']:,} people" if "peopleCount" in node else ""
    further = ""
    if "predictionLower" in node:
        further = f"; a further study may find anything from {bounds_of(node, 'prediction')}"
    figure = f"{estimate_of(node)} (95 % confidence interval {bounds_of(node, 'confidence')})"
    return f"{node['label']}, pooled: {figure} in {node['inputCount']} studies{people}{further}."


def counted(figures: Figures, labels: Labels) -> str:
    """Return what figures count: their direction, or else what they have in common."""
    marks = [labels.get(mark, mark) for mark, reason in figures.common if name(reason) != "differentUnit"]
    if marks == ["proportion"] and figures.direction:
        marks = []
    if figures.direction:
        marks.append(labels[figures.direction])
    return ", ".join(marks) or "difference of means"


def _told(node: Node) -> str:
    """Return a figure of one study with its interval."""
    interval = f"95 % confidence interval {bounds_of(node, 'confidence')}"
    if node.get("estimateUnit") != "%":
        return f"{estimate_of(node)} ({interval})"
    about = "about " if node["countFromShare"] else ""
    counts = f"{about}{node['eventCount']} of {node['totalCount']} people"
    return f"{counts} ({estimate_of(node)}, {interval})"


def _no_figures(row: Row) -> Iterator[str]:
    """Say what figures there are that cannot be set beside others, or that there are none."""
    if row.others:
        verb = "prints a figure" if len(row.others) == 1 else "print figures"
        yield (
            f"{number_of(len(row.others), 'result')} {verb} that cannot be compared directly,"
            " such as a median, a count of lesions, or a share of an unknown number of people."
        )
    elif not row.pooled and not row.figures:
        yield "No source gives a figure."


def _levels(row: Row) -> str:
    ranks = sorted({one.rank for one in row.results})
    if len(ranks) == 1:
        return f"Evidence level {ranks[0]}."
    return f"Evidence levels {ranks[0]} to {ranks[-1]}."


def _listed(words: list[str]) -> str:
    """Return words as a list in a sentence.

    >>> _listed(["a", "b", "c"])
    'a, b and c'
    """
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))
