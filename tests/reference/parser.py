"""Recursive descent over the grammar of docs/language.md, one method a line of it."""

import re

from . import ast, times
from .lexer import KEYWORDS, tokens
from .values import Interval, ProfileError, parse_number

AGGREGATES = ('count', 'sum', 'min', 'max', 'avg', 'exists', 'every')
COMPARISONS = {'=': '=', '<>': '<>', '!=': '<>', '<': '<', '<=': '<=', '>': '>', '>=': '>='}


def parse(text):
    parser = Parser(text)
    node = parser.expr()
    if parser.kind() != 'end':
        parser.fail('expected the end')
    return node


class Parser:
    def __init__(self, text):
        self.text = text
        self.tokens = tokens(text)
        self.at = 0

    # --- tokens ---

    def kind(self, ahead=0):
        return self.tokens[min(self.at + ahead, len(self.tokens) - 1)][0]

    def word(self, ahead=0):
        """The lower-case text of an unquoted name, else None."""
        kind, text, _ = self.tokens[min(self.at + ahead, len(self.tokens) - 1)]
        return text.lower() if kind == 'name' else None

    def is_op(self, op, ahead=0):
        kind, text, _ = self.tokens[min(self.at + ahead, len(self.tokens) - 1)]
        return kind == 'op' and text == op

    def fail(self, why):
        _, text, at = self.tokens[self.at]
        raise ProfileError(f'{why} at {at} ({text!r}) in {self.text!r}')

    def take(self):
        token = self.tokens[self.at]
        self.at += 1
        return token[1]

    def take_op(self, *ops):
        if any(self.is_op(op) for op in ops):
            return self.take()
        return None

    def take_word(self, *words):
        if self.word() in words:
            return self.take().lower()
        return None

    def need_op(self, op):
        if not self.take_op(op):
            self.fail(f'expected {op!r}')

    def need_word(self, word):
        if not self.take_word(word):
            self.fail(f'expected {word!r}')

    def need_string(self):
        if self.kind() != 'string':
            self.fail('expected a text in single quotes')
        return self.take()

    def name(self):
        if self.kind() == 'quoted' or (self.kind() == 'name' and self.word() not in KEYWORDS):
            return self.take()
        self.fail('expected a name')

    # --- grammar ---

    def expr(self):
        node = self.conjunction()
        while self.take_word('or'):
            node = ast.Binary('or', node, self.conjunction())
        return node

    def conjunction(self):
        node = self.negation()
        while self.take_word('and'):
            node = ast.Binary('and', node, self.negation())
        return node

    def negation(self):
        if self.take_word('not'):
            return ast.Unary('not', self.negation())
        return self.is_test()

    def is_test(self):
        node = self.comparison()
        if not self.take_word('is'):
            return node
        negated = self.take_word('not')
        if self.take_word('null'):
            node = ast.IsNull(node)
        else:
            self.need_word('distinct')
            self.need_word('from')
            node = ast.IsDistinct(node, self.comparison())
        return ast.Unary('not', node) if negated else node

    def comparison(self):
        node = self.range()
        op = self.take_op(*COMPARISONS)
        if not op:
            return node
        op = COMPARISONS[op]
        quantifier = self.take_word('any', 'all')
        if quantifier:
            self.need_op('(')
            array = self.expr()
            self.need_op(')')
            return ast.Quantified(op, quantifier, node, array)
        return ast.Binary(op, node, self.range())

    def range(self):
        node = self.other()
        negated = self.word() == 'not' and self.word(1) in ('between', 'in', 'like', 'matches')
        if negated:
            self.take()
        if self.take_word('between'):
            low = self.other()
            self.need_word('and')
            node = ast.Between(node, low, self.other())
        elif self.take_word('in'):
            node = self.membership(node)
        elif self.take_word('like'):
            node = ast.Like(node, self.other())
        elif self.take_word('matches'):
            node = ast.Matches(node, self.need_string())
        return ast.Unary('not', node) if negated else node

    def membership(self, subject):
        if self.take_word('list'):
            return ast.InList(subject, self.list_name())
        self.need_op('(')
        items = [self.expr()]
        while self.take_op(','):
            items.append(self.expr())
        self.need_op(')')
        return ast.In(subject, items)

    def list_name(self):
        if self.kind() == 'string':
            return self.take()
        names = [self.name()]
        while self.take_op('.'):
            names.append(self.name())
        return '.'.join(names)

    def other(self):
        node = self.sum()
        while op := self.take_op('||', '<@'):
            node = ast.Binary(op, node, self.sum())
        return node

    def sum(self):
        node = self.product()
        while op := self.take_op('+', '-'):
            node = ast.Binary(op, node, self.product())
        return node

    def product(self):
        node = self.unary()
        while op := self.take_op('*', '/'):
            node = ast.Binary(op, node, self.unary())
        return node

    def unary(self):
        op = self.take_op('-', '+')
        if op:
            return ast.Unary(op, self.unary())
        return self.primary()

    def primary(self):
        if self.kind() == 'number':
            return ast.Literal(parse_number(self.take(), literal=True), 'numeric')
        if self.kind() == 'string':
            return ast.Literal(self.take(), 'text')
        if self.take_op('('):
            node = self.expr()
            self.need_op(')')
            return node
        if self.take_op(':'):
            return ast.Parameter(self.name())
        word = self.word()
        if word in ('true', 'false'):
            self.take()
            return ast.Literal(word == 'true', 'boolean')
        if word == 'null':
            self.take()
            return ast.Literal(None, 'null')
        if word == 'as_of':
            self.take()
            return ast.AsOf()
        if word == 'case':
            return self.case()
        if word == 'array' and self.is_op('[', 1):
            return self.array()
        if word in ('date', 'timestamp', 'time', 'interval') and self.kind(1) == 'string':
            return self.temporal(self.take().lower())
        if word in AGGREGATES and self.is_op('(', 1):
            return self.aggregate()
        if word is not None and word not in KEYWORDS and self.is_op('(', 1):
            return self.call()
        return self.path()

    def array(self):
        self.take()
        self.need_op('[')
        items = [self.expr()]
        while self.take_op(','):
            items.append(self.expr())
        self.need_op(']')
        return ast.Array(items)

    def temporal(self, word):
        text = self.need_string()
        if word == 'interval':
            unit = self.take_word('year', 'month', 'day')
            if not unit or not re.fullmatch('[+-]?[0-9]+', text):
                self.fail('expected an interval of whole years, months or days')
            count = int(text)
            interval = {'year': (12 * count, 0), 'month': (count, 0), 'day': (0, count)}[unit]
            value = times.fit_interval(*interval, 0)
        else:
            value = times.parse_iso({'timestamp': 'datetime'}.get(word, word), text)
        if value is None:
            self.fail(f'{text!r} is no {word}')
        return ast.Literal(value, word)

    def case(self):
        self.take()
        subject = None if self.word() == 'when' else self.expr()
        branches = []
        while self.take_word('when'):
            condition = self.expr()
            self.need_word('then')
            branches.append((condition, self.expr()))
        if not branches:
            self.fail("expected 'when'")
        otherwise = self.expr() if self.take_word('else') else None
        self.need_word('end')
        return ast.Case(subject, branches, otherwise)

    def call(self):
        name = self.take().lower()
        self.need_op('(')
        args = []
        if not self.is_op(')'):
            args.append(self.expr())
            while self.take_op(','):
                args.append(self.expr())
        self.need_op(')')
        return ast.Call(name, args)

    def aggregate(self):
        name = self.take().lower()
        self.need_op('(')
        distinct = bool(self.take_word('distinct'))
        path = None if self.take_op('*') else self.path()
        expr = self.expr() if self.take_op(',') else None
        where = self.expr() if self.take_word('where') else None
        self.need_op(')')
        if distinct and name != 'count':
            self.fail("'distinct' stands only in count")
        if name == 'exists' and (expr or distinct):
            self.fail('exists takes no expression')
        if name == 'every' and (expr is None or where is not None):
            self.fail('every needs its expression and takes no where')
        return ast.Aggregate(name, distinct, path, expr, where)

    def path(self):
        this = self.word() == 'this' and self.is_op('.', 1)
        if this:
            self.take()
            self.take()
        names = [self.name()]
        while self.take_op('.'):
            names.append(self.name())
        return ast.Path(names, this)
