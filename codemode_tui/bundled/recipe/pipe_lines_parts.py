"""The parts of which jobs over the lines of a file are made: filters, values, orders, limits and formats."""

from __future__ import annotations

from codemode_tui.bundled.recipe import names
from codemode_tui.bundled.recipe.example import lit
from codemode_tui.bundled.recipe.new_texts import marked
from codemode_tui.bundled.recipe.pipe_lines_stuff import SIGNS, Part, Stuff, after, before, said
from codemode_tui.bundled.recipe.source import Source

_ORDINALS = ("first", "second", "third", "fourth")


def some_filter(r: Source, s: Stuff) -> Part:
    """Which lines (or numbers) stay."""
    if s.numeric:
        return _number_filter(r, s)
    kinds = ["contains", "contains", "contains", "lacks", "starts", "starts", "startsnot", "ends", "endsnot"]
    kinds += ["longer", "shorter", "either"]
    if s.kind in ("list", "json"):
        kinds += ["equal"]
    if "" in s.lines:
        kinds += ["full"] * 5
    if s.kind in ("log", "list", "notes"):
        kinds += ["wordy", "exact", "any_case"]
    if s.kind == "log" and any("-" in line for line in s.lines):
        kinds += ["date"] * 4
    if s.kind == "log":
        kinds += ["digit"] * 2
    if s.kind == "pairs":
        kinds += ["pair_above", "pair_above", "pair_above", "pair_below", "pair_below", "pair_named", "pair_named"]
    if s.kind == "keys":
        kinds += ["pair_named"]
    kind = r.choice(kinds)
    line = r.choice([line for line in s.lines if line])
    words = (line.replace(s.sign, " ") if s.sign else line).split()
    k = r.choice((len(line), len(line) + 1, len(line) - 1, 10, 15, 20))
    w = r.choice(words[:2])
    if kind == "contains":
        return _keep(kind, "{0} in line", w=(said(r, w), w))
    if kind == "either":
        v = r.choice(r.choice([other for other in s.lines if other]).split())
        if v == w or (s.sign and s.sign in v):
            return some_filter(r, s)
        part = _keep(kind, f"{{0}} in line or {lit(v)} in line", w=(marked(r, w), w), v=(marked(r, v), v))
        return part
    if kind == "equal":
        return _keep(kind, "line == {0}", w=(said(r, line), line))
    if kind == "lacks":
        return _keep(kind, "{0} not in line", w=(said(r, w), w))
    if kind == "any_case":
        w = w.lower()
        return _keep(kind, "{0} in line.lower()", w=(said(r, w), w))
    if kind in ("starts", "startsnot"):
        w = r.choice((words[0], words[0], line[: r.randint(1, 3)].strip()))
        test = "line.startswith({0})"
        return _keep(kind, test if kind == "starts" else f"not {test}", w=(said(r, w), w))
    if kind in ("ends", "endsnot"):
        w = r.choice((words[-1], words[-1], line[-r.randint(1, 3) :].strip()))
        test = "line.endswith({0})"
        return _keep(kind, test if kind == "ends" else f"not {test}", w=(said(r, w), w))
    if kind in ("longer", "shorter"):
        return _keep(kind, f"len(line) {'>' if kind == 'longer' else '<'} {k}", k=(str(k), ""))
    if kind == "full":
        return _keep(kind, "line.strip()")
    if kind == "wordy":
        k = max(len(words) - 1, 1)
        return _keep(kind, f"len(line.split()) > {k}", k=(str(k), ""), s=("" if k == 1 else "s", ""))
    if kind == "exact":
        k = len(words)
        return _keep(kind, f"len(line.split()) == {k}", k=(str(k), ""), s=("" if k == 1 else "s", ""))
    if kind == "date":
        day = f"20{r.randint(19, 29)}-{r.randint(1, 12):02}-{r.randint(1, 28):02}"
        part = _keep(kind, r're.search(r"\d{{4}}-\d{{2}}-\d{{2}}", line)', d=(r.choice((day, "YYYY-MM-DD")), ""))
        return Part(part.name, "import re\n" + part.code, part.slots, part.before, part.after)
    if kind == "digit":
        return _keep(kind, "any(ch.isdigit() for ch in line)")
    if kind == "pair_named":
        w = line.split(s.sign)[0].strip()
        return _keep(kind, f"{before(s)} == {{0}}", w=(said(r, w), w), z=(SIGNS[s.sign], ""))
    bound = _bound(r, [entry.split(s.sign)[1] for entry in s.lines])
    sign = ">" if kind == "pair_above" else "<"
    return _keep(kind, f"float({after(s)}) {sign} {bound}", k=(bound, ""), z=(SIGNS[s.sign], ""))


