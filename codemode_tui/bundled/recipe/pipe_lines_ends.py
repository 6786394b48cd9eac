"""Jobs over the lines of a file as drawn: which parts, and how they end."""

from __future__ import annotations

from dataclasses import dataclass, field

from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.file_changes import ENDED
from codemode_tui.bundled.recipe.line_edits import BACK, written
from codemode_tui.bundled.recipe.names import word
from codemode_tui.bundled.recipe.new_texts import marked
from codemode_tui.bundled.recipe.phrasing import quoted
from codemode_tui.bundled.recipe.pipe_lines_parts import some_filter, some_format, some_limit, some_order, some_value
from codemode_tui.bundled.recipe.pipe_lines_stuff import SIGNS, Part, Stuff, after, before, message, some_stuff
from codemode_tui.bundled.recipe.source import Source


@dataclass
class Job:
    """A job as drawn."""

    stuff: Stuff
    span: tuple[str, str] = ("", "")
    """Which lines of the file, in words and in code."""
    filters: list[Part] = field(default_factory=list)
    value: Part | None = None
    then: list[Part] = field(default_factory=list)
    """What is done with what is left, in order."""
    end: Part = field(default_factory=lambda: Part("print", ""))
    numbers: bool = False
    """Whether numbers are left at the end."""
    none: bool = False
    """Whether no line is left on purpose."""
    skipped: bool = False
    """Whether the number of skipped lines is printed, too."""

    @property
    def left(self) -> str:
        """The variable after the filters."""
        return "numbers" if self.stuff.numeric else "lines"


def drawn(c: Chat, out: str, path: str) -> Job:
    """A job for a new content; ``path`` is the code for the file, ``out`` another file."""
    r = c.r
    s = some_stuff(r)
    j = Job(s, numbers=s.numeric)
    if not s.numeric and s.kind != "json" and r.random() < 0.12:
        j.span = _some_span(r, len(s.lines))
    for _ in range(r.choices((0, 1, 2), (22, 60, 18))[0]):
        part = some_filter(r, s)
        if all(_side(part) != _side(known) for known in j.filters):
            j.filters.append(part)
    if not s.numeric and r.random() < 0.45:
        j.value, j.numbers = some_value(r, s)
    way = r.random()
    if j.numbers and way < 0.6:
        _number_end(r, j)
    elif not j.numbers and way < 0.3:
        _text_end(r, j)
    else:
        _list_end(c, j, out, path)
    return j


def _some_span(r: Source, many: int) -> tuple[str, str]:
    """Some of the lines, by their place."""
    a = r.randint(1, max(many - 3, 1))
    b = r.randint(a + 1, many)
    k = r.randint(2, max(many - 1, 2))
    return r.choice(
        (
            (f"lines {a} to {b} of", f"[{a - 1 or ''}:{b}]"),
            (f"lines {a}-{b} of", f"[{a - 1 or ''}:{b}]"),
            (f"the first {k} lines of", f"[:{k}]"),
            (f"the last {k} lines of", f"[-{k}:]"),
            ("all lines but the first of", "[1:]"),
        )
    )


def _side(part: Part) -> str:
    """What it looks at: two filters of one job look at different things."""
    sides = {
        "least": "above",
        "positive": "above",
        "between": "above",
        "below": "above",
        "most": "above",
        "odd": "even",
    }
    return sides.get(part.name, part.name.removesuffix("not"))


