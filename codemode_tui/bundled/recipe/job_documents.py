"""Jobs over documents and their records: default keys, settings that override others, key=value lines and JSON, records in
bands, rows and records that are not valid, JSON lines."""

from __future__ import annotations

import json
from textwrap import indent

from codemode_tui.bundled.recipe import fields, names
from codemode_tui.bundled.recipe.direct_kinds import Task
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.job_nested import (
    NOTHING,
    Tree,
    ask_for,
    free_path,
    json_text,
    new_file,
    new_folder,
    put,
    some_setting,
    sure_word,
    ticked,
)
from codemode_tui.bundled.recipe.job_scales import as_sentence, some_bounds, some_scale, value_near
from codemode_tui.bundled.recipe.new_texts import plural
from codemode_tui.bundled.recipe.nouns import many, some_noun
from codemode_tui.bundled.recipe.phrasing import ask, quoted
from codemode_tui.bundled.recipe.source import Source
from codemode_tui.bundled.recipe.table_rows import ABOVE, BELOW

_DATES = [
    "date",
    "date",
    "day",
    "due",
    "ordered",
    "shipped",
    "paid_on",
    "start",
    "end",
    "created",
    "birthday",
    "deadline",
]
_PRICES = ["price", "price", "cost", "amount", "fee", "total", "unit_price", "rent", "fare"]
_BAD_DATES = (
    "",
    "soon",
    "12.05.2024",
    "2024/05/12",
    "2024-13-05",
    "2025-02-30",
    "05-12-2024",
    "2023-00-10",
    "tomorrow",
)
_BAD_PRICES = ("", "0", "free", "n/a", "-3", "-12.5", "0.0", "ten", "?")
_REASONS = ("bad {}", "invalid {}", "wrong {}", "no valid {}", "{} invalid", "check {}")
_VERDICTS = ("good bad", "good bad", "valid invalid", "ok broken", "clean dirty", "right wrong")
_PAIRS = (
    "base local",
    "default local",
    "defaults user",
    "settings settings.local",
    "common production",
    "main override",
)


_READ_PAIRS = (
    'for line in read_file({f}).splitlines():\n    if "=" in line:\n        key, value = line.split("=", 1)\n'
    "        {name}[key.strip()] = value.strip()\n"
)


def default_key(c: Chat) -> None:
    """A key with its default value in every JSON file of a folder that lacks it."""
    r = c.r
    d, taken = new_folder(c), set[str]()
    a = fields.draw(r, fields.KEYS, taken)
    value = r.choice((sure_word(r), r.choice(fields.THINGS), r.randint(0, 100), r.random() < 0.5))
    other = r.randint(0, 100) if isinstance(value, int) else names.word(r)
    shares = [True, False] + [r.random() < 0.5 for _ in range(r.randint(0, 3))]
    for has in shares if r.random() < 0.92 else [True, True]:
        data: Tree = {fields.draw(r, fields.KEYS, {*taken}): fields.scalar(r) for _ in range(r.randint(1, 2))}
        put(c, d, "json", json_text(r, {**data, a: r.choice((value, other, other))} if has else data))
    code = lit(value) if isinstance(value, str) else str(value)
    said = code if not isinstance(value, bool) else code.lower()
    names_too = r.random() < 0.6
    v = value if isinstance(value, str) and r.random() < 0.3 else said
    ask_for(c, "jn_default_names" if names_too else "jn_default_count", d=d, a=a, v=v)
    start, use, end = ("", "print(path)", "") if names_too else ("count = 0\n", "count += 1", "\nprint(count)")
    out, _ = c.call(
        f"import json\n{start}for path in glob_files({lit(d + '/**/*.json')}):\n    data = json.loads(read_file(path))\n"
        f"    if {lit(a)} not in data:\n        data[{lit(a)}] = {code}\n"
        f'        write_file(path, json.dumps(data, indent=2) + "\\n")\n        {use}{end}'
    )
    if out in (NOTHING, "0"):
        c.say(f"Every JSON file in {d} has {a} already.")
    else:
        c.say(f"Those are the changed files of {d}." if names_too else f"I set {a} in {plural(out, 'file')} of {d}.")


