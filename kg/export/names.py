"""The authors of a work, which records have as one text: read as names only where the form leaves no doubt."""

from kg.read.labels import Json

_INITIALS, _WORDS = 4, 3  # the most of one name: initials, and words of a family name
_NO_AUTHOR = frozenset({"al", "others", "colleagues", "and"})


def read_authors(text: str) -> list[Json]:
    """Return the authors as CSL has names: family and given, or as they are printed (``literal``).

    Every part between commas must be a name for any to be read: a family name and initials, initials with dots and a
    family name, or given name, initial and family name. What is one author or several in doubt stays one text.

    >>> read_authors("Delgado-Márquez AM, La Montagna G")
    [{'family': 'Delgado-Márquez', 'given': 'A M'}, {'family': 'La Montagna', 'given': 'G'}]
    >>> read_authors("S. Sefidbakht, David A Bernstein")
    [{'family': 'Sefidbakht', 'given': 'S.'}, {'family': 'Bernstein', 'given': 'David A'}]
    >>> read_authors("Varga, J., Axford JS"), read_authors("Albayda et al.")
    ([{'literal': 'Varga, J., Axford JS'}], [{'literal': 'Albayda et al.'}])
    """
    names = [_read_name(part.split()) for part in text.split(",")]
    return [name for name in names if name] if all(names) else [{"literal": " ".join(text.split())}]


def _read_name(words: list[str]) -> Json | None:
    """Return a name from its words; None where it may be read in two ways."""
    if len(words) < 2 or not all(map(_is_word, words)) or _NO_AUTHOR.intersection(word.strip(".") for word in words):
        return None
    *before, last = words
    if (initials := _split(last)) and len(before) <= _WORDS and all(map(_is_family, before)):
        return {"family": " ".join(before), "given": " ".join(initials)}
    first, *after = words
    if first.endswith(".") and _split(first) and len(after) == 1 and _is_family(after[0]):
        return {"family": after[0], "given": first}
    if len(words) == 3 and _is_family(first) and len(words[1].strip(".")) == 1 and words[1].isupper():
        return {"family": last, "given": f"{first} {words[1]}"} if _is_family(last) else None
    return None


def _split(word: str) -> list[str]:
    """Return the initials of a word, each with what belongs to it; none of a word that may be a name.

    >>> _split("AM"), _split("YeD"), _split("IYu"), _split("E."), _split("J-P"), _split("Yu"), _split("MAXIM")
    (['A', 'M'], ['Ye', 'D'], ['I', 'Yu'], ['E.'], ['J', '-P'], [], [])
    """
    parts: list[str] = []
    for letter in word:
        if letter == "-" or (letter.isupper() and parts[-1:] != ["-"]):
            parts.append(letter)
        elif parts:
            parts[-1] += letter
        else:
            return []
    capitals = sum(map(str.isupper, word))
    plain = all(letter.isupper() or letter in ".-" for letter in word)
    fits = capitals <= _INITIALS and all(len(part.strip(".-")) in (1, 2) for part in parts)
    return parts if fits and (plain or capitals > 1) else []


def _is_word(word: str) -> bool:
    return all(letter.isalpha() or letter in ".-'’" for letter in word)


def _is_family(word: str) -> bool:
    """Tell whether a word is one of a family name, or a particle before it: it has small letters, and is no initial."""
    return any(map(str.islower, word)) and "." not in word