def _number_end(r: Source, j: Job) -> None:
    kinds = ("sum", "sum", "average", "average_two", "largest", "smallest", "count", "count_sum", "ends")
    kind = r.choice((*kinds, "sum_more", "more"))
    if j.value and kind in ("more", "count"):
        kind = "sum_more" if kind == "more" else "sum"
    tail = ", skipped" if j.stuff.kind == "junk" and r.random() < 0.5 and "more" not in kind else ""
    if kind in ("sum_more", "more"):
        _threshold(r, j, kind, "sum(numbers)" if kind == "sum_more" else "len(numbers)")
        return
    if kind != "count" and r.random() < 0.15:
        j.then = [some_limit(r, "numbers")]
    code = {
        "sum": 'f"{sum(numbers):.12g}"',
        "average": 'f"{sum(numbers) / len(numbers):.12g}"',
        "average_two": 'f"{sum(numbers) / len(numbers):.2f}"',
        "largest": 'f"{max(numbers):.12g}"',
        "smallest": 'f"{min(numbers):.12g}"',
        "count": "len(numbers)",
        "count_sum": 'len(numbers), f"{sum(numbers):.12g}"',
        "ends": 'f"{min(numbers):.12g}", f"{max(numbers):.12g}"',
    }[kind]
    check = f"assert {'numbers' if kind == 'count' else 'len(set(numbers)) > 1'}\n"
    j.skipped = bool(tail)
    if kind not in ("count_sum", "ends") and not tail and r.random() < 0.2:
        label = r.choice((kind.split("_")[0], kind.split("_")[0], "result", "answer", word(r)))
        label = (label.capitalize() if r.random() < 0.4 else label) + r.choice((": ", ": ", " = ", " "))
        shown = code.replace('f"', f'f"{label}') if kind != "count" else f'f"{label}{{len(numbers)}}"'
        sample = marked(r, label + r.choice(("x", "x", "n", "...")))
        j.end = Part(kind, f"print({shown})\n", {"s": sample, "label": label}, check)
    else:
        j.end = Part(kind, f"print({code}{tail})\n", {}, check)


def _text_end(r: Source, j: Job) -> None:
    kind = r.choice(
        (
            "count",
            "count",
            "different",
            "frequent",
            "frequent",
            "frequent",
            "longest_one",
            "shortest_one",
            "more",
            "more",
        )
    )
    if j.stuff.kind == "pairs" and not j.value and r.random() < 0.5:
        most = r.choice(("max", "min"))
        number = f"float({after(j.stuff)})"
        check = f"found = [{number} for line in lines]\nassert len(found) > 1 and found.count({most}(found)) == 1\n"
        j.end = Part(f"pair_{most}", f"print({most}(lines, key=lambda line: {number}))\n", {}, check)
        return
    if kind == "count" and not j.filters:
        kind = "different"
    if kind == "count":
        j.value = None
        j.end = Part(kind, "print(len(lines))\n", {}, "assert lines\n")
    elif kind == "more":
        j.value = None
        _threshold(r, j, kind, "len(lines)")
    elif kind == "different":
        j.end = Part(kind, "print(len(set(lines)))\n", {}, "assert len(set(lines)) < len(lines)\n")
    elif kind == "frequent":
        code = "counts = {}\nfor line in lines:\n    counts[line] = counts.get(line, 0) + 1\nprint(max(counts, key=counts.get))\n"
        check = "found = sorted(lines.count(line) for line in set(lines))\nassert len(found) > 1 and found[-1] > found[-2]\n"
        j.end = Part(kind, code, {}, check)
    else:
        most = "max" if kind == "longest_one" else "min"
        check = (
            f"found = [len(line) for line in set(lines)]\nassert len(found) > 1 and found.count({most}(found)) == 1\n"
        )
        j.end = Part(kind, f"print({most}(lines, key=len))\n", {}, check)


def _threshold(r: Source, j: Job, kind: str, count: str) -> None:
    k = r.choice((2, 2, 3, 3, 4, 5))
    if kind == "sum_more":
        k = max(round(_total(j) * r.uniform(0.1, 0.9)), 5)
        k = k if k < 20 or r.random() < 0.3 else k // 10 * 10
    way, sign = r.choice((("more than", ">"), ("more than", ">"), ("at least", ">="), ("fewer than", "<")))
    if kind == "sum_more":
        way = {"fewer than": r.choice(("less than", "below")), "more than": r.choice(("more than", "above"))}.get(
            way, way
        )
    p, q = message(r), message(r)
    while p.lower().strip("!.") == q.lower().strip("!."):
        q = message(r)
    code = f"if {count} {sign} {k}:\n    print({lit(p)})\nelse:\n    print({lit(q)})\n"
    j.end = Part(kind, code, {"t": f"{way} {k}", "p": marked(r, p), "q": marked(r, q), "e": q})