def effective(c: Chat) -> None:
    """Settings of two files, where the second overrides the first: all, one of them, or written into a third file."""
    r = c.r
    taken: set[str] = set()
    base = {fields.draw(r, fields.KEYS, taken): some_setting(r) for _ in range(r.randint(2, 4))}
    over = {key: some_setting(r) for key in r.sample(sorted(base), r.randint(1, len(base) - 1))}
    if r.random() < 0.5:
        over[fields.draw(r, fields.KEYS, taken)] = some_setting(r)
    is_json = r.random() < 0.5
    e = "json" if is_json else r.choice(("conf", "cfg", "properties", "ini", "txt"))
    texts = [json_text(r, data) if is_json else _pairs(r, data) for data in (base, over)]
    stems = r.choice(_PAIRS).split()
    if r.random() < 0.5 and not any(f"{stem}.{e}" in c.world.files for stem in stems):
        f, g = (c.world.add(r, f"{stem}.{e}", text) for stem, text in zip(stems, texts, strict=True))
    else:
        f, g = (put(c, "", e, text) for text in texts)
    kind = r.choice(("all", "all", "key", "key", "file"))
    a, p, h = (
        r.choice(r.choice((sorted(over), sorted({**base, **over})))),
        free_path(c, "", e),
        r.choice(["=", ": ", " = "]),
    )
    ask_for(c, f"jn_effective_{kind}", f=f, g=g, a=a, p=p, z=ticked(r, f"key{h}value"))
    if is_json:
        start = f"import json\nsettings = json.loads(read_file({lit(f)}))\nsettings.update(json.loads(read_file({lit(g)})))\n"
        text = 'json.dumps(settings, indent=2) + "\\n"'
    else:
        read = indent(_READ_PAIRS.format(f="path", name="settings"), "    ")
        start = f"settings = {{}}\nfor path in [{lit(f)}, {lit(g)}]:\n{read}"
        text = '"".join(f"{key}={value}\\n" for key, value in settings.items())'
    end = {
        "all": f'for key, value in settings.items():\n    print(f"{{key}}{h}{{value}}")',
        "key": f"print(settings[{lit(a)}])",
        "file": f"write_file({lit(p)}, {text})\nprint(len(settings))",
    }
    out, _ = c.call(start + end[kind])
    if kind == "all":
        c.say("Those are the settings in effect.")
    else:
        c.say(f"{a} is {out}." if kind == "key" else f"I wrote {plural(out, 'setting')} to {p}.")


def pairs_and_json(c: Chat) -> None:
    """A file of key=value lines written as JSON, or a JSON object as lines of key=value."""
    r = c.r
    taken: set[str] = set()
    data: Tree = {fields.draw(r, fields.KEYS, taken): some_setting(r) for _ in range(r.randint(2, 6))}
    e = r.choice(("conf", "cfg", "properties", "ini", "txt"))
    to_json = r.random() < 0.65
    f = put(
        c,
        "" if r.random() < 0.8 else new_folder(c),
        e if to_json else "json",
        (_pairs if to_json else json_text)(r, data),
    )
    g = free_path(c, "", "json" if to_json else e)
    ask_for(c, "jn_pairs_to_json" if to_json else "jn_json_to_pairs", f=f, g=g)
    if to_json:
        out, _ = c.call(
            f"import json\ndata = {{}}\n{_READ_PAIRS.format(f=lit(f), name='data')}"
            f'write_file({lit(g)}, json.dumps(data, indent=2) + "\\n")\nprint(len(data))'
        )
    else:
        out, _ = c.call(
            f"import json\ndata = json.loads(read_file({lit(f)}))\n"
            f'write_file({lit(g)}, "".join(f"{{key}}={{value}}\\n" for key, value in data.items()))\nprint(len(data))'
        )
    c.say(f"I wrote {plural(out, 'key')} of {f} to {g}.")


def banded(c: Chat) -> None:
    """The records of a JSON list in bands by a number: how many in each, or the band of each."""
    r = c.r
    o, taken = r.choice(("ticket", "ticket", "task", "order", "issue", some_noun(r))), set[str]()
    a = fields.draw(r, ["name", "id", "title", "id", *fields.NAMES[-9:]], taken)
    n = fields.draw(r, [*["age", "days", "hours", "weight", "score", "price", "late_days"] * 9, *fields.COUNTS], taken)
    bounds = some_bounds(r, r.choice((1, 2, 2, 2)))
    s = some_scale(r, bounds, down=r.random() < 0.4)
    whole, is_id = r.random() < 0.75, a.lower() == "id"
    items = [
        {a: at * 7 if is_id else fields.text(r, a), n: value_near(r, bounds, whole=whole)}
        for at in range(1, r.randint(5, 9))
    ]
    f = new_file(c, "json", json_text(r, items), many(o))
    kind, rule = r.choice(("count", "count", "each")), s.rule(c, "saying", "it is")
    slots = {"f": quoted(r, f), "a": quoted(r, a), "n": quoted(r, n), "o": o, "os": many(o)}
    c.user(as_sentence(ask(r, f"jn_bands_{kind}", held=c.held, shaped=True, v=rule, **slots), rule))
    start = f"import json\nitems = json.loads(read_file({lit(f)}))\n"
    loop = f"for item in items:\n    value = item[{lit(n)}]\n"
    if kind == "each":
        c.call((start + loop + s.code("value", f"print(item[{lit(a)}], {{}})", "    ")).rstrip("\n"))
        c.say(f"Those are the {many(o)}, each with its band.")
        return
    zeros = ", ".join(f"{lit(word)}: 0" for word in s.words)
    out, _ = c.call(
        f"{start}counts = {{{zeros}}}\n{loop}{s.code('value', 'counts[{}] += 1', '    ')}"
        "for name, count in counts.items():\n    print(name, count)"
    )
    c.say(f"That is how many {many(o)} are in each band: {', '.join(out.splitlines())}.")


