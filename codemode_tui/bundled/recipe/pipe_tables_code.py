"""The program of a composed job over one table: the same part always gives the same lines."""

from __future__ import annotations

import re

from codemode_tui.bundled.recipe.example import lit
from codemode_tui.bundled.recipe.new_texts import plural
from codemode_tui.bundled.recipe.nouns import many
from codemode_tui.bundled.recipe.pipe_tables_parts import Job


def program(j: Job, f: str, g: str) -> str:
    """The program for a job on ``f``, which writes ``g`` if there is a target."""
    h = j.sheet
    x, xs = ("item", "items") if h.is_json else ("row", "rows")
    load = (
        f"json.loads(read_file({lit(f)}))" if h.is_json else f"list(csv.DictReader(read_file({lit(f)}).splitlines()))"
    )
    lines = [f"import {'json' if h.is_json else 'csv'}", f"{xs} = {load}"]
    if j.filter:
        lines.append(f"{xs} = [{x} for {x} in {xs} if {j.filter.code}]")
    if j.order in ("old", "new"):
        lines.append(f"{xs}.sort(key=lambda {x}: {h.cell(h.t)}{', reverse=True' if j.order == 'new' else ''})")
    if not j.listed:
        single = _single(j, x, xs)
        shown = single.pop()
        single += [f"write_file({lit(g)}, {_with_end(shown)})"] if j.target else []
        single.append(f"print({shown if j.target else _apart(shown)})")
        return "\n".join(lines + _guarded(j, xs, single))
    more, loop, source, text = _listed(j, x, xs)
    lines += more
    if j.target:
        end = {"count": "len(lines)", "content": f"read_file({lit(g)})"}
        total = "value" if j.sep != "only" else "pair[1]"
        whole = f"sum({total} for {loop} in {source})"
        end["total"] = whole if j.agg == "gcount" else f'f"{{{whole}:.12g}}"'
        made = f"lines = {f'[{lit(j.header)}] + ' if j.header else ''}[{text} for {loop} in {source}]"
        last = [made, f'write_file({lit(g)}, "\\n".join(lines) + "\\n")', f"print({end[j.target]})"]
        if text == loop:
            last = [line.replace("lines", source) for line in last[1:]]
    else:
        plain = j.agg == "whole"
        shown = f'*{x}.values(), sep=", "' if plain else _apart(text)
        last = [f"for {loop} in {source}:", f"    print({shown})"]
    return "\n".join(lines + _guarded(j, source, last))


def _single(j: Job, x: str, xs: str) -> list[str]:
    """The lines for one result, and as the last one the text of it."""
    h, code = j.sheet, j.value.code
    digits = j.digits or ".12g"
    if j.agg == "sum":
        return [f"total = sum({_bare(j)} for {x} in {xs})", f'f"{j.label}{{total:{digits}}}"']
    if j.agg == "csum":
        total = f"total = sum({_bare(j)} for {x} in {xs})"
        return [f"count = len({xs})", total, _text(j, "count", f"total:{digits}")]
    if j.agg == "mean":
        return [f"mean = sum({_bare(j)} for {x} in {xs}) / len({xs})", f'f"{j.label}{{mean:{digits}}}"']
    if j.agg == "count":
        return [f"count = len({xs})", f'f"{j.label}{{count}}"' if j.label else "count"]
    if j.agg == "ndistinct":
        return [f"count = len({{{h.cell(h.b)} for {x} in {xs}}})", f'f"{j.label}{{count}}"' if j.label else "count"]
    call = "max" if j.agg == "best" else "min"
    found = f"value, name = {call}(({code}, {h.cell(h.a)}) for {x} in {xs})"
    return [found, _text(j, "name", f"value:{digits}")]


def _bare(j: Job) -> str:
    """The value of a row as the only argument of a call, which needs no brackets."""
    return j.value.code[1:-1] if j.value.kind == "bulk" else j.value.code


