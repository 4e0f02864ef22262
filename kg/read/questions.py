"""The competency questions with their current answers."""

import csv
import io
from collections.abc import Mapping, Sequence
from functools import cache

from kg.engine import FORMATS, Engine, Query
from kg.prefixes import ID
from kg.queries import Question, read_questions
from kg.read.labels import Json, Labels
from kg.read.snippets import snippets
from kg.read.summary import read_summary_rows


@cache  # they belong to the code, not to the snapshot
def questions() -> Mapping[str, Question]:
    """Return every question by its slug."""
    return {question.slug: question for question in read_questions()}


def read_question_reference(labels: Labels, question: Question) -> Json:
    """Return the words of a question and its parameters."""
    parameters = [
        {
            "name": name,
            "types": sorted({str(labels.entities[ID + one]["type"]) for one in ids if ID + one in labels.entities}),
            "values": [labels.reference(ID + one) for one in ids if ID + one in labels.entities],
        }
        for name, ids in question.parameters.items()
    ]
    return {
        "id": f"question/{question.slug}",
        "iri": f"{ID}question/{question.slug}",
        "words": question.words,
        "asker": question.notes["asker"],
        "kind": question.notes["kind"],
        **({"parameters": parameters} if parameters else {}),
    }


def read_question(labels: Labels, question: Question, endpoint: str, chosen: Mapping[str, Sequence[str]]) -> Json:
    """Return a question with its SPARQL and its answer; ``chosen`` replaces parameters by other ids.

    ``in_short`` are rows of the summary of findings, for the question as it stands.
    """
    text = question.with_parameters(**chosen)
    rows = labels.engine.select(text)
    return {
        **read_question_reference(labels, question),
        "read_in": question.notes["read in"],
        "in_short": [] if chosen else read_summary_rows(labels, question.in_short),
        "sparql": text,
        "columns": list(question.columns),
        "rows": [[row.get(name) for name in question.columns] for row in rows],
        "snippets": snippets(text, endpoint),
    }


def read_answer(engine: Engine, question: Question) -> str:
    """Return the current answer to a question as the text of its file of expected answers."""
    answer = engine.answer(Query(question.text), (FORMATS["csv"],)).read().decode()
    lines = io.StringIO()
    csv.writer(lines, lineterminator="\n").writerows(csv.reader(io.StringIO(answer)))
    return lines.getvalue()
