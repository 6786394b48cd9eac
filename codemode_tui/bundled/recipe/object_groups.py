"""Lists of objects in JSON documents by groups: counts, means and sums per value, those that are true, the oldest."""

from __future__ import annotations

import json

from codemode_tui.bundled.recipe import fields, names
from codemode_tui.bundled.recipe.documents import Value, load, save
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.file_reading import some_file
from codemode_tui.bundled.recipe.new_texts import plural
from codemode_tui.bundled.recipe.nouns import many, some_noun
from codemode_tui.bundled.recipe.phrasing import ask, quoted
from codemode_tui.bundled.recipe.source import Source
from codemode_tui.bundled.recipe.table_groups import VERBS
from codemode_tui.bundled.recipe.table_rows import ABOVE, BELOW

_FLAGS = [
    "active",
    "enabled",
    "done",
    "open",
    "paid",
    "married",
    "archived",
    "deleted",
    "published",
    "verified",
    "available",
    "public",
    "private",
    "urgent",
    "empty",
    "broken",
    "sold",
    "rented",
    "booked",
    "online",
    "offline",
    "installed",
    "retired",
    "vaccinated",
    "vegan",
    "organic",
    "fragile",
    "returned",
    "shipped",
    "delivered",
    "closed",
    "approved",
    "locked",
    "hidden",
    "read",
    "starred",
    "finished",
    "blocked",
    "visible",
    "sick",
    "insured",
    "overdue",
    "signed",
]


def grouped(c: Chat) -> None:
    """How many objects each value has, or the mean or sum of a number for each."""
    r = c.r
    taken: set[str] = set()
    title, a = fields.draw(r, fields.NAMES, taken), fields.draw(r, fields.GROUPS, taken)
    n = fields.draw(r, fields.COUNTS, taken)
    values = fields.few(r, a)
    items: list[Value] = [
        {title: fields.text(r, title), a: r.choice(values), n: r.randint(0, 200)} for _ in range(r.randint(2, 5))
    ]
    f, code, slots = _saved(c, items)
    key = f"item[{lit(a)}]"
    kind = r.choice(("count", "count", "average", "sum"))
    if kind != "count" and r.random() < 0.3:
        for item in items:
            del item[title]
        c.world.files[f] = _again(c, f, items)
    c.user(ask(r, f"objects_{kind}_by", held=c.held, shaped=True, a=quoted(r, a), n=quoted(r, n), **slots))
    if kind == "count":
        c.call(
            f"{code}counts = {{}}\nfor item in items:\n    counts[{key}] = counts.get({key}, 0) + 1\n"
            "for key, count in sorted(counts.items()):\n    print(key, count)"
        )
        c.say(f"Those are the numbers of {slots['os']} by {a}.")
    elif kind == "sum":
        c.call(
            f"{code}totals = {{}}\nfor item in items:\n    totals[{key}] = totals.get({key}, 0) + item[{lit(n)}]\n"
            'for key, value in sorted(totals.items()):\n    print(key, f"{value:.12g}")'
        )
        c.say(f"Those are the totals of {n} by {a}.")
    else:
        c.call(
            f"{code}groups = {{}}\nfor item in items:\n    groups.setdefault({key}, []).append(item[{lit(n)}])\n"
            'for key, values in sorted(groups.items()):\n    print(key, f"{sum(values) / len(values):.12g}")'
        )
        c.say(f"Those are the averages of {n} by {a}.")


