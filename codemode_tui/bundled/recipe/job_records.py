"""Jobs over records: CSV files of a folder as one table, tables merged and joined, JSON objects compared, nested lists,
trees of nodes."""

from __future__ import annotations

import json

from codemode_tui.bundled.recipe import fields, names
from codemode_tui.bundled.recipe.direct_kinds import Task
from codemode_tui.bundled.recipe.documents import words_list
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.new_texts import plural
from codemode_tui.bundled.recipe.nouns import many, some_noun
from codemode_tui.bundled.recipe.phrasing import ask, quoted
from codemode_tui.bundled.recipe.source import Source
from codemode_tui.bundled.recipe.table_rows import ABOVE, BELOW, SHOWN
from codemode_tui.tools.protected import is_secret

Row = dict[str, str]
_BARE = ("w", "k", "o", "os", "s", "t", "v")
"""Slots that are never quoted."""


def folder_rows(c: Chat) -> None:
    """Rows beyond a limit in every CSV file of a folder: whole rows, one column, or with the file."""
    r = c.r
    d, (a, _, n) = _folder(c), _columns(r)
    values = []
    for _ in range(r.randint(2, 3)):
        rows = [{a: fields.text(r, a), n: fields.number(r, n)} for _ in range(r.randint(1, 3))]
        values += [float(row[n]) for row in rows]
        _put(c, d, "csv", _csv(rows))
    k = f"{r.choice(values) * r.choice((0.5, 1, 1, 1.5)):.0f}" if r.random() < 0.5 else str(r.choice((5, 10, 50, 100)))
    sign, w = r.choice(((">", r.choice(ABOVE)), ("<", r.choice(BELOW)), (">=", "at least"), ("<=", "at most")))
    kind = r.choice(("rows", "column", "column", "file"))
    _ask(c, f"jr_beyond_{kind}", d=d, a=a, n=n, w=w, k=k, s=many(a))
    shown = {"rows": SHOWN, "column": f"print(row[{lit(a)}])", "file": f"print(path, row[{lit(a)}])"}[kind]
    out, _ = c.call(
        f"import csv\nfor path in glob_files({lit(d + '/**/*.csv')}):\n"
        "    for row in csv.DictReader(read_file(path).splitlines()):\n"
        f"        if float(row[{lit(n)}]) {sign} {k}:\n            {shown}"
    )
    s = "rows" if kind == "rows" else many(a)
    c.say(f"No row in {d} has {n} {w} {k}." if out == "(no output)" else f"Those are the {s} with {n} {w} {k}.")


def merged(c: Chat) -> None:
    """Named CSV files, or all of a folder, in one file with one header line."""
    r = c.r
    d, (a, b, n) = _folder(c), _columns(r)
    whole = r.random() < 0.45
    where = d if whole else r.choice(("", "", d))
    paths = []
    for _ in range(r.choice((2, 2, 3, 3, 4))):
        rows = [{a: fields.text(r, a), b: fields.text(r, b), n: fields.number(r, n)} for _ in range(r.randint(1, 3))]
        paths.append(_put(c, where, "csv", _csv(rows)))
    g = _free(c, "", "csv")
    if whole:
        _ask(c, "jr_merge_folder", d=d, g=g)
        code = f"glob_files({lit(d + '/**/*.csv')})"
    else:
        _ask(c, "jr_merge_named", v=_listed(r, paths), g=g)
        code = f"[{', '.join(lit(path) for path in paths)}]"
    out, _ = c.call(
        f"paths = {code}\nlines = read_file(paths[0]).splitlines()[:1]\nfor path in paths:\n"
        f'    lines += read_file(path).splitlines()[1:]\nwrite_file({lit(g)}, "\\n".join(lines) + "\\n")\n'
        "print(len(lines) - 1)"
    )
    c.say(f"I merged {plural(str(len(paths)), 'file')} into {g}: one header and {plural(out, 'row')}.")


