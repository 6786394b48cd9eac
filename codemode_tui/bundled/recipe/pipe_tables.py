"""Composed jobs over the rows of one table: a filter, a value, an aggregate, an order, a limit, a format, a file, a
message for nothing. The parts are drawn one by one, and the question is put together from the clauses of each."""

from __future__ import annotations

import re

from codemode_tui.bundled.recipe.direct_kinds import Task
from codemode_tui.bundled.recipe.example import Chat
from codemode_tui.bundled.recipe.grammar import choose
from codemode_tui.bundled.recipe.group_tables import free_path
from codemode_tui.bundled.recipe.new_texts import marked
from codemode_tui.bundled.recipe.number_words import CARDINALS
from codemode_tui.bundled.recipe.phrasing import quoted, shape
from codemode_tui.bundled.recipe.pipe_tables_code import answer, program
from codemode_tui.bundled.recipe.pipe_tables_files import new_table
from codemode_tui.bundled.recipe.pipe_tables_filters import RULES, Filter
from codemode_tui.bundled.recipe.pipe_tables_parts import Job, some_job

_SLOT = re.compile(r"\{(\w+)\}")
_ARTICLE = re.compile(r"\b([Aa]) (\{\w+\})")
_WORDS = {
    "gsum": ("total", "total", "sum"),
    "gmean": ("average", "average", "mean"),
    "gcount": ("count", "number"),
    "gmax": ("maximum", "number"),
    "gmin": ("minimum", "number"),
}
_HELD = 0.25
"""Of the clauses of a question that is for measuring; its frame is always held back."""


def row_pipeline(c: Chat) -> None:
    """Rows, or a column or two of them: filtered, computed, sorted, cut, formatted, written."""
    _pipeline(c, "names", "pair", "text", "whole", "distinct")


def group_pipeline(c: Chat) -> None:
    """One number for each group or month, of all rows or some, and what is done with those numbers."""
    _pipeline(c, "gsum", "gcount", "gmean", "gmax", "gmin")


def single_pipeline(c: Chat) -> None:
    """One result of all rows or some: a total, a mean, a number of rows, the row at one end."""
    _pipeline(c, "sum", "mean", "count", "best", "least", "csum", "ndistinct")


def _pipeline(c: Chat, *kinds: str) -> None:
    """A combination of parts over one table, asked for in one of several styles."""
    j = some_job(c.r, kinds)
    f = new_table(c, j)
    g = free_path(c, c.r.choice(("txt", "txt", "csv", "md", "out"))) if j.target else ""
    asked = _Question(c, j, f, g)
    asked.ask()
    out, _ = c.call(program(j, f, g))
    c.say(answer(j, f, g, out, asked.all))


