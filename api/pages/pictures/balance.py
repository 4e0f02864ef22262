"""The balance of findings as one bar: each group as wide as the number of its findings."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from api.pages.pictures.svg import element, picture

_WIDTH, _HEIGHT, _GAP = 720, 30, 2


def balance(groups: Sequence[tuple[str, str, Mapping[int, int]]], title: str) -> Markup:
    """Draw groups (class, words, number of findings at each evidence level); the better the level, the darker."""
    total = sum(sum(levels.values()) for _, _, levels in groups)
    parts, x = [], 0.0
    for class_, _, levels in groups:
        start = x
        for level, count in sorted(levels.items()):
            width = (_WIDTH - _GAP * (len(groups) - 1)) * count / total
            attributes = {"x": x, "y": 0, "width": width, "height": _HEIGHT, "class_": f"part {class_} at-{level}"}
            parts.append(element("rect", **attributes))
            x += width
        if number := sum(levels.values()):
            parts.append(
                element("text", str(number), x=(start + x) / 2, y=20, text_anchor="middle", class_=f"count {class_}")
            )
            x += _GAP
    description = "; ".join(
        f"{words}: {sum(levels.values())}"
        + "".join(f", {count} of level {level}" for level, count in sorted(levels.items()))
        for _, words, levels in groups
    )
    return picture(_WIDTH, _HEIGHT, title, description, parts, "balance") if total else Markup("")
