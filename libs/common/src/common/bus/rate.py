"""How fast a topic is read: a count in the database that fades, so that every process tells the same without keeping a history."""

from __future__ import annotations


def faded(row: str) -> str:
    """SQL for the messages per minute as of now, from `fact_count` under this name.

    Each message counts one and fades with a time constant of a minute: under a steady flow that is the number of one minute. (The
    floor keeps the exponential within its type.)
    """
    return f"{row}.per_minute * exp(greatest(-700, -extract(epoch FROM clock_timestamp() - {row}.rated_at)::float8 / 60))"