class _Question:
    """The question for one job, put together from clauses."""

    def __init__(self, c: Chat, j: Job, f: str, g: str) -> None:
        self.c, self.r, self.j = c, c.r, j
        self.filled: dict[str, str] = {}
        self.names: dict[str, str] = {}
        csv = (("row", "rows", "a row"),) * 5 + (("record", "records", "a record"), ("entry", "entries", "an entry"))
        objects = (("object", "objects", "an object"), ("entry", "entries", "an entry"), ("item", "items", "an item"))
        self.one, self.all, self.one_a = self.r.choice(objects if j.sheet.is_json else csv)
        self.f, self.g = quoted(self.r, f), quoted(self.r, g)
        self.rules: list[str] = []

    def clause(self, section: str, /, **slots: str) -> str:
        """A way of saying ``section``; what begins with a brace or is in ``Clause`` places is put in as it is."""
        held = self.c.held and (section.startswith(_FRAMES) or self.r.random() < _HELD)
        return self.put(choose(self.r, section, held=held), **slots)

    def put(self, text: str, /, **slots: str) -> str:
        if "," in slots.get("x", "") and not slots["x"].endswith(","):
            slots["x"] += ","
        known = {"one": self.one, "one_a": self.one_a, "all": self.all, "f": self.f, "g": self.g} | slots
        return _SLOT.sub(lambda found: known.get(found[1], found[0]), text)

    def kept(self, text: str) -> str:
        """A slot for ``text``, which nothing changes."""
        key = f"s{len(self.filled)}"
        self.filled[key] = text
        return "{" + key + "}"

    def name(self, text: str) -> str:
        """A slot for a name, now and then in quotes."""
        if text not in self.names:
            self.names[text] = self.kept(quoted(self.r, text))
        return self.names[text]

    def ask(self) -> None:
        """Say it."""
        j, r = self.j, self.r
        self.f, self.g = self.kept(self.f), self.kept(self.g)
        style = r.choices(("chain", "rows", "result", "stated", "terse"), (26, 24, 18, 18, 14))[0]
        first = ""
        if style == "stated":
            listed = [self.name(column) for column in j.columns]
            v = ", ".join(listed[:-1]) + r.choice((" and ", " and ", ", ")) * (len(listed) > 1) + listed[-1]
            first = self.clause("pt_keys" if j.sheet.is_json else "pt_columns", v=v) + ". "
            self.f = r.choice(("this file", "that file", "the file"))
        short, long = self._value()
        what = self._what(short, long)
        asked = self._chain(what, short) if style == "chain" else self._request(style, what, short)
        if self.rules and self.rules[0].split(" ")[0] in _ORDERS:
            asked += f". {r.choice(('for this, ', 'for this, ', 'before that, '))}{self.rules[0]}"
        elif self.rules and r.random() < 0.4:
            asked += f". {self.rules[0]}"
        elif self.rules:
            first += f"{self.rules[0]}. "
        end = ""
        if j.message:
            bare = r.random() < 0.4
            section = "pt_none_file" if j.target and r.random() < 0.6 else "pt_none_end" if bare else "pt_none"
            end = self.kept("\0" + j.message if section == "pt_none_end" else marked(r, j.message))
            asked += r.choice((". ", ". ", "; ", ", and ")) + self.clause(section, m=end)
        self._say(first + asked, "pt_chain" if style == "chain" else "pt_lead_print")

    def _say(self, text: str, section: str) -> None:
        text = re.sub(r",\s*([,.;:])", r"\1", " ".join(text.split())).rstrip(",;")
        text = re.sub(r"\s+([,.;:?])(?=\s|$)", r"\1", text)
        text = re.sub(r"\?\s*[.;,]", "?", text)
        text = re.sub(r"([.?] )([a-z])", lambda found: found[1] + found[2].upper(), text)
        text = shape(self.r, text, section, held=self.c.held)
        text = _ARTICLE.sub(lambda found: "n ".join((found[1], found[2])) if self._vowel(found[2]) else found[0], text)
        text = _SLOT.sub(lambda found: self.filled.get(found[1], found[0]), text).replace(" \n", "\n")
        head, found, _ = text.partition("\0")
        self.c.user(head + self.j.message if found else text)

    def _vowel(self, slot: str) -> bool:
        """Whether what fills ``slot`` is spoken with a vowel at its beginning."""
        return self.filled.get(slot[1:-1], "").lstrip("'\"`")[:1].lower() in ("a", "e", "i", "o")

    def _condition(self, one: Filter) -> str:
        """The condition of a filter, beginning with the column."""
        slots = {key: self._word(one, key) for key in one.slots}
        return self.clause(f"pt_{one.kind}", **slots)

    def _word(self, one: Filter, key: str) -> str:
        text = one.slots[key]
        if key in ("k", "l"):
            return self.kept(text)
        if key == "v" and one.kind in ("part", "start"):
            return self.kept(marked(self.r, text))
        return self.name(text)

    def _rows(self) -> tuple[str, str]:
        """The condition behind "rows" and behind "each row"; "" for all of them."""
        j, r = self.j, self.r
        if j.filter is None:
            return "", ""
        if j.filter.other:
            section = f"pt_rel_{j.filter.joint}"
            text = self.clause(section, p=self._condition(j.filter), q=self._condition(j.filter.other))
        elif r.random() < 0.4:
            slots = {key: self._word(j.filter, key) for key in j.filter.slots}
            text = self.clause(f"pt_{j.filter.kind}_with", **slots)
        else:
            text = self.clause("pt_rel", p=self._condition(j.filter))
        one = re.sub(r"^(that|which) have", r"\1 has", text.replace(" their ", " its "))
        one = one.replace("that do not", "that does not").replace("that contain ", "that contains ")
        return text, one

    def _value(self) -> tuple[str, str]:
        """The value as one word, and in full; the same where it is one column or gets a name."""
        v, r = self.j.value, self.r
        if v.kind == "plain":
            n = self.name(v.slots["n"])
            return n, n
        slots = {
            key: self.kept(text) if key in ("k", "l", "u", "w") else self.name(text) for key, text in v.slots.items()
        }
        if r.random() < 0.5:
            self.rules.append(self.clause(f"pt_def_{v.kind}", **slots))
            if v.kind in RULES:
                return slots["n"], slots["n"]
            return slots["w"], self.clause("pt_named", w=slots["w"])
        return "", self.clause(f"pt_val_{v.kind}", **slots)

    def _group(self) -> str:
        """What one of the groups is, after "per" and "each"."""
        return self.clause("pt_month_of", y=self.name(self.j.sheet.t)) if self.j.monthly else self.name(self.j.sheet.b)

    def _plain(self) -> str:
        """The group as one word."""
        return "month" if self.j.monthly else self.name(self.j.sheet.b)

    def _what(self, short: str, long: str) -> str:
        """What is asked for, without the rows."""
        j, h = self.j, self.j.sheet
        if j.agg == "whole":
            return ""
        a, b = self.name(h.a), self._group()
        if j.agg == "names":
            return self.clause("pt_names", a=a)
        if j.agg == "pair":
            return self.clause("pt_pair" if short else "pt_pair_long", a=a, x=short or long)
        if j.agg == "text":
            return self.clause("pt_pair", a=a, x=b)
        if j.agg in ("best", "least"):
            return self.clause(f"pt_{j.agg}{'_name' if j.sep == 'only' else ''}", a=a, x=short or long)
        if j.agg in ("distinct", "ndistinct"):
            return self.clause(f"pt_{j.agg}", b=b)
        if j.agg == "csum":
            return self.clause("pt_csum", x=long)
        plain = {"gsum": "sum", "gmean": "mean", "gcount": "count"}.get(j.agg, j.agg)
        text = self.clause(f"pt_{plain}", x=long)
        return self.clause("pt_per", x=text, b=b) if j.grouped else text

    def _order(self, short: str) -> str:
        """The order, without "sorted"."""
        j, h, r = self.j, self.j.sheet, self.r
        if not j.order:
            return ""
        if j.order in ("old", "new"):
            y = self.name(h.t)
        elif j.order == "name":
            y = "month" if j.monthly else self.name(h.b if j.grouped else h.a)
        elif j.grouped:
            y = r.choice(_WORDS[j.agg])
        elif j.agg == "pair":
            y = short or r.choice(("value", "number", "result"))
        else:
            y = self.name(h.n)
        return self.clause("pt_old" if y == "month" else f"pt_{j.order}", y=y)

    def _said(self) -> str:
        return CARDINALS[self.j.limit] if self.r.random() < 0.55 else str(self.j.limit)

    def _format(self, short: str) -> list[str]:
        """How lines look."""
        j, h, r = self.j, self.j.sheet, self.r
        parts = []
        if j.label:
            parts.append(self.clause("pt_label", p=self.kept(marked(r, j.label))))
        if j.sep == "only":
            parts += [self.clause("pt_only", b=self._plain())] if j.grouped else []
        elif j.sep:
            left = j.group if j.grouped else h.a
            right = (
                r.choice(_WORDS[j.agg])
                if j.grouped
                else h.b
                if j.agg == "text"
                else self.filled.get(short[1:-1], "value")
            )
            left, right = r.choice(
                ((left, right.strip("'\"`")),) * 6 + (("name", "value"), ("x", "y"), ("name", "number"))
            )
            if j.agg == "csum":
                left, right = r.choice((self.all, self.all, "count", "number")), r.choice(("total", "total", "sum"))
            text = f"{left} ({right})" if j.sep == "(" else f"{left}{j.sep}{right}"
            p = self.kept(marked(r, text))
            parts.append(self.clause("pt_format" if j.listed else "pt_format_one", p=p))
        if j.header:
            parts.append(self.clause("pt_header", p=self.kept(marked(r, j.header))))
        if j.digits:
            parts.append(
                self.clause(f"pt_digits_{j.digits[1]}" + ("_one" if j.digits == ".0f" and not j.listed else ""))
            )
        return parts

    def _above(self) -> str:
        """The condition on the groups."""
        kind, _, k = self.j.having or ("", "", "")
        return self.clause(f"pt_{kind}", s=self.r.choice(_WORDS[self.j.agg]), k=self.kept(k))

    def _last(self) -> str:
        """What is printed after writing."""
        return self.clause(f"pt_z_{self.j.target}")

    def _request(self, style: str, what: str, short: str) -> str:
        """A question in one or two sentences, all parts behind one another."""
        j, r = self.j, self.r
        rel, one = self._rows()
        tails = [self.clause("pt_having", p=self._above())] if j.having else []
        if order := self._order(short):
            tails.append(self.clause("pt_sorted", o=order))
        if j.limit:
            tails.append(self.clause("pt_limit", k=self._said()))
        tails += self._format(short)
        t = "".join(f", {tail}" for tail in tails)
        end = "file" if j.target else "print"
        slots = {"t": t, "r": rel, "r1": one, "z": self._last() if j.target else ""}
        if j.agg == "whole":
            these = (
                self.clause("pt_these", **slots)
                if rel
                else self.put(r.choice(("all {all} of {f}", "the {all} of {f}")))
            )
            return self.clause(f"pt_np_{end}", x=these, o="", **slots)
        if style == "result" and not tails and not j.target and j.agg in _ASKED and r.random() < 0.6:
            if j.agg == "count":
                return self.clause("pt_what_count", **slots)
            return self.clause("pt_what", x=what, o=self.clause("pt_of_rows" if rel else "pt_of_all", **slots))
        if style == "terse" and rel:
            return self.clause(f"pt_terse_{end}", x=what, **slots)
        first = (
            style == "rows" or j.agg in ("best", "least", "csum", "gcount", "distinct", "ndistinct") or r.random() < 0.2
        )
        if not first:
            if j.agg == "count":
                if rel:
                    return self.clause(f"pt_np_{end}", x=self.clause("pt_np_count", **slots), o="", **slots)
                return self.clause(f"pt_all_{end}", x=what, **slots)
            of = "pt_of_all" if not rel else "pt_from_rows" if j.agg in ("names", "pair", "text") else "pt_of_rows"
            return self.clause(f"pt_np_{end}", x=what, o=self.clause(of, **slots), **slots)
        return self.clause(f"pt_{'lead' if rel else 'all'}_{end}", x=what, **slots)

    def _chain(self, what: str, short: str) -> str:
        """Steps, one after another."""
        j, r = self.j, self.r
        rel, _ = self._rows()
        steps = [self.clause("pt_read")]
        other = _OPPOSITES.get(j.filter.kind, "") if j.filter and not j.filter.other else ""
        if j.filter and other and r.random() < 0.5:
            slots = {key: self._word(j.filter, key) for key in j.filter.slots}
            steps.append(self.clause("pt_drop", r=self.clause("pt_rel", p=self.clause(f"pt_{other}", **slots))))
        elif rel:
            steps.append(self.clause("pt_keep", r=rel))
        order = self._order(short)
        if self.rules and self.rules[0].split(" ")[0] in _ORDERS:
            steps.append(self.rules.pop())
        if j.grouped and (order or j.having):
            steps.append(self.clause("pt_compute", x=what))
            what = r.choice(("the result", "them", "the lines", "the list"))
        if j.having:
            steps.append(self.clause("pt_having_step", p=self._above(), b=self._plain()))
        if order:
            step = self.clause("pt_sort", o=order, what=self.all if not j.grouped else r.choice(("results", "groups")))
            if not rel and not j.grouped:
                step = f"sort the {self.all} {order}"
            steps.append(step)
        if j.limit:
            steps.append(self.clause("pt_take", k=self._said()))
        if j.agg == "whole":
            what = r.choice(("them", f"the {self.all}", f"these {self.all}", f"the whole {self.all}"))
        t = "".join(f", {tail}" for tail in self._format(short))
        if j.target:
            steps.append(self.clause("pt_out_file", x=what, t=t))
            steps.append(self.clause("pt_out_then", z=self._last()))
        else:
            steps.append(self.clause("pt_out_print", x=what, t=t))
        if r.random() < 0.15:
            line = self.kept("\n")
            sign = r.choice(("", "- ", "* "))
            numbered = [f"{line}{sign or f'{at}. '}{step}" for at, step in enumerate(steps, 1)]
            return self.clause("pt_steps", x="\0").replace("\0", "".join(numbered))
        last = r.choice((", and ", ", and ", ", then ", " and then ", ". Then ", " and "))
        return self.clause("pt_chain", x=", ".join(steps[:-1]) + last + steps[-1])


_ASKED = ("sum", "mean", "count", "ndistinct", "gsum", "gmean", "gmax", "gmin")
"""Results that one may ask for with "what is"."""
_OPPOSITES = {"ne": "eq", "filled": "empty", "ge": "lt", "le": "gt", "since": "before", "empty": "filled"}
"""The condition of the rows that go."""
_ORDERS = ("take", "add", "lower", "knock", "put", "raise", "deduct", "cap", "treat", "count")
"""The first words of rules that are steps."""
_FRAMES = (
    "pt_np_",
    "pt_lead_",
    "pt_all_",
    "pt_terse_",
    "pt_chain",
    "pt_out_",
    "pt_columns",
    "pt_keys",
    "pt_steps",
    "pt_what",
)


KINDS: list[tuple[Task, int]] = [
    (row_pipeline, 30),
    (group_pipeline, 30),
    (single_pipeline, 24),
]