def _listed(j: Job, x: str, xs: str) -> tuple[list[str], str, str, str]:
    """The lines for several results; the variables of the loop, what it goes over, and the text of each."""
    h, code, down = j.sheet, j.value.code, ", reverse=True" if j.order == "down" else ""
    cut = [f"{{0}} = {{0}}[:{j.limit}]"] if j.limit else []
    if j.agg in ("names", "whole", "text"):
        by = {"down": h.number(h.n), "up": h.number(h.n), "name": h.cell(h.a)}.get(j.order, "")
        lines = [f"{xs}.sort(key=lambda {x}: {by}{down})"] if by else []
        lines += [line.format(xs) for line in cut]
        if j.agg == "whole":
            return lines, x, xs, f'", ".join({x}.values())'
        if j.agg == "names":
            return lines, x, xs, h.cell(h.a)
        lines.append(f"pairs = [({h.cell(h.a)}, {h.cell(h.b)}) for {x} in {xs}]")
        return lines, "name, value", "pairs", _text(j, "name", "value")
    if j.agg == "distinct":
        return [f"names = sorted({{{h.cell(h.b)} for {x} in {xs}}})"], "name", "names", "name"
    by_value = f"key=lambda pair: pair[1]{down}"
    if j.agg == "pair":
        lines = [f"pairs = [({h.cell(h.a)}, {code}) for {x} in {xs}]"]
        lines += [f"pairs.sort({by_value})"] if j.order in ("down", "up") else []
        lines += ["pairs.sort()"] if j.order == "name" else []
        lines += [line.format("pairs") for line in cut]
        return lines, "name, value", "pairs", _text(j, "name", f"value:{j.digits or '.12g'}")
    key = j.key
    if j.agg in ("gsum", "gcount"):
        name = "totals" if j.agg == "gsum" else "counts"
        step = code if j.agg == "gsum" else "1"
        lines = [f"{name} = {{}}", f"for {x} in {xs}:", f"    {name}[{key}] = {name}.get({key}, 0) + {step}"]
    else:
        name, made = {
            "gmean": ("means", "sum(values) / len(values)"),
            "gmax": ("largest", "max(values)"),
            "gmin": ("smallest", "min(values)"),
        }[j.agg]
        lines = ["groups = {}", f"for {x} in {xs}:", f"    groups.setdefault({key}, []).append({_bare(j)})"]
        lines.append(f"{name} = {{key: {made} for key, values in groups.items()}}")
    lines.append(f"pairs = sorted({name}.items(){', ' + by_value if j.order in ('down', 'up') else ''})")
    lines += [f"pairs = [pair for pair in pairs if pair[1] {j.having[1]} {j.having[2]}]"] if j.having else []
    lines += [line.format("pairs") for line in cut]
    return (
        lines,
        "key, value",
        "pairs",
        _text(j, "key", "value" if j.agg == "gcount" else f"value:{j.digits or '.12g'}"),
    )


def _text(j: Job, name: str, value: str) -> str:
    """Name and value as one text."""
    if j.sep == "only":
        return name
    return f'f"{{{name}}} ({{{value}}})"' if j.sep == "(" else f'f"{{{name}}}{j.sep or " "}{{{value}}}"'


def _apart(text: str) -> str:
    """A name and a value with nothing but a blank between them, as two arguments."""
    found = re.fullmatch(r'f"\{(\w+)\} \{(\w+)(:\S+)?\}"', text)
    if not found:
        return text
    return f'{found[1]}, f"{{{found[2]}{found[3]}}}"' if found[3] else f"{found[1]}, {found[2]}"


def _with_end(shown: str) -> str:
    """The text of one result with the end of a line."""
    return f'{shown[:-1]}\\n"' if shown.startswith("f") else f'f"{{{shown}}}\\n"'


def _guarded(j: Job, source: str, lines: list[str]) -> list[str]:
    """The lines, or the message where there is nothing."""
    if not j.message:
        return lines
    return [f"if {source}:", *(f"    {line}" for line in lines), "else:", f"    print({lit(j.message)})"]


def answer(j: Job, f: str, g: str, out: str, rows: str) -> str:
    """The sentence behind the output."""
    h = j.sheet
    if j.message and out == j.message:
        return f"None of the {rows} in {f} matches."
    if j.target == "count":
        return f"I wrote {plural(out, 'line')} to {g}."
    if j.target == "content":
        return f"That is the content of {g}."
    if j.target == "total":
        return f"I wrote the lines to {g}; their numbers add up to {out}."
    also = f", which I also wrote to {g}" if j.target else ""
    out = out.removeprefix(j.label)
    single = {"sum": "total", "mean": "average", "best": "highest", "least": "lowest", "count": f"number of {rows}"}
    if j.agg == "csum":
        return f"The number of {rows} and the total are {out}{also}."
    if j.agg in single:
        return f"The {single[j.agg]} is {out}{also}."
    if j.agg == "ndistinct":
        return f"The number of different values of {h.b} is {out}{also}."
    of = f" of {h.n}" if j.value.kind == "plain" else ""
    said = {
        "names": f"the {many(h.a)}",
        "pair": f"the {many(h.a)} with their {h.n if of else 'values'}",
        "text": f"the {many(h.a)} with their {h.b}",
        "whole": f"the {rows}",
        "distinct": f"the different values of {h.b}",
        "gsum": f"the totals{of} by {j.group}",
        "gmean": f"the averages{of} by {j.group}",
        "gcount": f"the numbers of {rows} by {j.group}",
        "gmax": f"the largest values{of} by {j.group}",
        "gmin": f"the smallest values{of} by {j.group}",
    }[j.agg]
    return f"Those are {said}."