def key_of_files(c: Chat) -> None:
    """One key of all JSON files of a folder: the sum, the average, or the largest with its file."""
    r = c.r
    d, taken = _folder(c), set[str]()
    n = fields.draw(r, fields.DECIMALS if r.random() < 0.3 else fields.COUNTS, taken)
    other = fields.draw(r, fields.KEYS, taken)
    for _ in range(r.randint(2, 4)):
        pairs: list[tuple[str, object]] = [(other, fields.scalar(r)), (n, json.loads(fields.number(r, n)))]
        _put(c, d, "json", json.dumps(dict(pairs if r.random() < 0.5 else pairs[::-1])) + "\n")
    kind = r.choice(("sum", "mean", "most"))
    high = r.random() < 0.75
    w = r.choice(("largest", "highest", "biggest") if high else ("smallest", "lowest"))
    o = some_noun(r)
    _ask(c, f"jr_key_{kind}", d=d, n=n, w=w, o=o)
    read, glob = f"json.loads(read_file(path))[{lit(n)}]", f"for path in glob_files({lit(d + '/**/*.json')})"
    if kind == "most":
        out, _ = c.call(
            f"import json\nvalues = {{path: {read} {glob}}}\n"
            f'best = {"max" if high else "min"}(values, key=values.get)\nprint(best, f"{{values[best]:.12g}}")'
        )
        found, _, value = out.rpartition(" ")
        c.say(f"{found} has the {w} {n}: {value}.")
        return
    value = "sum(values)" if kind == "sum" else "sum(values) / len(values)"
    out, _ = c.call(f'import json\nvalues = []\n{glob}:\n    values.append({read})\nprint(f"{{{value}:.12g}}")')
    c.say(f"The {'sum' if kind == 'sum' else 'average'} of {n} is {out}.")


def group_best(c: Chat) -> None:
    """For each group the name with the most, with or without the number."""
    r = c.r
    a, b, n = _columns(r)
    pool = fields.few(r, b)
    rows = [{a: fields.text(r, a), b: r.choice(pool), n: fields.number(r, n)} for _ in range(r.randint(3, 7))]
    f = _file(c, "csv", _csv(rows))
    high, both = r.random() < 0.75, r.random() < 0.4
    w = r.choice(("most", "highest", "largest", "biggest") if high else ("lowest", "least", "smallest"))
    _ask(c, "jr_group_best_value" if both else "jr_group_best", f=f, a=a, b=b, n=n, w=w, s=many(b))
    value = f"float({{}}[{lit(n)}])"
    c.call(
        f"{_load(f)}best = {{}}\nfor row in rows:\n    key = row[{lit(b)}]\n"
        f"    if key not in best or {value.format('row')} {'>' if high else '<'} {value.format('best[key]')}:\n"
        "        best[key] = row\nfor key, row in sorted(best.items()):\n"
        f"    print(key, row[{lit(a)}]{f', row[{lit(n)}]' if both else ''})"
    )
    c.say(f"Those are the {many(a)} with the {w} {n} of each {b}.")


def joined_totals(c: Chat) -> None:
    """For each name of one table the total of a number in a second one, by a column with the id."""
    r = c.r
    o, a = some_noun(r), r.choice(("name", "name", "title", fields.draw(r, fields.NAMES)))
    own = r.choice(("id", "id", f"{o}_id", "no", "code"))
    key = own if own == f"{o}_id" else r.choice((f"{o}_id", own, o))
    n = fields.draw(r, fields.DECIMALS if r.random() < 0.3 else fields.COUNTS, {own, key, a})
    if a in (own, key):
        a = "name_of_" + o
    start = r.choice((1, 1, 10, 100))
    count = r.randint(2, 4)
    first = [{own: str(start + at), a: fields.text(r, a)} for at in range(count)]
    ids = [row[own] for row in first] + r.choices([row[own] for row in first], k=r.randint(1, 4))
    r.shuffle(ids)
    f = _file(c, "csv", _csv(first), o)
    g = _file(c, "csv", _csv([{key: one, n: fields.number(r, n)} for one in ids]))
    _ask(c, "jr_join_same" if own == key else "jr_join", f=f, g=g, a=a, n=n, p=own, q=key)
    c.call(
        f"import csv\nnames = {{row[{lit(own)}]: row[{lit(a)}] for row in csv.DictReader(read_file({lit(f)}).splitlines())}}\n"
        f"totals = {{}}\nfor row in csv.DictReader(read_file({lit(g)}).splitlines()):\n    name = names[row[{lit(key)}]]\n"
        f"    totals[name] = totals.get(name, 0) + float(row[{lit(n)}])\n"
        'for name, value in sorted(totals.items()):\n    print(name, f"{value:.12g}")'
    )
    c.say(f"Those are the totals of {n} by {a}.")