def flagged(c: Chat) -> None:
    """Those for which something is true, or not."""
    r = c.r
    taken: set[str] = set()
    title = fields.draw(r, ["name", "title", "id", "label", *fields.NAMES[:20]], taken)
    flag = r.choice(_FLAGS) if r.random() < 0.8 else names.word(r)
    while flag == title:
        flag = r.choice(_FLAGS)
    items: list[Value] = [{title: fields.text(r, title), flag: r.random() < 0.5} for _ in range(r.randint(1, 5))]
    _, code, slots = _saved(c, items)
    no = r.random() < 0.3
    test = f"{'not ' if no else ''}item[{lit(flag)}]"
    slots |= {"w": flag, "n": quoted(r, title), "ns": many(title)}
    word = f"not {flag}" if no else flag
    if r.random() < 0.65:
        c.user(ask(r, "objects_not_flag" if no else "objects_flag", held=c.held, shaped=True, **slots))
        out, _ = c.call(f"{code}for item in items:\n    if {test}:\n        print(item[{lit(title)}])")
        c.say(
            f"None of them is {word}." if out == "(no output)" else f"Those are {word}: {', '.join(out.splitlines())}."
        )
        return
    c.user(ask(r, "objects_not_flag_count" if no else "objects_flag_count", held=c.held, shaped=True, **slots))
    out, _ = c.call(f"{code}print(sum(1 for item in items if {test}))")
    c.say(f"{out} {slots['o'] + ' is' if out == '1' else slots['os'] + ' are'} {word}.")


def superlative(c: Chat) -> None:
    """The oldest, the cheapest: its name, and another field of it."""
    r = c.r
    w = r.choice(sorted(VERBS))
    n, high = VERBS[w]
    taken = {n}
    title = fields.draw(r, ["name"] * 16 + ["title", "id", "label"] * 4 + fields.NAMES[:9], taken)
    a = fields.draw(r, fields.GROUPS, taken)
    items: list[Value] = [
        {title: fields.text(r, title), a: fields.text(r, a), n: r.randint(1, 300)} for _ in range(r.randint(2, 4))
    ]
    _, code, slots = _saved(c, items)
    both = r.random() < 0.55
    bare = title == "name" and r.random() < 0.8
    c.user(
        ask(
            r,
            f"objects_superlative{'_bare' if bare else ''}{'_two' if both else ''}",
            held=c.held,
            shaped=True,
            w=w,
            n=title,
            a=quoted(r, a),
            **slots,
        )
    )
    shown = f"best[{lit(title)}], best[{lit(a)}]" if both else f"best[{lit(title)}], best[{lit(n)}]"
    out, _ = c.call(f"{code}best = {'max' if high else 'min'}(items, key=lambda item: item[{lit(n)}])\nprint({shown})")
    found = str((max if high else min)(items, key=lambda item: float(str(item[n])))[title])
    rest = out.removeprefix(found).strip()
    c.say(f"The {w} is {found}, {a} {rest}." if both else f"The {w} is {found} with {n} {rest}.")


def inner_sum(c: Chat) -> None:
    """Objects that hold lists of objects: price times count, added up over all; or one number of them."""
    r = c.r
    taken: set[str] = set()
    inner = fields.draw(r, [*fields.LIST_KEYS, *["lines", "items", "positions", "entries", "rows"] * 6], taken)
    price = fields.draw(r, [*["price", "cost", "unit_price", "rate", "fee"] * 8, *fields.COUNTS], taken)
    count = fields.draw(r, [*["count", "quantity", "qty", "amount", "number"] * 8, *fields.COUNTS], taken)
    items: list[Value] = [
        {
            "id": number,
            inner: [
                {price: r.choice((r.randint(1, 90), r.randint(1, 90) / 2)), count: r.randint(1, 9)}
                for _ in range(r.randint(0, 2))
            ],
        }
        for number in range(1, r.randint(2, 4))
    ]
    _, code, slots = _saved(c, items)
    kind = r.choice(("product", "product", "each", "plain"))
    slots |= {"i": inner, "p": quoted(r, price), "q": quoted(r, count)}
    c.user(ask(r, f"objects_inner_{kind}", held=c.held, shaped=True, **slots))
    part = f"part[{lit(price)}]" + ("" if kind == "plain" else f" * part[{lit(count)}]")
    if kind == "each":
        c.call(
            f"{code}for item in items:\n    total = sum({part} for part in item[{lit(inner)}])\n"
            '    print(item["id"], f"{total:.12g}")'
        )
        c.say(f"Those are the totals of the {slots['os']}.")
        return
    out, _ = c.call(
        f"{code}total = 0\nfor item in items:\n    for part in item[{lit(inner)}]:\n        total += {part}\n"
        'print(f"{total:.12g}")'
    )
    c.say(f"The total is {out}.")


