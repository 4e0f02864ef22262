"""How figures are rounded for a reader: in sentences, tables and pictures alike."""


def ratio(number: float) -> str:
    """Return a ratio with as many digits as its size deserves.

    >>> ratio(12.345), ratio(3.957), ratio(0.0712)
    ('12.3', '3.96', '0.071')
    """
    return f"{number:.1f}" if number >= 10 else f"{number:.2f}" if number >= 0.1 else f"{number:.2g}"


def rounded(number: float, unit: str) -> str:
    """Return a figure in a unit, ``%`` or ``1`` for ratios or any other, without the unit.

    >>> rounded(12.345, "%"), rounded(3.957, "1"), rounded(12.3456, "a")
    ('12.3', '3.96', '12.35')
    """
    return f"{number:.1f}" if unit == "%" else ratio(number) if unit == "1" else f"{number:.4g}"