def objects_differ(c: Chat) -> None:
    """Two JSON objects: keys with different values, or keys that only the first has."""
    r = c.r
    taken: set[str] = set()
    first = {fields.draw(r, fields.KEYS, taken): fields.scalar(r) for _ in range(r.randint(3, 5))}
    second = {key: value if r.random() < 0.4 else fields.scalar(r) for key, value in first.items() if r.random() < 0.7}
    if r.random() < 0.5:
        second[fields.draw(r, fields.KEYS, taken)] = fields.scalar(r)
    f, g = (_file(c, "json", json.dumps(data, indent=2, ensure_ascii=False) + "\n") for data in (first, second))
    only = r.random() < 0.45
    _ask(c, "jr_only_first" if only else "jr_differ", f=f, g=g)
    test, shown = ("key not in b", "key") if only else ("key in b and a[key] != b[key]", "key, a[key], b[key]")
    out, _ = c.call(
        f"import json\na = json.loads(read_file({lit(f)}))\nb = json.loads(read_file({lit(g)}))\nfor key in a:\n"
        f"    if {test}:\n        print({shown})"
    )
    if only:
        c.say(f"Every key of {f} is in {g}." if out == "(no output)" else f"Those are the keys that only {f} has.")
    else:
        c.say("No key has different values." if out == "(no output)" else "Those are the keys with both values.")


def incomplete(c: Chat) -> None:
    """The records of a JSON list that lack one of some keys, with what they lack."""
    r = c.r
    o, taken = some_noun(r), set[str]()
    a = fields.draw(r, ["name"] * 9 + ["title", "id", "label"] * 3, taken)
    keys = [fields.draw(r, fields.KEYS, taken) for _ in range(r.choice((2, 2, 3)))]
    items = [
        {a: fields.text(r, a), **{key: fields.scalar(r) for key in keys if r.random() < 0.75}}
        for _ in range(r.randint(2, 4))
    ]
    f = _file(c, "json", json.dumps(items, indent=r.choice((None, 2)), ensure_ascii=False) + "\n", o)
    _ask(c, "jr_incomplete", f=f, a=a, o=o, os=many(o), v=_listed(r, keys), w=_listed(r, keys, "or"))
    out, _ = c.call(
        f"import json\nitems = json.loads(read_file({lit(f)}))\nfor item in items:\n"
        f"    for key in [{', '.join(lit(key) for key in keys)}]:\n        if key not in item:\n"
        f"            print(item[{lit(a)}], key)"
    )
    c.say(f"All {many(o)} have {_listed(r, keys)}." if out == "(no output)" else "Those are the missing keys.")


def chain(c: Chat) -> None:
    """Rows with a word, totals by group, largest first, into a file as "name: total"; then its text or its length."""
    r = c.r
    a, b, n = _columns(r)
    values, pool = fields.few(r, b)[:3], fields.few(r, a)
    rows = [{a: r.choice(pool), b: r.choice(values), n: fields.number(r, n)} for _ in range(r.randint(4, 8))]
    v = max(values, key=[row[b] for row in rows].count)
    f, g = _file(c, "csv", _csv(rows)), _free(c, "", "txt")
    shown = r.random() < 0.55
    _ask(c, "jr_chain" if shown else "jr_chain_count", f=f, g=g, a=a, b=b, n=n, x=v, s=many(a), t=a)
    out, _ = c.call(
        f"{_load(f)}totals = {{}}\nfor row in rows:\n    if row[{lit(b)}] == {lit(v)}:\n"
        f"        totals[row[{lit(a)}]] = totals.get(row[{lit(a)}], 0) + float(row[{lit(n)}])\n"
        'lines = [f"{key}: {value:.12g}\\n" for key, value in sorted(totals.items(), key=lambda pair: pair[1], reverse=True)]\n'
        f'write_file({lit(g)}, "".join(lines))\nprint({f"read_file({lit(g)})" if shown else "len(lines)"})'
    )
    c.say(f"That is the content of {g}." if shown else f"I wrote {plural(out, 'line')} to {g}.")