def filtered(c: Chat) -> None:
    """Objects above or below a number, spoken of by what they are."""
    r = c.r
    taken: set[str] = set()
    title, n = fields.draw(r, fields.NAMES, taken), fields.draw(r, fields.COUNTS, taken)
    items: list[Value] = [{title: fields.text(r, title), n: r.randint(0, 120)} for _ in range(r.randint(1, 5))]
    _, code, slots = _saved(c, items)
    sign, w = r.choice(((">", r.choice(ABOVE)), ("<", r.choice(BELOW)), (">=", "at least"), ("<=", "at most")))
    k = str(r.randint(1, 120))
    c.user(
        ask(
            r,
            "objects_over",
            held=c.held,
            shaped=True,
            a=quoted(r, n),
            n=quoted(r, title),
            ns=many(title),
            w=w,
            k=k,
            **slots,
        )
    )
    out, _ = c.call(
        f"{code}for item in items:\n    if item.get({lit(n)}, 0) {sign} {k}:\n        print(item.get({lit(title)}))"
    )
    c.say(f"None has {n} {w} {k}." if out == "(no output)" else f"Those have {n} {w} {k}.")


def tree(c: Chat) -> None:
    """A function that calls itself over a tree of nodes: the sum, the number, the depth or the names of all nodes."""
    r = c.r
    value = r.choice(("value", "value", "size", "weight", "amount", "cost", "count", fields.draw(r, fields.COUNTS)))
    below = r.choice(
        ("children", "children", "children", "nodes", "items", "parts", "branches", "kids", "sub", "replies")
    )
    name = r.choice(("name", "title", "id", "label"))
    kind = r.choice(("sum", "sum", "count", "depth", "names"))
    f = some_file(c, "json", json.dumps(_node(r, name, value, below), indent=r.choice((None, 1))) + "\n")
    c.user(
        ask(
            r,
            f"tree_{kind}",
            held=c.held,
            shaped=True,
            f=quoted(r, f),
            v=quoted(r, value),
            k=quoted(r, below),
            n=quoted(r, name),
        )
    )
    start = "import json\n\ndef "
    each = f"child in node.get({lit(below)}, [])"
    end = f"json.loads(read_file({lit(f)}))"
    if kind == "names":
        c.call(f"{start}show(node):\n    print(node[{lit(name)}])\n    for {each}:\n        show(child)\n\nshow({end})")
        c.say(f"Those are the {many(name)} of all nodes.")
        return
    body = {
        "sum": f"node[{lit(value)}] + sum(total(child) for {each})",
        "count": f"1 + sum(total(child) for {each})",
        "depth": f"1 + max([total(child) for {each}], default=0)",
    }[kind]
    call = "depth" if kind == "depth" else "count" if kind == "count" else "total"
    body = body.replace("total(", call + "(")
    out, _ = c.call(f"{start}{call}(node):\n    return {body}\n\nprint({call}({end}))")
    said = {
        "sum": f"All {value} numbers in {f} add up to {out}.",
        "count": f"{f} has {plural(out, 'node')}.",
        "depth": f"The tree in {f} is {plural(out, 'level')} deep.",
    }
    c.say(said[kind])


def _node(r: Source, name: str, value: str, below: str, depth: int = 0) -> Value:
    made: Value = {name: names.word(r), value: r.randint(0, 50)}
    kids = [_node(r, name, value, below, depth + 1) for _ in range(r.randint(0, 2))] if depth < 2 else []
    return {**made, below: kids} if kids or r.random() < 0.6 else made


def _saved(c: Chat, items: list[Value]) -> tuple[str, str, dict[str, str]]:
    """The list in a file that is mostly called like what it holds: path, code that reads it, slots f, o and os."""
    r = c.r
    o = some_noun(r)
    f = save(c, items)
    if r.random() < 0.6:
        text = c.world.files[f]
        where = f"{names.folder(r)}/" if r.random() < 0.2 else ""
        f = c.world.add(r, f"{where}{many(o)}.json", text)
    return f, load(f).replace("data =", "items ="), {"f": quoted(r, f), "o": o, "os": many(o)}


def _again(c: Chat, f: str, items: list[Value]) -> str:
    return json.dumps(items, indent=2 if "\n " in c.world.files[f] else None) + "\n"