def checked_rows(c: Chat) -> None:
    """Rows of a CSV file whose date is no ISO date or whose price is no positive number: lines, reasons, counts."""
    r = c.r
    taken: set[str] = set()
    a, b = fields.draw(r, fields.NAMES, taken), fields.draw(r, _DATES, taken)
    n = fields.draw(r, _PRICES, taken)
    kind = r.choice(("date", "price", "reason", "reason", "count"))
    lines = [f"{a},{b},{n}"] if (first := r.random() < 0.7) else [f"{b},{a},{n}"]
    share = 0.0 if r.random() < 0.06 else 0.3
    for _ in range(r.randint(3, 7)):
        day = f"{r.randint(2019, 2027)}-{r.randint(1, 12):02}-{r.randint(1, 28):02}"
        day = r.choice(_BAD_DATES) if r.random() < share else day
        price = r.choice((str(r.randint(1, 300)), f"{r.uniform(0.5, 90):.2f}"))
        price = r.choice(_BAD_PRICES) if r.random() < share else price
        lines.append(",".join((fields.text(r, a), day, price) if first else (day, fields.text(r, a), price)))
    f = new_file(c, "csv", "\n".join(lines) + "\n")
    way, (good, bad) = r.choice(_REASONS), r.choice(_VERDICTS).split()
    p, q = way.format(b), way.format(n)
    ask_for(c, f"jn_rows_{kind}", f=f, b=b, n=n, v=f'"{p}"', w=f'"{q}"', o=good, k=bad)
    dates = "from datetime import date\n" if kind != "price" else ""
    start = f"import csv\n{dates}rows = list(csv.DictReader(read_file({lit(f)}).splitlines()))\n"
    loop, day, price = "for number, row in enumerate(rows, 2):\n", f"row[{lit(b)}]", f"row[{lit(n)}]"
    try_day = f"    try:\n        date.fromisoformat({day})\n    except ValueError:\n        print(number, "
    try_price = f"    try:\n        value = float({price})\n    except ValueError:\n        value = 0\n    if value <= 0:\n        print(number, "
    if kind == "count":
        c.call(
            f"{start}good = bad = 0\nfor row in rows:\n    try:\n        date.fromisoformat({day})\n"
            f"        value = float({price})\n    except ValueError:\n        value = 0\n"
            "    if value > 0:\n        good += 1\n    else:\n        bad += 1\n"
            f"print({lit(good)}, good)\nprint({lit(bad)}, bad)"
        )
        c.say(f"Those are the numbers of {good} and {bad} rows.")
        return
    code = {
        "date": f"{try_day}{day})",
        "price": f"{try_price}{price})",
        "reason": f"{try_day}{lit(p)})\n{try_price}{lit(q)})",
    }
    out, _ = c.call(start + loop + code[kind])
    c.say(f"Every row of {f} is fine." if out == NOTHING else f"Those are the lines of {f} that are not valid.")


def lacking(c: Chat) -> None:
    """The records of a JSON list that lack required fields, or have nothing in them; or how many such records."""
    r = c.r
    o, taken = some_noun(r), set[str]()
    a = fields.draw(r, ["id"] * 9 + ["name", "title", "code"] * 4, taken)
    keys = [fields.draw(r, fields.KEYS, taken) for _ in range(r.choice((2, 3, 3)))]
    kind = r.choice(("each", "each", "empty", "count"))
    items: list[Tree] = []
    for at in range(1, r.randint(4, 6)):
        item: Tree = {a: at * r.choice((1, 1, 10)) if a.lower() == "id" else fields.text(r, a)}
        for key in keys:
            if kind == "empty" and r.random() < 0.25:
                item[key] = r.choice(("", None))
            elif r.random() < 0.75:
                item[key] = some_setting(r)
        items.append(item)
    f = new_file(c, "json", json_text(r, items), many(o))
    said = [quoted(r, key) for key in keys]
    both, either = (", ".join(said[:-1]) + f" {word} " + said[-1] for word in ("and", "or"))
    ask_for(c, f"jn_lacking_{kind}", f=f, a=a, o=o, os=many(o), v=both, w=either)
    known = f"[{', '.join(lit(key) for key in keys)}]"
    start = f"import json\nitems = json.loads(read_file({lit(f)}))\n"
    test = 'item.get(key) in (None, "")' if kind == "empty" else "key not in item"
    start += "count = 0\n" if kind == "count" else ""
    use = "count += 1" if kind == "count" else f'print(item[{lit(a)}], ", ".join(missing))'
    out, _ = c.call(
        f"{start}for item in items:\n    missing = [key for key in {known} if {test}]\n"
        f"    if missing:\n        {use}" + ("\nprint(count)" if kind == "count" else "")
    )
    if kind == "count":
        c.say(f"{out} {o + ' is' if out == '1' else many(o) + ' are'} incomplete.")
    else:
        c.say(f"All {many(o)} are complete." if out == NOTHING else f"Those are the {many(o)} with what they lack.")


