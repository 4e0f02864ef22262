"""How wide words are, so that a label has room before it is drawn: by the widths of the letters of a usual typeface."""

#: Widths in thousandths of the size of the letters (Liberation Sans, as wide as Arial); others have that of a capital.
_WIDTHS = {
    letter: width
    for letters, width in (
        ("ijl'|", 240), ("ft.,:;I!/\\ ·()[]-", 320), ("r", 350), ("ckszvxyJ", 520),
        ("abdeghnopqu0123456789$?–+=<>≈", 580),
        ("FTZL", 620), ("ABEKPSVXY&", 680), ("CDHNRUw", 740), ("GOQ", 790), ("mM", 850), ("W%", 960), ("…—", 1000),
    )
    for letter in letters
}  # fmt: skip
_OTHER = 720
#: Typefaces differ: what is measured has room for one that is a little wider.
_SPARE = 1.08
_BOLD = 1.1  # bold letters are wider by so much


def width_of(text: str, size: float, bold: bool = False) -> float:
    """Return how wide a text is at most, in pixels, in letters of a size.

    >>> round(width_of("ill", 10), 1), round(width_of("WWW", 10), 1)
    (7.8, 31.1)
    """
    return _SPARE * (_BOLD if bold else 1) * size * sum(_WIDTHS.get(letter, _OTHER) for letter in text) / 1000


def wrap(text: str, size: float, width: float, bold: bool = False) -> list[str]:
    """Break a text between words into lines that fit a width; a word that is wider stands alone.

    >>> wrap("plain radiography of hands and feet", 10, 90)
    ['plain radiography', 'of hands and feet']
    """
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width_of(longer, size, bold) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