def _keep(name: str, test: str, **slots: tuple[str, str]) -> Part:
    """A filter: ``{0}`` in its test is the word."""
    word = slots["w"][1] if "w" in slots else ""
    return Part(
        name,
        f"lines = [line for line in lines if {test.format(lit(word))}]\n",
        {key: shown for key, (shown, _) in slots.items()},
        "many = len(lines)\n",
        "assert len(lines) < many\n",
    )


def _bound(r: Source, texts: list[str]) -> str:
    """A round number among others."""
    values = []
    for text in texts:
        try:
            values.append(float(text))
        except ValueError:
            continue
    value = r.choice(values)
    step = r.choice((1, 5, 10, 50))
    return f"{round(value / step) * step + (0.5 if r.random() < 0.07 else 0):g}"


def _number_filter(r: Source, s: Stuff) -> Part:
    a, b = _bound(r, s.lines), _bound(r, s.lines)
    kinds = ["above", "above", "below", "least", "most", "between", "positive"]
    kind = r.choice(kinds + ["even", "odd"] * all("." not in line for line in s.lines))
    if kind == "between" and float(a) > float(b):
        a, b = b, a
    test = {
        "above": f"number > {a}",
        "below": f"number < {a}",
        "least": f"number >= {a}",
        "most": f"number <= {a}",
        "between": f"{a} <= number <= {b}",
        "positive": "number > 0",
        "even": "number % 2 == 0",
        "odd": "number % 2 == 1",
    }[kind]
    return Part(
        kind,
        f"numbers = [number for number in numbers if {test}]\n",
        {"k": a, "b": b},
        "many = len(numbers)\n",
        "assert len(numbers) < many\n",
    )


def some_value(r: Source, s: Stuff) -> tuple[Part, bool]:
    """What is taken of each line, and whether it is a number."""
    few = min((len(line.split()) for line in s.lines), default=0)
    kinds = ["length", "start"]
    if few > 1:
        kinds += ["rest"]
    if s.kind in ("log", "list", "notes") and few:
        kinds += ["word"] * 4 + ["last_word"] * 2
    if s.kind in ("pairs", "keys"):
        kinds = ["before"] * 3 + (["number"] * 4 if s.kind == "pairs" else ["after"] * 3)
    kind = r.choice(kinds)
    z = SIGNS.get(s.sign, "")
    if kind == "length":
        return Part("length", "numbers = [len(line) for line in lines]\n"), True
    if kind == "number":
        return Part("number", f"numbers = [float({after(s)}) for line in lines]\n", {"z": z}), True
    if kind == "start":
        k = r.choice((1, 2, 3, 3, 4, 5, 10))
        check = f"assert any(len(line) > {k} for line in lines)\n"
        return Part(
            kind, f"lines = [line[:{k}] for line in lines]\n", {"k": str(k), "s": "" if k == 1 else "s"}, check
        ), False
    at = r.randrange(min(few, 4)) if few else 0
    code = {
        "word": f"line.split()[{at}]",
        "rest": '" ".join(line.split()[1:])',
        "last_word": "line.split()[-1]",
        "before": before(s) if s.sign else "",
        "after": f"{after(s)}.strip()" if s.sign else "",
    }[kind]
    return Part(kind, f"lines = [{code} for line in lines]\n", {"o": _ORDINALS[at], "n": str(at + 1), "z": z}), False


