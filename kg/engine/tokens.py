"""The tokens of SPARQL (SPARQL 1.1, section 19.8), for reading a query without parsing it."""

import re
from collections.abc import Iterator
from typing import NamedTuple

Token = re.Match[str]

# Comments, strings, IRIs and names come first: they may contain what would otherwise be a keyword, bracket or variable.
# A prefix is looked for in 100 characters at most: without a bound "a-a-a-..." would be read again from each word.
_TOKEN = re.compile(
    r'''
    (?P<comment> (?: \s | \#[^\n\r]* )++ )        # with the space around it, so that a run of either is one token
  | (?P<string> """(?:[^"\\]|\\.|"(?!""))*"""      # long strings before short ones
              | \'\'\'(?:[^'\\]|\\.|'(?!\'\'))*\'\'\'
              | "(?:[^"\\\n\r]|\\.)*" | '(?:[^'\\\n\r]|\\.)*' )
  | (?P<iri> <[^<>"{}|^`\\\x00-\x20]*> )
  | (?P<tag> @[A-Za-z]+(?:-[A-Za-z0-9]+)* )
  | (?P<variable> [?$]\w+ )
  | (?P<name> [\w\-.]{0,100}:(?:[\w\-.:]|%[0-9A-Fa-f]{2}|\\.)* )
  | (?P<word> \d+\.\d+(?:[eE][+-]?\d+)? | \w+ )
  | (?P<open> [{(\[] )
  | (?P<close> [})\]] )
  | (?P<other> && | \|\| | \^\^ | \S )
    ''',
    re.VERBOSE | re.DOTALL,
)
#: What a prologue consists of (SPARQL 1.2, section 19.8, Prologue).
_DECLARATIONS = ("BASE", "PREFIX", "VERSION")
_BOOLEAN = re.compile(r"\b(?!true\b|false\b)(?i:true|false)\b")


def tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of a query without its comments; ``lastgroup`` of each is its kind.

    >>> [(token.lastgroup, token[0]) for token in tokens("ASK { ?s a 'SERVICE' } # SERVICE")]
    [('word', 'ASK'), ('open', '{'), ('variable', '?s'), ('word', 'a'), ('string', "'SERVICE'"), ('close', '}')]
    """
    return (token for token in _TOKEN.finditer(text) if token.lastgroup != "comment")


def is_keyword(token: Token, *words: str) -> bool:
    """Tell whether a token is one of some keywords, given in capitals."""
    return token.lastgroup == "word" and token[0].upper() in words


def has_keyword(text: str, word: str) -> bool:
    """Tell whether a query has a keyword, given in capitals; a text without its letters is not tokenised."""
    return word in text.upper() and any(is_keyword(token, word) for token in tokens(text))


class Head(NamedTuple):
    """What comes before the pattern of a query: its prologue, and the graphs of FROM and of FROM NAMED as written."""

    prologue: str
    default: list[str]
    named: list[str]


def read_head(text: str) -> Head:
    """Read what comes before the pattern of a query.

    >>> read_head("PREFIX : <urn:> SELECT * FROM :a FROM NAMED <b> { ?from ?p 'FROM' }")
    Head(prologue='PREFIX : <urn:> ', default=[':a'], named=['<b>'])
    >>> read_head('VERSION "1.2" BASE <urn:> ASK {}').prologue
    'VERSION "1.2" BASE <urn:> '
    """
    prologue: str | None = None
    default, named, depth, before = list[str](), list[str](), 0, ""
    for token in tokens(text):
        word = token[0].upper() if token.lastgroup == "word" else ""
        if prologue is None and word not in ("", *_DECLARATIONS):
            prologue = text[: token.start()]
        depth += (token.lastgroup == "open") - (token.lastgroup == "close")
        if depth == 0 and before in ("FROM", "NAMED") and token.lastgroup in ("iri", "name"):
            (default if before == "FROM" else named).append(token[0])
        before = word
    return Head(prologue or "", default, named)


def lower_booleans(text: str) -> str:
    """Return a query with its booleans in lower case, the only case that the engine accepts.

    SPARQL matches keywords in any case (SPARQL 1.1, section 19.8). Positions in error messages stay correct.

    >>> lower_booleans("ASK { ?s ?p TRUE, 'TRUE' }")
    "ASK { ?s ?p true, 'TRUE' }"
    """
    if not _BOOLEAN.search(text):
        return text
    letters = list(text)
    for token in tokens(text):
        if token.lastgroup == "word" and _BOOLEAN.fullmatch(token[0]):
            letters[token.start() : token.end()] = token[0].lower()
    return "".join(letters)
