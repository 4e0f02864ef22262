"""Says what is wrong with a query that does not parse, in one sentence that is always the same.

The engine's parser names the place and, in an order that changes from start to start, part of what it would have
accepted there: letters, keywords, and the conditions of the grammar that were not met.
"""

import re

from kg.engine.tokens import is_keyword, tokens
from kg.errors import QuerySyntaxError

_PARSER_ERROR = re.compile(r"error at (\d+):(\d+): (.*)", re.DOTALL)
#: The conditions of the grammar (SPARQL 1.1, section 19.8, notes), as the parser names them.
_CONDITIONS = {
    "Prefix not found": "a prefix is used here that is not declared",
    "IRI parsing failed": "an IRI before this position is invalid",
    "variable that is unbound": "SELECT uses a variable that is not bound by GROUP BY or the pattern",
    "overrides an existing variable": "SELECT gives an expression the name of a variable that is already bound",
    "Duplicated variable name": "SELECT gives two columns the same name",
}
_FORMS = ("SELECT", "CONSTRUCT", "DESCRIBE", "ASK")


def explain(message: str, text: str) -> QuerySyntaxError:
    """Return the error that a message of the parser stands for; ``text`` is the query.

    >>> str(explain("error at 1:18: expected one of LATERAL, [_]", "ASK { ?s ?p ?o }}"))
    "line 1, column 18: '}' is not allowed here, or what precedes it is incomplete"
    """
    match = _PARSER_ERROR.match(message)
    if match is None:
        return QuerySyntaxError("an IRI or a value in the query is invalid", 1, 1)
    line, column = int(match[1]), int(match[2])
    condition = next((words for sign, words in _CONDITIONS.items() if sign in match[3]), None)
    return QuerySyntaxError(condition or _reason(text, line, column), line, column)


def _reason(text: str, line: int, column: int) -> str:
    """Return what the tokens tell: that the query has no form, that a bracket stays open, or which token is the last.

    The parser's place is where a token begins that it could not read, or after one that it could.
    """
    found = list(tokens(text))
    body = next((at for at, token in enumerate(found) if is_keyword(token, *_FORMS)), None)
    if body is None:
        return f"a query needs {', '.join(_FORMS[:-1])} or {_FORMS[-1]}"
    end = sum(map(len, text.splitlines(keepends=True)[: line - 1])) + column
    if end > len(text.rstrip()):
        opened = []
        for token in found:
            if token.lastgroup == "open":
                opened.append(token[0])
            elif token.lastgroup == "close" and opened:
                opened.pop()
        if opened:
            return f"the query ends, but {opened[-1]!r} is not closed"
    last = [token[0] for token in found if token.start() < end][-1]
    return f"{last[:40]!r} is not allowed here, or what precedes it is incomplete"
