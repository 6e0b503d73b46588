"""The nodes of an expression. `type` and what else the checker finds out is written onto the node; it takes no part in
equality, so that a key of `each` is found again where the assert repeats it."""

from dataclasses import dataclass, field
from typing import Any, Optional


def noted(default=None):
    return field(default=default, compare=False, repr=False)


@dataclass
class Node:
    pass


@dataclass
class Literal(Node):
    value: Any
    type: Any = None  # part of equality: '1' and 1 differ


@dataclass
class AsOf(Node):
    type: str = noted('date')


@dataclass
class Parameter(Node):
    """`:name`."""

    name: str
    type: Any = noted()


@dataclass
class Path(Node):
    """name or name.name…; `this` when it began with `this.`."""

    names: list
    this: bool = False
    type: Any = noted()
    target: Any = noted()  # filled by the checker: see check.py


@dataclass
class Unary(Node):
    op: str  # '-', '+', 'not'
    operand: Node
    type: Any = noted()


@dataclass
class Binary(Node):
    op: str  # and or = <> < <= > >= + - * / || <@
    left: Node
    right: Node
    type: Any = noted()


@dataclass
class Quantified(Node):
    """left op any(array) or all(array)."""

    op: str
    quantifier: str
    left: Node
    array: Node
    type: Any = noted('boolean')


@dataclass
class Between(Node):
    subject: Node
    low: Node
    high: Node
    type: Any = noted('boolean')


@dataclass
class In(Node):
    subject: Node
    items: list
    type: Any = noted('boolean')


@dataclass
class InList(Node):
    subject: Node
    list: str
    type: Any = noted('boolean')


@dataclass
class Like(Node):
    subject: Node
    pattern: Node
    type: Any = noted('boolean')


@dataclass
class Matches(Node):
    subject: Node
    pattern: str
    type: Any = noted('boolean')


@dataclass
class IsNull(Node):
    operand: Node
    type: Any = noted('boolean')


@dataclass
class IsDistinct(Node):
    left: Node
    right: Node
    type: Any = noted('boolean')


@dataclass
class Case(Node):
    subject: Optional[Node]
    branches: list  # [(condition or value, result)]
    otherwise: Optional[Node]
    type: Any = noted()


@dataclass
class Array(Node):
    items: list
    type: Any = noted()


@dataclass
class Call(Node):
    name: str
    args: list
    type: Any = noted()


@dataclass
class Aggregate(Node):
    """count sum min max avg exists every over a relation's rows, or over `*`."""

    name: str
    distinct: bool
    path: Optional[Path]  # None: `*`
    expr: Optional[Node]
    where: Optional[Node]
    type: Any = noted()
    target: Any = noted()


def children(node):
    """The nodes directly below; an aggregate's path included."""
    for value in vars(node).values():
        if isinstance(value, Node):
            yield value
        elif isinstance(value, list):
            for item in value:
                if isinstance(item, Node):
                    yield item
                elif isinstance(item, tuple):
                    yield from item


def walk(node):
    yield node
    for child in children(node):
        yield from walk(child)