def minimums(c: Chat) -> None:
    """Totals over the CSV files of a folder that are below the minimums of a JSON file."""
    r = c.r
    d, (a, _, n) = _folder(c), _columns(r)
    pool = list(dict.fromkeys(fields.text(r, a) for _ in range(r.randint(2, 4))))
    totals = dict.fromkeys(pool, 0.0)
    for _ in range(r.randint(2, 3)):
        rows = [{a: r.choice(pool), n: fields.number(r, n)} for _ in range(r.randint(1, 3))]
        for row in rows:
            totals[row[a]] += float(row[n])
        _put(c, d, "csv", _csv(rows))
    least = {key: int(value * r.choice((0.5, 0.8, 1.3, 2))) + r.randint(0, 5) for key, value in totals.items()}
    f = _put(c, "", "json", json.dumps(least, ensure_ascii=False) + "\n")
    kind, g = r.choice(("names", "names", "totals", "saved")), _free(c, "", "txt")
    _ask(c, f"jr_minimums_{kind}", d=d, f=f, g=g, a=a, n=n, s=many(a))
    total = f"totals[row[{lit(a)}]] = totals.get(row[{lit(a)}], 0) + float(row[{lit(n)}])"
    shown = 'print(key, f"{totals.get(key, 0):.12g}")' if kind == "totals" else "print(key)"
    test = "totals.get(key, 0) < minimums[key]"
    end = f"for key in minimums:\n    if {test}:\n        {shown}"
    if kind == "saved":
        end = f'lines = [key + "\\n" for key in minimums if {test}]\nwrite_file({lit(g)}, "".join(lines))\nprint(len(lines))'
    out, _ = c.call(
        f"import csv\nimport json\ntotals = {{}}\nfor path in glob_files({lit(d + '/**/*.csv')}):\n"
        f"    for row in csv.DictReader(read_file(path).splitlines()):\n        {total}\n"
        f"minimums = json.loads(read_file({lit(f)}))\n{end}"
    )
    if kind == "saved":
        c.say(f"I wrote {plural(out, 'line')} to {g}.")
    else:
        c.say("None is below its minimum." if out == "(no output)" else f"Those are below the minimums of {f}.")


def products(c: Chat) -> None:
    """Two columns multiplied in each row, and the total at the end."""
    r = c.r
    pairs = ("hours rate", "price quantity", "amount unit_price", "qty price", "days daily_rate", "weight price_per_kg")
    p, q = r.choice(pairs).split() if r.random() < 0.5 else (_columns(r)[2], fields.draw(r, fields.DECIMALS))
    a = fields.draw(r, fields.NAMES, {p, q})
    if p == q:
        p += "_2"
    low = r.choice((1, 1, 2))
    rows = [
        {a: fields.text(r, a), p: f"{r.randint(1, 60) / low:g}", q: f"{r.randint(1, 400) / 4:g}"}
        for _ in range(r.randint(2, 5))
    ]
    f = _file(c, "csv", _csv(rows))
    first, second = (p, q) if r.random() < 0.8 else (q, p)
    _ask(c, "jr_products", f=f, a=a, p=first, q=second, s=many(a))
    c.call(
        f"{_load(f)}total = 0\nfor row in rows:\n    value = float(row[{lit(first)}]) * float(row[{lit(second)}])\n"
        f'    total += value\n    print(row[{lit(a)}], f"{{value:.12g}}")\nprint(f"{{total:.12g}}")'
    )
    c.say(f"Those are {first} times {second} of each row, and the total.")


def trees(c: Chat) -> None:
    """A list of nodes with lists of such nodes in them: a number over all, the number of all, the greatest depth."""
    r = c.r
    o = r.choice(("comment", "comment", "node", "folder", "task", "item", "part", some_noun(r)))
    below = r.choice(("replies", "children", "subtasks", "parts", "answers", "items", "branches", names.word(r)))
    value = fields.draw(r, ["likes", "votes", "points", "score", "hours", "size", "weight", "cost"] * 9 + fields.COUNTS)
    value = value + "_" if value == below else value

    def nodes(depth: int) -> list[dict[str, object]]:
        made: list[dict[str, object]] = []
        for _ in range(r.randint(1, 3 - depth)):
            node: dict[str, object] = {"name" if value != "name" else "id": names.word(r), value: r.randint(0, 30)}
            if depth < 2 and r.random() < 0.7:
                node[below] = nodes(depth + 1)
            made.append(node)
        return made

    f = _file(c, "json", json.dumps(nodes(0), indent=r.choice((None, 1))) + "\n", o)
    kind = r.choice(("sum", "sum", "count", "count", "depth"))
    _ask(c, f"jr_tree_{kind}", f=f, o=o, os=many(o), n=value, k=below)
    name = "total" if kind == "sum" else kind
    inner = f"{name}(node.get({lit(below)}, [])) for node in nodes"
    first = f"node[{lit(value)}]" if kind == "sum" else "1"
    body = f"max([{first} + {inner}], default=0)" if kind == "depth" else f"sum({first} + {inner})"
    out, _ = c.call(
        f"import json\n\ndef {name}(nodes):\n    return {body}\n\nprint({name}(json.loads(read_file({lit(f)}))))"
    )
    said = {
        "sum": f"The total of {value} at every level is {out}.",
        "count": f"{f} has {out} {o if out == '1' else many(o)} at all levels.",
        "depth": f"The {many(o)} in {f} go {plural(out, 'level')} deep.",
    }
    c.say(said[kind])


