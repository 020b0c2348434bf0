"""A task of the operators: the heading under which operations stand on the pages."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Task:
    """`name` is the tag of its routes; `clause` the articles that it serves, where it serves one."""

    name: str
    description: str
    clause: str = ""