def json_lines(c: Chat) -> None:
    """A file with one JSON object per line, some lines broken: sums, names and counts of those that are right."""
    r = c.r
    taken: set[str] = set()
    a, b = fields.draw(r, fields.NAMES, taken), fields.draw(r, fields.GROUPS, taken)
    n = fields.draw(r, fields.DECIMALS if r.random() < 0.3 else fields.COUNTS, taken)
    pool, o = fields.few(r, b), some_noun(r)
    items = [
        {a: fields.text(r, a), b: r.choice(pool), n: json.loads(fields.number(r, n))} for _ in range(r.randint(3, 6))
    ]
    lines = [json.dumps(item, ensure_ascii=False) for item in items]
    for _ in range(r.choice((0, 1, 1, 2))):
        lines.insert(
            r.randint(0, len(lines)), r.choice((r.choice(lines)[:-2], sure_word(r), "{" + sure_word(r), "---"))
        )
    f = new_file(c, r.choice(("jsonl", "jsonl", "ndjson")), "\n".join(lines) + "\n", many(o))
    kind, v = r.choice(("where", "where", "sum", "names", "groups")), r.choice((r.choice(items)[b], r.choice(pool)))
    sign, w = r.choice(((">", r.choice(ABOVE)), ("<", r.choice(BELOW)), (">=", "at least"), ("<=", "at most")))
    k = f"{r.choice(items)[n] * r.choice((0.5, 1, 1, 1.5)):.0f}"
    ask_for(c, f"jn_lines_{kind}", f=f, a=a, b=b, n=n, x=v, w=w, k=k, os=many(o))
    counts = kind in ("where", "sum")
    start = {"names": "", "groups": "counts = {}\n"}.get(kind, "total = bad = 0\n")
    use = {
        "where": f"    if item[{lit(b)}] == {lit(v)}:\n        total += item[{lit(n)}]\n",
        "sum": f"    total += item[{lit(n)}]\n",
        "names": f"    if item[{lit(n)}] {sign} {k}:\n        print(item[{lit(a)}])",
        "groups": f"    counts[item[{lit(b)}]] = counts.get(item[{lit(b)}], 0) + 1\n",
    }
    end = 'print(f"{total:.12g}")\nprint(bad)' if counts else ""
    if kind == "groups":
        end = "for key, count in sorted(counts.items()):\n    print(key, count)"
    out, _ = c.call(
        f"import json\n{start}for line in read_file({lit(f)}).splitlines():\n    try:\n        item = json.loads(line)\n"
        f"    except ValueError:\n{'        bad += 1' + chr(10) if counts else ''}        continue\n{use[kind]}{end}"
    )
    if counts:
        total, bad = out.split("\n")
        c.say(f"The total of {n} is {total}, and {bad} {'line is' if bad == '1' else 'lines are'} no valid JSON.")
    elif kind == "names":
        c.say(f"None has {n} {w} {k}." if out == NOTHING else f"Those are the {many(a)} with {n} {w} {k}.")
    else:
        c.say(f"That is how often each {b} occurs: {', '.join(out.splitlines())}.")


def _pairs(r: Source, data: Tree) -> str:
    """Lines of key=value, sometimes with a comment or an empty line."""
    mark = r.choice(("=", "=", " = "))
    lines = [f"{key}{mark}{value}\n" for key, value in data.items()]
    if r.random() < 0.4:
        lines.insert(r.randrange(len(lines)), r.choice((f"# {names.word(r)}\n", "\n", f"# {names.word(r)} settings\n")))
    return "".join(lines)


KINDS: list[tuple[Task, int]] = [
    (default_key, 7),
    (effective, 7),
    (pairs_and_json, 6),
    (banded, 7),
    (checked_rows, 8),
    (lacking, 6),
    (json_lines, 7),
]
