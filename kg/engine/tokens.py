"""The tokens of SPARQL as far as they matter for looking at a query without parsing it (SPARQL 1.1, section 19.8)."""

import re
from collections.abc import Iterator

# What may hold a keyword, a bracket or a variable without being one comes first: comments, strings, IRIs, names.
# A prefix is looked for in 100 characters at most: without a bound "a-a-a-..." would be read again from each word.
_TOKEN = re.compile(
    r'''
    (?P<comment> \#[^\n\r]* )
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
_BOOLEAN = re.compile(r"\b(?!true\b|false\b)(?i:true|false)\b")


def tokens(text: str) -> Iterator[re.Match[str]]:
    """Yield the tokens of a query, comments left out; ``lastgroup`` of each says what it is.

    >>> [(token.lastgroup, token[0]) for token in tokens("ASK { ?s a 'SERVICE' } # SERVICE")]
    [('word', 'ASK'), ('open', '{'), ('variable', '?s'), ('word', 'a'), ('string', "'SERVICE'"), ('close', '}')]
    """
    return (found for found in _TOKEN.finditer(text) if found.lastgroup != "comment")


def lower_booleans(text: str) -> str:
    """Return a query with its truth values in lower case, the only one that the engine knows.

    Keywords are matched in any case (SPARQL 1.1, section 19.8). Nothing moves: places in messages stay right.

    >>> lower_booleans("ASK { ?s ?p TRUE, 'TRUE' }")
    "ASK { ?s ?p true, 'TRUE' }"
    """
    if not _BOOLEAN.search(text):
        return text
    written = list(text)
    for token in tokens(text):
        if token.lastgroup == "word" and _BOOLEAN.fullmatch(token[0]):
            written[token.start() : token.end()] = token[0].lower()
    return "".join(written)
