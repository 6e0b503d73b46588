"""Random typed expressions, each in two spellings: ours and PostgreSQL's. Where an operator of ours gives NULL instead of an error, or is a
difference on purpose, the SQL calls a function of setup.sql."""

FIELDS = [
    ("t1", "text"), ("t2", "text"), ("t3", "text"), ("n1", "integer"), ("n2", "integer"), ("d1", "decimal"), ("d2", "decimal"),
    ("b1", "boolean"), ("b2", "boolean"), ("day1", "date"), ("day2", "date"), ("mon", "month"), ("ts1", "datetime"), ("ts2", "datetime"),
    ("tm1", "time"), ("tm2", "time"), ("ta1", "text[]"), ("ta2", "text[]"), ("na1", "decimal[]"), ("da1", "date[]"),
]
PARAMS = [("pt", "text", "张%_\\"), ("pn", "decimal", "12.50"), ("pd", "date", "2020-02-29")]
AS_OF = "2020-12-31"
SQL_TYPES = {"text": "text", "integer": "numeric", "decimal": "numeric", "boolean": "boolean", "date": "date", "month": "date",
             "datetime": "timestamp", "time": "time", "text[]": "text[]", "decimal[]": "numeric[]", "date[]": "date[]"}

TEXTS = ["", "a", "b", "ab", "abc", "Abc", "ABC", " a ", "  ", "%", "_", "\\", "\\%", "a%", "a_c", "50%", "it''s", "张三", "张三丰", "李四", "张", "中华人民共和国",
         "520123", "520123456", "520123456789", "110101199003071233", "0", "00", "12", "-5", "1.50", "+7", "1e3", "abcabc", "aXbXc", "é", "ÉCOLE",
         "ß", "Ω", "𠮷野家", "a b", "x\\y", "2020-02-29", "2019-02-29", "2020-2-9", "zzz", "01", "02", "99", "男", "女", "longer text than sixteen bytes",
         "longer text than sixteen byteS", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"]
ITEMS = ["01", "02", "03", "99", "a", "张", ""]
WHOLE = ["0", "1", "2", "3", "5", "-1", "-7", "10", "12", "100", "9223372036854775807", "-9223372036854775808", "4611686018427387904", "3037000500",
         "65536", "2147483648"]
DECIMALS = ["0", "0.0", "1.0", "1.00", "1.5", "-1.5", "2.5", "0.5", "-0.5", "12.50", "99999999999999999999999999999999999999",
            "-0.00000000000000000000000000000000000001", "123456789.123456789", "0.05", "3.14159265358979", "1000000000000000000000.5", "-2.25", "7",
            "33333333333333333333.3", "10000000000"]
DAYS = ["2020-02-29", "2019-02-28", "2020-03-01", "2000-02-29", "1900-02-28", "2020-12-31", "2021-01-31", "1999-12-31", "0001-01-01", "9999-12-31",
        "1970-01-01", "1969-12-31", "2020-01-31", "2020-04-30", "1960-05-31"]
TIMES = ["00:00:00", "08:00:00", "23:59:59", "12:30:15", "00:00:01", "24:00:00"]
PATTERNS = ["[0-9]{6}", "[0-9]+", "a.*", ".*c", "[a-z]{1,3}", "(张|李).", "[^a]*", "", ".{2,4}", "a|b|", "[A-Za-z]+", "52[0-9]{7}", "(ab)*c?", "[一-龥]+"]
LIKES = ["%", "a%", "%c", "%b%", "_", "__", "a_c", "张%", "%三%", "\\%", "%\\%", "a\\_c", "%%", "", "abc", "%a%b%", "_%_", "\\\\%", "5%9", "张_"]


def quote(text):
    return "'" + text.replace("'", "''") + "'"


class Generator:
    def __init__(self, rng):
        self.rng = rng

    # ---- rows ----

    def day(self):
        if self.rng.random() < 0.6:
            return self.rng.choice(DAYS)
        return f"{self.rng.choice([1990, 1999, 2000, 2019, 2020, 2024]):04d}-{self.rng.randint(1, 12):02d}-{self.rng.randint(1, 28):02d}"

    def cell(self, kind):
        if self.rng.random() < 0.15:
            return None
        if kind == "text":
            return self.rng.choice(TEXTS).replace("''", "'")
        if kind == "integer":
            return self.rng.choice(WHOLE)
        if kind == "decimal":
            return self.rng.choice(DECIMALS + WHOLE)
        if kind == "boolean":
            return self.rng.choice("01")
        if kind == "date":
            return self.day()
        if kind == "month":
            return self.day()[:7]
        if kind == "datetime":
            return self.day() + "T" + self.rng.choice(TIMES[:-1])
        if kind == "time":
            return self.rng.choice(TIMES)
        count = self.rng.randint(1, 3)
        pool = {"text[]": ITEMS, "decimal[]": ["1", "1.0", "2", "-3.50", "100"], "date[]": DAYS}[kind]
        return ",".join(self.rng.choice(pool) for _ in range(count))

    def row(self):
        return [self.cell(kind) for _, kind in FIELDS]

    # ---- expressions: (ours, SQL) ----

    def field(self, kinds):
        name = self.rng.choice([name for name, kind in FIELDS if kind in kinds])
        return name, name

    def pick(self, depth, leaves, branches):
        if depth <= 0 or self.rng.random() < 0.15:
            return self.rng.choice(leaves)()
        return self.rng.choice(branches)()

    def call(self, ours, sql, *args):
        return f"{ours}({', '.join(a for a, _ in args)})", f"{sql}({', '.join(b for _, b in args)})"

    def choice_of(self, kind, sql_type, depth, make):
        """case, coalesce, nullif: of any type."""
        r = self.rng.random()
        if r < 0.4:
            whens = [(self.boolean(depth - 1), make(depth - 1)) for _ in range(self.rng.randint(1, 2))]
            last = make(depth - 1) if self.rng.random() < 0.7 else None
            ours = "case " + " ".join(f"when {c[0]} then {v[0]}" for c, v in whens) + (f" else {last[0]}" if last else "") + " end"
            sql = "case " + " ".join(f"when {c[1]} then {v[1]}" for c, v in whens) + (f" else {last[1]}" if last else "") + " end"
            return f"({ours})", f"({sql})"
        if r < 0.5:
            subject, when, then, other = make(depth - 1), make(depth - 1), make(depth - 1), make(depth - 1)
            return (f"(case {subject[0]} when {when[0]} then {then[0]} else {other[0]} end)",
                    f"(case {self.c(kind, subject[1])} when {when[1]} then {then[1]} else {other[1]} end)")
        if r < 0.8:
            args = [make(depth - 1) for _ in range(self.rng.randint(2, 3))]
            if self.rng.random() < 0.3:
                args.insert(self.rng.randint(0, 1), ("null", f"null::{sql_type}"))
            return self.call("coalesce", "coalesce", *args)
        a, b = make(depth - 1), make(depth - 1)
        return f"nullif({a[0]}, {b[0]})", f"nullif({self.c(kind, a[1])}, {b[1]})"

    @staticmethod
    def c(kind, sql):
        return f'({sql} collate "C")' if kind == "text" else sql

    def extreme(self, kind, depth, make):
        name = self.rng.choice(["greatest", "least"])
        args = [make(depth - 1) for _ in range(self.rng.randint(2, 3))]
        ours, sql = f"{name}({', '.join(a for a, _ in args)})", f"{name}({', '.join(self.c(kind, b) for _, b in args)})"
        return ours, sql

    def literal_text(self):
        text = self.rng.choice(TEXTS).replace("''", "'")
        return quote(text), quote(text) + "::text"

    def text(self, depth):
        rng = self.rng
        t = lambda: self.text(depth - 1)
        n = lambda: self.small(depth - 1)

        def slices():
            name = rng.choice(["left", "right"])
            return self.call(name, "hz_" + name, t(), n())

        def substr():
            args = [t(), n()] + ([n()] if rng.random() < 0.6 else [])
            return self.call("substr", "hz_substr", *args)

        def concat():
            a, b = t(), t()
            return f"({a[0]} || {b[0]})", f"({a[1]} || {b[1]})"

        def one():
            name = rng.choice(["upper", "lower", "trim"])
            return self.call(name, {"trim": "trim", "upper": "hz_upper", "lower": "hz_lower"}[name], t())

        return self.pick(depth, [lambda: self.field(["text"]), lambda: self.field(["text"]), self.literal_text,
                                 lambda: (":pt", quote(PARAMS[0][2]) + "::text")],
                         [slices, slices, substr, substr, concat, one, lambda: self.call("replace", "replace", t(), t(), t()),
                          lambda: self.choice_of("text", "text", depth, self.text), lambda: self.extreme("text", depth, self.text)])

    def small(self, depth):
        """A number that is mostly a small whole one."""
        r = self.rng.random()
        if r < 0.75 or depth <= 0:
            value = self.rng.choice(["0", "1", "2", "3", "4", "6", "9", "20"])
            if self.rng.random() < 0.2:
                return f"-{value}", f"(-{value})::numeric"
            return value, f"{value}::numeric"
        if r < 0.8:
            return "1.5", "1.5::numeric"
        return self.number(depth - 1)

    def literal_number(self):
        value = self.rng.choice(WHOLE + DECIMALS)
        if value.startswith("-"):
            return f"(-{value[1:]})", f"({value})::numeric"
        return value, f"{value}::numeric"

    def number(self, depth):
        rng = self.rng
        n = lambda: self.number(depth - 1)

        def arith():
            op = rng.choice("+-*/")
            a, b = n(), n()
            sql = {"+": f"hz_fit({a[1]} + {b[1]})", "-": f"hz_fit({a[1]} - {b[1]})", "*": f"hz_mul({a[1]}, {b[1]})",
                   "/": f"hz_div({a[1]}, {b[1]})"}[op]
            return f"({a[0]} {op} {b[0]})", sql

        def one():
            name = rng.choice(["abs", "floor", "ceil"])
            return self.call(name, name, n())

        def rounded():
            if rng.random() < 0.4:
                return self.call("round", "round", n())
            return self.call("round", "hz_round", n(), self.small(depth - 1))

        def negative():
            a = n()
            return f"(-{a[0]})", f"(-{a[1]})"

        def part():
            name = rng.choice(["year", "month", "day"])
            return self.call(name, {"year": "hz_year", "month": "hz_month", "day": "hz_dom"}[name], self.moment(depth - 1))

        def between():
            name = rng.choice(["age", "months_between"])
            return self.call(name, {"age": "hz_age", "months_between": "hz_months"}[name], self.moment(depth - 1), self.moment(depth - 1))

        def days():
            a, b = self.date(depth - 1), self.date(depth - 1)
            if rng.random() < 0.5:
                return f"days_between({a[0]}, {b[0]})", f"({b[1]} - {a[1]})::numeric"
            return f"({a[0]} - {b[0]})", f"({a[1]} - {b[1]})::numeric"

        def length():
            a = self.text(depth - 1)
            return f"length({a[0]})", f"length({a[1]})::numeric"

        def cardinality():
            a = self.array(depth - 1)
            return f"cardinality({a[0]})", f"cardinality({a[1]})::numeric"

        def similar():
            a, b = self.text(depth - 1), self.text(depth - 1)
            return f"round(similarity({a[0]}, {b[0]}), 4)", f"round(similarity({a[1]}, {b[1]})::numeric, 4)"

        return self.pick(depth, [lambda: self.field(["integer", "decimal"]), lambda: self.field(["integer", "decimal"]), self.literal_number,
                                 lambda: (":pn", PARAMS[1][2] + "::numeric")],
                         [arith, arith, arith, one, rounded, negative, part, between, days, length, cardinality, similar,
                          lambda: self.call("to_number", "hz_to_number", self.text(depth - 1)),
                          lambda: self.choice_of("num", "numeric", depth, self.number), lambda: self.extreme("num", depth, self.number)])

    def literal_date(self):
        value = self.day()
        return f"date '{value}'", f"date '{value}'"

    def date(self, depth):
        rng = self.rng

        def shift():
            op = rng.choice("+-")
            a, n = self.date(depth - 1), self.small(depth - 1)
            return f"({a[0]} {op} {n[0]})", f"hz_shift({a[1]}, {'-' if op == '-' else ''}({n[1]}))"

        def edge():
            name = rng.choice(["first_day", "last_day", "month_of"])
            return self.call(name, "hz_last" if name == "last_day" else "hz_first", self.moment(depth - 1))

        return self.pick(depth, [lambda: self.field(["date", "month"]), lambda: self.field(["date"]), self.literal_date,
                                 lambda: ("as_of", f"date '{AS_OF}'"), lambda: (":pd", f"date '{PARAMS[2][2]}'")],
                         [shift, shift, edge, lambda: self.call("to_date", "hz_to_date", self.text(depth - 1)),
                          lambda: self.choice_of("date", "date", depth, self.date), lambda: self.extreme("date", depth, self.date)])

    def stamp(self, depth):
        rng = self.rng

        def literal():
            value = f"{self.day()} {rng.choice(TIMES[:-1])}"
            return f"timestamp '{value}'", f"timestamp '{value}'"

        def shift():
            op = rng.choice("+-")
            a, b = self.moment(depth - 1), self.interval(depth - 1)
            return f"({a[0]} {op} {b[0]})", f"hz_shift({a[1]}, {'-' if op == '-' else ''}({b[1]}))"

        def mixed():
            a, b = self.date(depth - 1), self.stamp(depth - 1)
            return self.call("coalesce", "coalesce", a, b)

        return self.pick(depth, [lambda: self.field(["datetime"]), lambda: self.field(["datetime"]), literal],
                         [shift, shift, shift, mixed, lambda: self.choice_of("ts", "timestamp", depth, self.stamp),
                          lambda: self.extreme("ts", depth, self.stamp)])

    def moment(self, depth):
        return self.date(depth) if self.rng.random() < 0.6 else self.stamp(depth)

    def interval(self, depth):
        rng = self.rng

        def literal():
            unit = rng.choice(["year", "month", "day"])
            count = rng.choice([0, 1, 2, 3, 11, 12, 13, 18, 29, 31, 366, -1, -5])
            return f"interval '{count}' {unit}", f"interval '{count} {unit}'"

        def total():
            op = rng.choice("+-")
            a, b = self.interval(depth - 1), self.interval(depth - 1)
            return f"({a[0]} {op} {b[0]})", f"({a[1]} {op} {b[1]})"

        def difference():
            a, b = self.stamp(depth - 1), self.moment(depth - 1)
            if rng.random() < 0.5:
                a, b = b, a
            return f"({a[0]} - {b[0]})", f"(({a[1]})::timestamp - ({b[1]})::timestamp)"

        def negative():
            a = self.interval(depth - 1)
            return f"(-{a[0]})", f"(-{a[1]})"

        return self.pick(depth, [literal], [literal, total, difference, negative,
                                            lambda: self.choice_of("iv", "interval", depth, self.interval)])

    def time(self, depth):
        return self.pick(depth, [lambda: self.field(["time"]), lambda: (f"time '{TIMES[1]}'", f"time '{TIMES[1]}'")],
                         [lambda: self.field(["time"]), lambda: self.choice_of("time", "time", depth, self.time)])

    def text_array(self, depth):
        def literal():
            items = [self.text(depth - 1) if self.rng.random() < 0.4 else self.item() for _ in range(self.rng.randint(1, 3))]
            return f"array[{', '.join(a for a, _ in items)}]", f"array[{', '.join(b for _, b in items)}]::text[]"

        return self.pick(depth, [lambda: self.field(["text[]"])],
                         [literal, lambda: self.field(["text[]"]), lambda: self.choice_of("ta", "text[]", depth, self.text_array)])

    def item(self):
        text = self.rng.choice(ITEMS)
        return quote(text), quote(text) + "::text"

    def number_array(self, depth):
        def literal():
            items = [self.number(depth - 1) for _ in range(self.rng.randint(1, 3))]
            return f"array[{', '.join(a for a, _ in items)}]", f"array[{', '.join(b for _, b in items)}]::numeric[]"

        return self.pick(depth, [lambda: self.field(["decimal[]"])], [literal, lambda: self.field(["decimal[]"])])

    def date_array(self, depth):
        def literal():
            items = [self.date(depth - 1) for _ in range(self.rng.randint(1, 3))]
            return f"array[{', '.join(a for a, _ in items)}]", f"array[{', '.join(b for _, b in items)}]::date[]"

        return self.pick(depth, [lambda: self.field(["date[]"])], [literal, lambda: self.field(["date[]"])])

    def array(self, depth):
        return self.rng.choice([self.text_array, self.number_array, self.date_array])(depth)

    def boolean(self, depth):
        rng = self.rng
        kinds = [("text", self.text), ("text", self.text), ("num", self.number), ("num", self.number), ("date", self.date), ("ts", self.stamp),
                 ("moment", self.moment), ("time", self.time), ("iv", self.interval), ("bool", self.boolean)]

        def compare():
            kind, make = rng.choice(kinds)
            op = rng.choice(["=", "<>", "<", "<=", ">", ">=", "=", "!="])
            a, b = make(depth - 1), make(depth - 1)
            if rng.random() < 0.03:
                b = ("null", "null")
            return f"({a[0]} {op} {b[0]})", f"({self.c(kind, a[1])} {op} {b[1]})"

        def frequent():
            """The forms that have instructions of their own."""
            which = rng.randint(0, 5)
            t = self.field(["text"])
            k = rng.choice(["0", "1", "2", "6", "9"])
            if which == 0:
                other = self.text(depth - 1)
                op = rng.choice(["=", "<>"])
                return f"(left({t[0]}, {k}) {op} {other[0]})", f"(left({t[1]}, {k}) {op} {other[1]})"
            if which == 1:
                op = rng.choice(["=", "<>", "<", ">="])
                return f"({k} {op} length({t[0]}))", f"({k} {op} length({t[1]}))"
            if which == 2:
                return f"(substr({t[0]}, 2, {k}) = {t[0]})", f"(substr({t[1]}, 2, {k}) = {t[1]})"
            if which == 3:
                n, low = self.field(["integer", "decimal"]), rng.choice(["0", "1", "5"])
                return f"({n[0]} between {low} and {k})", f"({n[1]} between {low} and {k})"
            if which == 4:
                d = self.field(["date", "month"])
                a, b = self.literal_date(), self.literal_date()
                return f"({d[0]} not between {a[0]} and {b[0]})", f"({d[1]} not between {a[1]} and {b[1]})"
            d = self.field(["date", "month"])
            items = [self.literal_date() for _ in range(3)]
            return f"({d[0]} in ({', '.join(a for a, _ in items)}))", f"({d[1]} in ({', '.join(b for _, b in items)}))"

        def logic():
            op = rng.choice(["and", "or"])
            items = [self.boolean(depth - 1) for _ in range(rng.randint(2, 3))]
            return f"({f' {op} '.join(a for a, _ in items)})", f"({f' {op} '.join(b for _, b in items)})"

        def negation():
            a = self.boolean(depth - 1)
            return f"(not {a[0]})", f"(not {a[1]})"

        def is_null():
            word = rng.choice(["is null", "is not null"])
            a = rng.choice(kinds)[1](depth - 1)
            return f"(({a[0]}) {word})", f"(({a[1]}) {word})"

        def distinct():
            kind, make = rng.choice(kinds)
            word = rng.choice(["is distinct from", "is not distinct from"])
            a, b = make(depth - 1), make(depth - 1)
            return f"({a[0]} {word} {b[0]})", f"({self.c(kind, a[1])} {word} {b[1]})"

        def between():
            kind, make = rng.choice(kinds[:7])
            word = rng.choice(["between", "not between"])
            a, b, c = make(depth - 1), make(depth - 1), make(depth - 1)
            return f"({a[0]} {word} {b[0]} and {c[0]})", f"({self.c(kind, a[1])} {word} {b[1]} and {c[1]})"

        def in_items():
            kind, make = rng.choice(kinds[:7])
            literals = {"text": self.literal_text, "num": self.literal_number, "date": self.literal_date}.get(kind)
            word = rng.choice(["in", "not in"])
            a = make(depth - 1)
            items = [literals() if literals and rng.random() < 0.8 else make(depth - 2) for _ in range(rng.randint(1, 12))]
            if rng.random() < 0.1:
                items.append(("null", "null"))
            return (f"({a[0]} {word} ({', '.join(x for x, _ in items)}))",
                    f"({self.c(kind, a[1])} {word} ({', '.join(y for _, y in items)}))")

        def like():
            word = rng.choice(["like", "not like"])
            a = self.text(depth - 1)
            if rng.random() < 0.7:
                pattern = rng.choice(LIKES)
                return f"({a[0]} {word} {quote(pattern)})", f"({a[1]} {word} {quote(pattern)})"
            b = self.text(depth - 1)
            sql = f"hz_like({a[1]}, {b[1]})"
            return f"({a[0]} {word} {b[0]})", f"(not {sql})" if word == "not like" else sql

        def matches():
            word = rng.choice(["matches", "not matches"])
            a, pattern = self.text(depth - 1), rng.choice(PATTERNS)
            return f"({a[0]} {word} {quote(pattern)})", f"({a[1]} {'~' if word == 'matches' else '!~'} {quote(f'^(?:{pattern})$')})"

        def quantified():
            make, items = rng.choice([(self.text, self.text_array), (self.number, self.number_array), (self.date, self.date_array)])
            op = rng.choice(["=", "<>", "<", "<=", ">", ">="]) if make is not self.text else rng.choice(["=", "<>"])
            word = rng.choice(["any", "all"])
            a, b = make(depth - 1), items(depth - 1)
            return f"({a[0]} {op} {word} ({b[0]}))", f"({a[1]} {op} {word} ({b[1]}))"

        def contained():
            make = rng.choice([self.text_array, self.number_array, self.date_array])
            a, b = make(depth - 1), make(depth - 1)
            op = rng.choice(["<@", "<@", "=", "<>"])
            return f"({a[0]} {op} {b[0]})", f"({a[1]} {op} {b[1]})"

        return self.pick(depth, [lambda: self.field(["boolean"]), lambda: ("true", "true"), lambda: ("false", "false")],
                         [compare, compare, compare, compare, frequent, frequent, frequent, logic, logic, negation, is_null, distinct, between, in_items, in_items,
                          like, like, matches, quantified, contained, lambda: self.choice_of("bool", "boolean", depth, self.boolean)])

    def expression(self):
        """(type, ours, SQL)"""
        depth = self.rng.choice([1, 2, 2, 3, 3, 4])
        kinds = [("boolean", self.boolean)] * 8 + [("text", self.text)] * 3 + [("numeric", self.number)] * 4 + [
            ("date", self.date), ("timestamp", self.stamp), ("interval", self.interval), ("time", self.time), ("text[]", self.text_array),
            ("numeric[]", self.number_array)]
        kind, make = self.rng.choice(kinds)
        ours, sql = make(depth)
        return kind, ours, sql
