"""``kg questions``."""

from typing import Annotated

import typer

from kg.cli.options import Data, data_folder


def questions(
    accept: Annotated[bool, typer.Option("--accept", help="Write the new answers as the expected ones.")] = False,
    data: Data = None,
) -> None:
    """Show as a diff the competency questions whose answers are not the expected ones; exit 1 if there are any."""
    from difflib import unified_diff

    from kg.files import whole_file
    from kg.queries import QUESTIONS, read_questions
    from kg.read.questions import read_answer
    from kg.snapshot import Snapshot

    engine = Snapshot.open(data_folder(data)).engine()
    changed = 0
    for question in read_questions(QUESTIONS):
        file = QUESTIONS / f"{question.slug}.csv"
        expected, answer = file.read_text(encoding="utf-8"), read_answer(engine, question)
        if answer == expected:
            continue
        changed += 1
        names = f"{question.slug}.csv, expected", f"{question.slug}.csv, answered now"
        print("\n".join(unified_diff(expected.splitlines(), answer.splitlines(), *names, lineterm="", n=1)))
        if accept:
            with whole_file(file) as written:
                written.write(answer.encode())
    if changed:
        done = "accepted" if accept else "not as expected; accept with `kg questions --accept`"
        print(f"{changed} answer{'s' * (changed != 1)} {done}")
    if changed and not accept:
        raise typer.Exit(1)