def some_order(r: Source, s: Stuff, *, numbers: bool, value: bool) -> Part:
    """An order of what is left."""
    if numbers:
        kind = r.choice(("rising", "falling", "falling", "reversed"))
        code = {"rising": "sorted(numbers)", "falling": "sorted(numbers, reverse=True)", "reversed": "numbers[::-1]"}
        return Part(kind, f"numbers = {code[kind]}\n")
    kinds = ["sorted", "sorted", "sorted", "sorted_down", "sorted", "reversed"] + ["shortest", "longest"] * 4
    if s.kind == "pairs" and not value:
        kinds += ["pair_rising"] * 5 + ["pair_falling"] * 5
    kind = r.choice(kinds)
    number = f"key=lambda line: float({after(s)})" if s.sign else ""
    code = {
        "sorted": "sorted(lines)",
        "sorted_down": "sorted(lines, reverse=True)",
        "reversed": "lines[::-1]",
        "shortest": "sorted(lines, key=len)",
        "longest": "sorted(lines, key=len, reverse=True)",
        "pair_rising": f"sorted(lines, {number})",
        "pair_falling": f"sorted(lines, {number}, reverse=True)",
    }
    check = {
        "sorted": "assert sorted(lines) == sorted(lines, key=str.lower)\n",
        "sorted_down": "assert sorted(lines) == sorted(lines, key=str.lower)\n",
        "reversed": "",
        "shortest": "assert len({len(line) for line in lines}) == len(lines)\n",
        "longest": "assert len({len(line) for line in lines}) == len(lines)\n",
    }.get(kind, f"assert len({{float({after(s)}) for line in lines}}) == len(lines)\n" if s.sign else "")
    check += "assert len(set(lines)) > 1\n"
    return Part(kind, f"lines = {code[kind]}\n", {"z": SIGNS.get(s.sign, "")}, check)


def some_limit(r: Source, name: str, *, first: bool = False) -> Part:
    """The first or the last few."""
    k = r.choice((2, 2, 3, 3, 3, 4, 5))
    head = first or r.random() < 0.7
    part = f"[:{k}]" if head else f"[-{k}:]"
    check = f"assert len({name}) > {k}\n"
    return Part("first" if head else "last", f"{name} = {name}{part}\n", {"k": str(k)}, check)


def some_format(r: Source, s: Stuff) -> Part:
    """How each line is written."""
    kind = r.choice(("numbered", "numbered", "prefix", "suffix", "upper", "lower"))
    if s.numeric and kind in ("upper", "lower"):
        kind = "numbered"
    if kind == "numbered":
        sample = r.choice(("1. x", "1. x", "1. x", "1: x", "1) x", "1 - x", "#1 x", "1 x"))
        code = f'f"{sample.replace("1", "{number}").replace("x", "{line}")}"'
        if r.random() < 0.3 and sample in ("1. x", "1: x"):
            marks = sample.split(" ")[0]
            sample = f"{marks} {marks.replace('1', '2')} {marks.replace('1', '3')}"
        elif r.random() < 0.4:
            sample = sample.replace("x", r.choice(("text", "line", "entry", "...")))
        code = f"lines = [{code} for number, line in enumerate(lines, 1)]\n"
        return Part(kind, code, {"s": marked(r, sample)})
    if kind == "prefix":
        w = r.choice(("- ", "* ", "> ", "# ", "+ ", "- [ ] ", names.word(r) + ": ", names.word(r) + " "))
        return Part(kind, f"lines = [{lit(w)} + line for line in lines]\n", {"s": marked(r, w)})
    if kind == "suffix":
        w = r.choice((",", ";", ".", "!", " -", f" {names.word(r)}", "?"))
        return Part(kind, f"lines = [line + {lit(w)} for line in lines]\n", {"s": marked(r, w)})
    return Part(
        kind,
        f"lines = [line.{kind}() for line in lines]\n",
        {},
        "",
        f"assert any(line != line.{'lower' if kind == 'upper' else 'upper'}() for line in lines)\n",
    )