def _total(j: Job) -> int:
    """About what the numbers of the file come to."""
    if j.value and j.value.name == "length":
        return sum(len(line) for line in j.stuff.lines)
    texts = [line.split(j.stuff.sign)[-1] if j.stuff.sign else line for line in j.stuff.lines]
    return round(sum(float(text) for text in texts if text.strip().lstrip("-").replace(".", "", 1).isdecimal()))


def _list_end(c: Chat, j: Job, out: str, path: str) -> None:
    """Nothing but lines: their order, a limit, a format, and where they go."""
    r, s = c.r, j.stuff
    tallied = False
    if s.kind == "pairs" and not j.value and r.random() < 0.42:
        j.then.append(_totals(r, s))
        tallied = True
    elif (
        s.kind in ("log", "notes", "list", "keys", "pairs")
        and not j.value
        and "" not in s.lines
        and r.random() < (0.15 if s.sign else 0.35)
    ):
        j.then.append(_counts_by(r, s))
        tallied = True
    elif not j.numbers and r.random() < (0.7 if j.value else 0.2):
        j.then.append(_tally(r))
        tallied = True
    elif not j.numbers and r.random() < 0.3:
        j.then.append(
            Part("distinct", "lines = list(dict.fromkeys(lines))\n", {}, "assert len(set(lines)) < len(lines)\n")
        )
    placed = len(j.filters) == 1 and not (j.value or j.then or j.span[0]) and s.kind != "json" and not s.numeric
    if placed and r.random() < 0.25:
        _line_numbers(r, j)
        tallied = True
    elif j.numbers and r.random() < 0.2:
        k = r.choice((2, 2, 3, 4, 5, 10, 100))
        j.then.append(Part("times", f"numbers = [number * {k} for number in numbers]\n", {"k": str(k)}))
    if not tallied and r.random() < 0.6:
        j.then.append(some_order(r, s, numbers=j.numbers, value=bool(j.value)))
    if r.random() < 0.3:
        j.then.append(some_limit(r, "numbers" if j.numbers else "lines", first=tallied))
    if j.numbers:
        j.then.append(Part("", 'lines = [f"{number:.12g}" for number in numbers]\n'))
    if not j.numbers and not tallied and r.random() < 0.08:
        j.then.append(Part("every_other", "lines = lines[::2]\n", {}, "assert len(lines) > 2\n"))
    if not j.numbers and not tallied and r.random() < 0.1:
        w = r.choice(r.choice([line for line in s.lines if line]).split())
        v = word(r)
        code, check = (
            f"lines = [line.replace({lit(w)}, {lit(v)}) for line in lines]\n",
            f"assert any({lit(w)} in line for line in lines)\n",
        )
        j.then.append(Part("replace", code, {"w": marked(r, w), "v": marked(r, v)}, check))
    elif not tallied and r.random() < 0.33:
        j.then.append(some_format(r, s))
    kinds = ["print"] * 5 + ["joined"] * 2 + ["write"] * 3 + ["append", "write_show"]
    kinds += ["inplace"] if s.kind not in ("json", "json_numbers") and not tallied and not j.value else []
    kind = r.choice(kinds)
    if kind == "print":
        code, slots = "for line in lines:\n    print(line)\n", {}
    elif kind == "joined":
        w = r.choice((", ", ", ", "; ", " ", "-", " - ", "/", " | ", "|", "+", " and ", ":", " > "))
        code, slots = f"print({lit(w)}.join(lines))\n", {"s": marked(r, w)}
    elif kind == "inplace":
        code, slots = f"write_file({path}, {BACK.format(lines='lines')})\nprint(len(lines))\n", {}
    elif kind == "write_show":
        code = f"{written(out, 'lines')}for line in lines:\n    print(line)\n"
        slots = {"g": quoted(r, out), "raw": out}
    elif kind == "write":
        code, slots = f"{written(out, 'lines')}print(len(lines))\n", {"g": quoted(r, out), "raw": out}
    else:
        text = BACK.format(lines="lines")
        code = f"text = read_file({lit(out)})\n{ENDED}write_file({lit(out)}, text + {text})\nprint(len(lines))\n"
        slots = {"g": quoted(r, out), "raw": out}
    j.end = Part(kind, code, slots, "assert lines\n" + ("assert len(lines) > 1\n" if kind == "joined" else ""))


