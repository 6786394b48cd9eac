"""Jobs over each record in everyday words: price times quantity and the total, ratios with a word where there is none,
odd lines, defaults, lines in a pattern and a summary of three lines in a new file, names that a second list lacks."""

from __future__ import annotations

from codemode_tui.bundled.recipe import fields, names
from codemode_tui.bundled.recipe import group_tables as gt
from codemode_tui.bundled.recipe.direct_kinds import Task
from codemode_tui.bundled.recipe.everyday_sheets import (
    WHO,
    Record,
    Sheet,
    about,
    ask_for,
    different,
    figures,
    path_called,
    saved,
    word_pairs,
)
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.job_places import NOTHING
from codemode_tui.bundled.recipe.new_texts import plural
from codemode_tui.bundled.recipe.nouns import many
from codemode_tui.bundled.recipe.number_words import CARDINALS
from codemode_tui.bundled.recipe.source import Source

_PRODUCTS = word_pairs("""
hours rate|price quantity|quantity price|nights rate|litres price|amount unit_price|days pay|miles fare|boxes weight
metres price|cups price|copies price|seats price|hours wage|pieces price|crates weight|length width|qty cost|tickets fee
""")
_RATIOS = word_pairs("""
cost hours|price weight|price litres|km hours|miles fuel|points games|goals matches|sales visits|pages days|wins games
distance time|total count|revenue orders|eggs hens|harvest area|people rooms|calls days|spent nights|clicks views
""")
_WORDS = ("n/a", "none", "-", "unknown", "?", "missing", "nothing", "undefined", "no", "error", "impossible", "skip")
_PATTERNS = ("{}: {}", "{}: {}", "{}: {}", "{} - {}", "{} = {}", "{} ({})", "{}/{}", "{}, {}", "{} -> {}", "{} | {}")
_SEPARATORS = {
    ";": ('";"', "semicolons"),
    "|": ('"|"', "|", "bars"),
    ":": ('":"', "colons"),
    "\t": ("tabs",),
    ",": ('","', "commas"),
}
"""Signs between the fields of a line, and what they are called."""
_LISTS = word_pairs("""
invited came|members payments|ordered delivered|students homework|guests replies|signed_up paid|all done|expected seen
players trained|borrowed returned|registered present|customers orders|employees training|wanted found|pupils signed
""")
"""Files of all and of those that did."""


def products(c: Chat) -> None:
    """Two columns multiplied in each row, and the grand total at the end."""
    r = c.r
    p, q, a = _two_numbers(r, _PRODUCTS)
    count = r.randint(2, 5)
    rows: list[Record] = [
        {a: name, p: x, q: y}
        for name, x, y in zip(different(r, a, count), figures(r, count, 60), figures(r, count), strict=True)
    ]
    h = saved(c, rows, is_json=r.random() < 0.2)
    ask_for(c, "er_products", a=a, p=p, q=q, s=many(a), **about(h))
    c.call(
        f"{h.load}total = 0\nfor {h.one} in {h.all}:\n    value = {h.number(p)} * {h.number(q)}\n"
        f'    total += value\n    print({h.cell(a)}, f"{{value:.12g}}")\nprint(f"{{total:.12g}}")'
    )
    c.say(f"Those are {p} times {q} of each {a}, and the total.")


def ratios(c: Chat) -> None:
    """One column divided by another in each row, with a word behind the name where that cannot be."""
    r = c.r
    p, q, a = _two_numbers(r, _RATIOS)
    count = r.randint(2, 6)
    rows: list[Record] = []
    for name, x, y in zip(different(r, a, count), figures(r, count), figures(r, count, 20), strict=True):
        rows.append({a: name, p: x, q: r.choice((0, 0, "", "?")) if r.random() < 0.3 else y})
    h = saved(c, rows)
    w = r.choice(_WORDS) if r.random() < 0.75 else names.word(r)
    ask_for(c, "er_ratios", a=a, p=p, q=q, s=many(a), m=w, **about(h))
    c.call(
        f"{h.load}for row in rows:\n    try:\n        value = float(row[{lit(p)}]) / float(row[{lit(q)}])\n"
        f'        print(row[{lit(a)}], f"{{value:.12g}}")\n'
        f"    except (TypeError, ValueError, ZeroDivisionError):\n        print(row[{lit(a)}], {lit(w)})"
    )
    c.say(f"Those are {p} divided by {q} of each {a}.")


