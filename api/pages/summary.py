"""The plain sentences that head the page of a treatment: made by rule from counts, no surer than these."""

from collections.abc import Mapping, Sequence


def summary(label: str, counts: Mapping[str, int], says: Mapping[str, int], hedged: Mapping[str, int]) -> list[str]:
    """Return sentences on how much is known: ``counts`` as read by ``kg.read.evidence``, ``says`` are findings by what
    they say, ``hedged`` those of them that their source only calls possible or probable.

    >>> for sentence in summary("debulking", {"findings": 26, "sources": 1, "best": 4, "oldest": 2021, "newest": 2021},
    ...     {"for": 3, "null": 6, "unsettled": 7, "use": 3}, {"for": 1}):
    ...     print(sentence)
    There are 26 findings on debulking, from 1 source of 2021.
    Of its results, 3 point to a benefit (1 of these only as possible or probable), none points against it, \
and 6 found no change or no difference.
    7 more are hypotheses, uncertain, or announced without a result.
    The best evidence level is 4 of 5, where 1 is the best and 5 is opinion.
    >>> summary("rest", {"findings": 1, "sources": 1, "best": 5}, {"use": 1}, {})[1:]
    ['It gives no result.', 'All of it is of evidence level 5 of 5, opinion or figures only passed on; 1 is the best.']
    >>> summary("nothing", {"findings": 0, "sources": 0}, {}, {})
    ['There is no finding on nothing.']
    """
    if not counts["findings"]:
        return [f"There is no finding on {label}."]
    there = "There is 1 finding" if counts["findings"] == 1 else f"There are {counts['findings']} findings"
    sentences = [f"{there} on {label}, from {_number(counts['sources'], 'source')}{_years(counts)}."]
    for_, against, null = (says.get(name, 0) for name in ("for", "against", "null"))
    change, unsettled = says.get("change", 0), says.get("unsettled", 0)
    if for_ or against or null:
        maybe = {name: _maybe(number, hedged.get(name, 0)) for name, number in says.items()}
        sentences.append(
            f"Of its results, {_many(for_, 'points', 'point')} to a benefit{maybe.get('for', '')}, "
            f"{_many(against, 'points', 'point')} against it{maybe.get('against', '')}, "
            f"and {_many(null, 'found', 'found')} no change or no difference{maybe.get('null', '')}."
        )
    elif not change:
        sentences.append("It gives no result." if counts["findings"] == 1 else "No finding gives a result.")
    if change:
        sentences.append(f"{_more(change)} for or against by direction alone.")
    if unsettled:
        more = "more " if for_ or against or null or change else ""
        told = (
            "is a hypothesis, uncertain, or announced" if unsettled == 1 else "are hypotheses, uncertain, or announced"
        )
        sentences.append(f"{unsettled} {more}{told} without a result.")
    if counts["best"] == 5:
        sentences.append("All of it is of evidence level 5 of 5, opinion or figures only passed on; 1 is the best.")
    else:
        sentences.append(f"The best evidence level is {counts['best']} of 5, where 1 is the best and 5 is opinion.")
    return sentences


def kinds_counted(kinds: Sequence[Mapping[str, object]]) -> str:
    """Return how many findings come from kinds of the treatment, if it has any.

    >>> kinds_counted([{"label": "calcinosis excision", "findings": 143}, {"label": "curettage", "findings": 1}])
    'Findings on its kinds are counted: calcinosis excision (143), curettage (1).'
    """
    told = ", ".join(f"{kind['label']} ({kind['findings']})" for kind in kinds)
    return f"Findings on its kinds are counted: {told}." if kinds else ""


def _years(counts: Mapping[str, int]) -> str:
    if "newest" not in counts:
        return " without a year"
    if counts["sources"] == 1:
        return f" of {counts['newest']}"
    return f", the newest of {counts['newest']}"


def _maybe(number: int, hedged: int) -> str:
    """Return how many are only called possible, if any.

    >>> _maybe(3, 0), _maybe(3, 3), _maybe(3, 1)
    ('', ' (only as possible or probable)', ' (1 of these only as possible or probable)')
    """
    if not hedged:
        return ""
    return f" ({'' if hedged == number else f'{hedged} of these '}only as possible or probable)"


def _more(number: int) -> str:
    return f"{number} more cannot be counted"


def _many(number: int, one: str, more: str) -> str:
    """Return a number with its verb.

    >>> _many(0, "points", "point"), _many(1, "points", "point"), _many(2, "points", "point")
    ('none points', '1 points', '2 point')
    """
    return f"{number or 'none'} {one if number < 2 else more}"


def _number(number: int, thing: str) -> str:
    return f"{number} {thing}{'s' if number != 1 else ''}"