def _line_numbers(r: Source, j: Job) -> None:
    """Each line that is kept gets its number in the file in front."""
    (part,) = j.filters
    sign = r.choice((": ", ": ", ": ", " ", ":", ". ", " - ", ") "))
    code = part.code.replace(
        "[line for line in lines", f'[f"{{number}}{sign}{{line}}" for number, line in enumerate(lines, 1)'
    )
    j.filters = [Part(part.name, code, part.slots, part.before, part.after)]
    sample = marked(r, f"{r.choice(('1', '3', '7', '12'))}{sign}{r.choice(('x', 'text', 'line', '...'))}")
    j.then.append(Part("linenumber", "", {"s": sample}))


def _sample(r: Source, *ways: str) -> tuple[str, str]:
    """How a pair is written: in words and as the inside of an f-string with ``{a}`` and ``{b}``."""
    sign = r.choice((": ", ": ", ": ", " ", " = ", ",", " - ", "="))
    a, b = r.choice(ways).split()
    return marked(r, a + sign + b), "{a}" + sign + "{b}"


def _tally(r: Source) -> Part:
    down = r.random() < 0.6
    shown, form = _sample(r, "x n", "x n", "text count", "entry number", "value count")
    pairs = "sorted(counts.items(), key=lambda pair: pair[1], reverse=True)" if down else "sorted(counts.items())"
    form = form.replace("{a}", "{line}").replace("{b}", "{count}")
    code = "counts = {}\nfor line in lines:\n    counts[line] = counts.get(line, 0) + 1\n"
    code += f'lines = [f"{form}" for line, count in {pairs}]\n'
    check = "found = [lines.count(line) for line in set(lines)]\nassert len(found) > 1 and max(found) > 1\n"
    check += (
        "assert len(found) == len(set(found))\n" if down else "assert len({x.lower() for x in lines}) == len(found)\n"
    )
    return Part("tally_top" if down else "tally", code, {"s": shown}, check)


def _counts_by(r: Source, s: Stuff) -> Part:
    """How many lines there are for each first word, or for each name before the sign."""
    down = r.random() < 0.6
    key, shown_key, z = "line.split()[0]", "word", "first word"
    if s.sign:
        key, shown_key, z = before(s), "name", f"part before the {SIGNS[s.sign]}"
    elif r.random() < 0.2:
        key, z = "line.split()[-1]", "last word"
    shown, form = _sample(r, f"{shown_key} count", "x n", f"{shown_key} n")
    pairs = "sorted(counts.items(), key=lambda pair: pair[1], reverse=True)" if down else "sorted(counts.items())"
    form = form.replace("{a}", "{key}").replace("{b}", "{count}")
    code = f"counts = {{}}\nfor line in lines:\n    key = {key}\n    counts[key] = counts.get(key, 0) + 1\n"
    code += f'lines = [f"{form}" for key, count in {pairs}]\n'
    check = "found = list(counts.values())\nassert len(found) > 1 and max(found) > 1\n"
    check += (
        "assert len(found) == len(set(found))\n" if down else "assert len({x.lower() for x in counts}) == len(found)\n"
    )
    return Part("by_top" if down else "by", code, {"s": shown, "z": z}, "", check)


def _totals(r: Source, s: Stuff) -> Part:
    down = r.random() < 0.6
    shown, form = _sample(r, "name total", "name sum", "x n", "name n")
    pairs = "sorted(totals.items(), key=lambda pair: pair[1], reverse=True)" if down else "sorted(totals.items())"
    form = form.replace("{a}", "{name}").replace("{b}", "{total:.12g}")
    code = f"totals = {{}}\nfor line in lines:\n    name = {before(s)}\n"
    code += f"    totals[name] = totals.get(name, 0) + float({after(s)})\n"
    code += f'lines = [f"{form}" for name, total in {pairs}]\n'
    check = "assert 1 < len(totals) < many_rows and len(set(totals.values())) == len(totals)\n"
    return Part("totals_top" if down else "totals", code, {"s": shown}, "many_rows = len(lines)\n", check)