def odd_lines(c: Chat) -> None:
    """Lines with too many or too few fields, printed whole: so many are right, of a CSV file or between some other sign,
    or as many as in the header."""
    r = c.r
    kind = r.choice(("count", "count", "header", "sign"))
    sign = r.choice((*_SEPARATORS,)) if kind == "sign" else ","
    columns = [fields.draw(r, fields.NAMES), *(fields.draw(r, fields.GROUPS) for _ in range(r.choice((1, 2, 2, 3))))]
    lines = [sign.join(columns)] if kind != "sign" else []
    for _ in range(r.randint(3, 6)):
        cells = [fields.text(r, column) for column in columns]
        if r.random() < 0.35:
            cells = cells[:-1] if r.random() < 0.5 else [*cells, names.word(r)]
        lines.append(sign.join(cells))
    ending = r.choice(("txt", "txt", "log", "data.txt")) if kind == "sign" else "csv"
    f = c.world.add(r, gt.free_path(c, ending), "\n".join(lines) + "\n")
    k = str(len(columns))
    u = r.choice(_SEPARATORS[sign])
    ask_for(c, f"er_odd_{kind}", f=f, u=u, k=CARDINALS[len(columns)] if r.random() < 0.4 else k)
    mark = r'"\t"' if sign == "\t" else lit(sign)
    if kind == "header":
        count = "count"
        loop = f"lines = read_file({lit(f)}).splitlines()\ncount = len(lines[0].split({mark}))\nfor line in lines:\n"
    else:
        count = k
        loop = f"for line in read_file({lit(f)}).splitlines():\n"
    out, _ = c.call(f"{loop}    if len(line.split({mark})) != {count}:\n        print(line)")
    right = "as many fields as the header" if kind == "header" else f"{k} fields"
    c.say(f"Every line has {right}." if out == NOTHING else f"Those lines do not have {right}.")


def defaults(c: Chat) -> None:
    """Two fields of each record, with a word for one that is missing from JSON, or empty in CSV."""
    r = c.r
    taken: set[str] = set()
    a = fields.draw(r, WHO * 2 + ["title", "label", *fields.NAMES[:30]], taken)
    b = fields.draw(r, fields.KEYS, taken)
    other = fields.draw(r, fields.GROUPS, taken)
    kind = r.choice(("second", "second", "second", "either", "cell"))
    count = r.randint(2, 5)
    rows: list[Record] = []
    for name in different(r, a, count):
        row: Record = {a: name, b: fields.text(r, b) if r.random() < 0.7 else r.randint(1, 200)}
        if r.random() < 0.5:
            row[other] = names.word(r)
        if r.random() < 0.4:
            row.pop(b)
        elif kind == "either" and r.random() < 0.3:
            row.pop(a)
        rows.append(row)
    if kind == "cell":
        rows = [{a: row[a], b: row.get(b, ""), other: row.get(other, "")} for row in rows]
    h = saved(c, rows, is_json=kind != "cell")
    w = r.choice(_WORDS) if r.random() < 0.75 else names.word(r)
    ask_for(c, f"er_default_{kind}", a=a, b=b, m=w, s=many(a), **about(h))
    second = f"row[{lit(b)}] or {lit(w)}" if kind == "cell" else f"item.get({lit(b)}, {lit(w)})"
    first = f"item.get({lit(a)}, {lit(w)})" if kind == "either" else h.cell(a)
    c.call(f"{h.load}for {h.one} in {h.all}:\n    print({first}, {second})")
    c.say(f"Those are {a} and {b} of each {h.noun}.")


def patterned(c: Chat) -> None:
    """A line for each record in a new file, in a given pattern."""
    r = c.r
    h, a, b = _two_words(c)
    ending, stem = r.choice(("txt", "txt", "txt", "md", "out")), r.choice(("list", "names", "labels", "lines", "tags"))
    g = path_called(c, stem, ending)
    form = r.choice(_PATTERNS)
    pattern = form.format(a, b)
    mark = r.choice(("'", '"', "`"))
    said = pattern if r.random() < 0.25 and form[-1] == "}" else f"{mark}{pattern}{mark}"
    shown = r.random() < 0.3
    ask_for(c, "er_pattern_shown" if shown else "er_pattern", g=g, x=said, **about(h))
    out, _ = c.call(
        f"{h.load}pairs = [({h.cell(a)}, {h.cell(b)}) for {h.one} in {h.all}]\n"
        f'lines = [f"{form.format("{name}", "{value}")}" for name, value in pairs]\n'
        f'write_file({lit(g)}, "\\n".join(lines) + "\\n")\nprint({f"read_file({lit(g)})" if shown else "len(lines)"})'
    )
    c.say(f"That is the content of {g}." if shown else f"I wrote {plural(out, 'line')} to {g}.")