def inner_items(c: Chat) -> None:
    """The items of a list inside a TOML or a JSON file, or the number of the items of all inner lists."""
    r = c.r
    taken: set[str] = set()
    p, q = fields.draw(r, fields.PARTS, taken), fields.draw(r, fields.LIST_KEYS, taken)
    o, other = some_noun(r), fields.draw(r, fields.KEYS, taken)
    kind = r.choice(("toml", "json", "count"))
    part: dict[str, object] = {other: names.number(r), q: words_list(r)}
    if kind == "count":
        each = [{"id": at, q: words_list(r)[: r.randint(0, 4)]} for at in range(1, r.randint(3, 5))]
        f = _file(c, "json", json.dumps(each, ensure_ascii=False) + "\n", o)
        _ask(c, "jr_inner_count", f=f, o=o, os=many(o), q=q)
        out, _ = c.call(
            f"import json\nitems = json.loads(read_file({lit(f)}))\nprint(sum(len(item[{lit(q)}]) for item in items))"
        )
        c.say(f"The {q} lists in {f} have {plural(out, 'item')} in all.")
        return
    if kind == "toml":
        lines = [f"{json.dumps(key) if ' ' in key else key} = {json.dumps(value)}" for key, value in part.items()]
        title = json.dumps(p) if " " in p else p
        f = _file(c, "toml", f"[{title}]\n" + "\n".join(lines) + "\n")
        load = f"import tomllib\ndata = tomllib.loads(read_file({lit(f)}))\n"
    else:
        f = _file(c, "json", json.dumps({other: names.word(r), p: part}, indent=2, ensure_ascii=False) + "\n")
        load = f"import json\ndata = json.loads(read_file({lit(f)}))\n"
    _ask(c, "jr_inner_items", f=f, p=p, q=q)
    c.call(f"{load}for item in data[{lit(p)}][{lit(q)}]:\n    print(item)")
    c.say(f"Those are the {q} of {p}.")


def _ask(c: Chat, section: str, /, **slots: str) -> None:
    """The question; names are now and then quoted."""
    filled = {key: value if key in _BARE else quoted(c.r, value) for key, value in slots.items()}
    c.user(ask(c.r, section, held=c.held, shaped=True, **filled))


def _listed(r: Source, parts: list[str], word: str = "and") -> str:
    """ "a, b and c"."""
    return ", ".join(parts[:-1]) + f" {word} " + parts[-1]


def _folder(c: Chat) -> str:
    """A folder with nothing in it yet."""
    d = names.folder(c.r)
    while is_secret(d.split("/")) or d in c.world.files:
        d = names.folder(c.r)
    c.world.files = {path: text for path, text in c.world.files.items() if not path.startswith(d + "/")}
    return d


def _free(c: Chat, d: str, ending: str) -> str:
    """A path in ``d`` ("" for the top) that is not taken."""
    while True:
        path = (f"{d}/" if d else "") + names.file_name(c.r, ending)
        if path.endswith("." + ending) and path not in c.world.files and not is_secret(path.split("/")):
            return path


def _put(c: Chat, d: str, ending: str, text: str) -> str:
    """A new file in ``d``."""
    return c.world.add(c.r, _free(c, d, ending), text)


def _file(c: Chat, ending: str, text: str, noun: str = "") -> str:
    """A new file anywhere, now and then called like what it holds."""
    r = c.r
    path = f"{many(noun or some_noun(r))}.{ending}"
    if r.random() < 0.4 and path not in c.world.files and not is_secret([path]):
        return c.world.add(r, path, text)
    return _put(c, "" if r.random() < 0.8 else names.folder(r), ending, text)


def _columns(r: Source) -> tuple[str, str, str]:
    """A name, a group and a number."""
    taken: set[str] = set()
    a, b = fields.draw(r, fields.NAMES, taken), fields.draw(r, fields.GROUPS, taken)
    return a, b, fields.draw(r, fields.DECIMALS if r.random() < 0.3 else fields.COUNTS, taken)


def _csv(rows: list[Row]) -> str:
    """The text of a table."""
    return "".join(",".join(line) + "\n" for line in ([*rows[0]], *(row.values() for row in rows)))


def _load(f: str) -> str:
    return f"import csv\nrows = list(csv.DictReader(read_file({lit(f)}).splitlines()))\n"


KINDS: list[tuple[Task, int]] = [
    (folder_rows, 7),
    (merged, 8),
    (key_of_files, 7),
    (group_best, 7),
    (joined_totals, 7),
    (objects_differ, 6),
    (incomplete, 6),
    (chain, 7),
    (minimums, 6),
    (products, 6),
    (trees, 7),
    (inner_items, 7),
]
