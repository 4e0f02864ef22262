"""The course of a case: its events in order, and those with a date on a time line."""

from collections import Counter
from typing import Any

from api.http.serving import labels
from api.pages.pictures.timeline import Moment, timeline
from kg.read.evidence import read_events


def case_events(source: str) -> dict[str, Any]:
    """Return the events that a source tells, by its IRI: a ``picture``, those in ``order``, those of no known time."""
    events: list[Any] = read_events(labels(), source)
    dated = [event for event in events if "event_date" in event]
    counts = Counter(event["event_date"] for event in dated)
    first = {event["event_date"]: event["id"] for event in reversed(dated)}
    moments = [Moment(day, count, f"#{first[day].replace('/', '-')}") for day, count in sorted(counts.items())]
    order = [event for event in events if event["placed"]]
    places = {event["iri"]: place for place, event in enumerate(order, 1)}
    for event in order:
        before = (places.get(one["iri"]) for one in event.get("follows_event", ()))
        event["follows"] = sorted(place for place in before if place)
    return {
        "picture": timeline(moments, "The dated events of the case") if moments else None,
        "order": order,
        "unplaced": [event for event in events if not event["placed"]],
    }