def summary(c: Chat) -> None:
    """A new file of exactly three lines: the number of rows, the total, and the name with the most."""
    r = c.r
    taken: set[str] = set()
    a = fields.draw(r, WHO if r.random() < 0.5 else fields.NAMES, taken)
    n = fields.draw(r, fields.COUNTS, taken)
    extra = fields.draw(r, fields.GROUPS, taken)
    count = r.randint(3, 6)
    rows: list[Record] = [
        {a: name, extra: fields.text(r, extra), n: number}
        for name, number in zip(different(r, a, count), figures(r, count), strict=True)
    ]
    h = saved(c, rows, is_json=r.random() < 0.2)
    ending, stem = r.choice(("txt", "txt", "md")), r.choice(("summary", "summary", "report", "totals", "overview"))
    g = path_called(c, stem, ending)
    high = r.random() < 0.8
    first = r.choice(("rows", "count", "entries", "records", "number", many(h.noun)))
    second = r.choice(("total", "total", "sum", f"total {n}", n))
    third = r.choice(("top", "top", "best", "most", "winner", "highest") if high else ("lowest", "least", "last"))
    if r.random() < 0.2:
        first, second, third = (f"{word}{at}" for at, word in enumerate((names.word(r), "sum", "name"), 1))
    w = r.choice(("most", "highest", "largest") if high else ("least", "lowest", "smallest"))
    mark = r.choice(("'", '"', "`", ""))
    lines = {
        "x": f"{mark}{first}: N{mark}",
        "y": f"{mark}{second}: N{mark}",
        "z": f"{mark}{third}: {r.choice(('NAME', 'NAME', a.upper(), 'name'))}{mark}",
    }
    ask_for(c, "er_summary", {"w": w}, **lines, g=g, a=a, n=n, s=many(a), **about(h))
    pair = f"({h.number(n)}, {h.cell(a)})"
    c.call(
        f"{h.load}total = sum({h.number(n)} for {h.one} in {h.all})\n"
        f"value, name = {'max' if high else 'min'}({pair} for {h.one} in {h.all})\n"
        f'write_file({lit(g)}, f"{first}: {{len({h.all})}}\\n{second}: {{total:.12g}}\\n{third}: {{name}}\\n")\n'
        f"print(read_file({lit(g)}))"
    )
    c.say(f"That is the content of {g}.")


def not_in_other(c: Chat) -> None:
    """Names of one table that another one lacks, by a column that is named, or that is called name."""
    r = c.r
    named = r.random() < 0.4
    a = fields.draw(r, fields.NAMES) if named else "name"
    pool = different(r, a, r.randint(3, 7))
    kept = [name for name in pool if r.random() < 0.6] + different(r, "word", r.randint(0, 1))
    r.shuffle(kept)
    first, second = r.choice(_LISTS)
    f, g = path_called(c, first, "csv"), path_called(c, second, "csv")
    while g == f:
        g = path_called(c, second, "csv")
    for path, listed in ((f, pool), (g, kept or pool[:1])):
        other = fields.draw(r, fields.GROUPS, {a})
        lines = [f"{a},{other}", *(f"{name},{fields.text(r, other)}" for name in listed)]
        c.world.add(r, path, "\n".join(lines if r.random() < 0.8 else [line.split(",")[0] for line in lines]) + "\n")
    ask_for(c, "er_absent_said" if named else "er_absent", f=f, g=g, a=a, s=many(a))
    key = f"row[{lit(a)}]"
    out, _ = c.call(
        f"{gt.load(f)}known = {{{key} for row in csv.DictReader(read_file({lit(g)}).splitlines())}}\nfor row in rows:\n"
        f"    if {key} not in known:\n        print({key})"
    )
    c.say(f"Every {a} of {f} is in {g}." if out == NOTHING else f"Those are not in {g}.")


def _two_numbers(r: Source, pairs: list[tuple[str, str]]) -> tuple[str, str, str]:
    """Two columns of numbers, those of a pair or any, and one of names."""
    p, q = r.choice(pairs)
    taken = {p, q}
    if r.random() < 0.4:
        taken = set()
        p, q = fields.draw(r, fields.COUNTS, taken), fields.draw(r, fields.DECIMALS, taken)
    return p, q, fields.draw(r, WHO if r.random() < 0.4 else fields.NAMES, taken)


def _two_words(c: Chat) -> tuple[Sheet, str, str]:
    """Records of two fields of words and often a third, in any order: the file, and two of the fields."""
    r = c.r
    taken: set[str] = set()
    a = fields.draw(r, WHO if r.random() < 0.5 else fields.NAMES, taken)
    b = fields.draw(r, fields.GROUPS, taken)
    columns = [a, b, *(fields.draw(r, fields.GROUPS, taken) for _ in range(r.choice((0, 1, 1))))]
    if r.random() < 0.4:
        r.shuffle(columns)
    rows: list[Record] = []
    for name in different(r, a, r.randint(2, 6)):
        rows.append({column: name if column == a else fields.text(r, column) for column in columns})
    h = saved(c, rows, is_json=r.random() < 0.4)
    return (h, a, b) if r.random() < 0.8 else (h, b, a)


KINDS: list[tuple[Task, int]] = [
    (products, 7),
    (ratios, 8),
    (odd_lines, 8),
    (defaults, 8),
    (patterned, 8),
    (summary, 8),
    (not_in_other, 7),
]
