"""Jobs over nested documents: dotted keys, menus, parts of parts, chains of bosses, numbers at any depth."""

from __future__ import annotations

import json

from codemode_tui.bundled.recipe import fields, names
from codemode_tui.bundled.recipe.direct_kinds import Task
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.file_sets import noun_phrase
from codemode_tui.bundled.recipe.new_texts import plural
from codemode_tui.bundled.recipe.nouns import many, some_noun
from codemode_tui.bundled.recipe.phrasing import ask, quoted
from codemode_tui.bundled.recipe.source import Source
from codemode_tui.tools.protected import is_secret

Tree = dict[str, object]
NOTHING = "(no output)"
_BARE = ("h", "k", "o", "os", "v", "w", "z")
"""Slots that are never quoted."""
_SPACES = {"two spaces": "  ", "2 spaces": "  ", "four spaces": "    ", "4 spaces": "    ", "one space": " "}
_SPACES |= {"a tab": "\\t", "two dashes": "--", "one dash": "-", "a dot": ".", "three spaces": "   "}

_PARTS = ["wheel", "spoke", "rim", "hub", "frame", "bolt", "nut", "screw", "panel", "hinge", "board", "lens", "motor"]
_ABOVE = ["manager", "boss", "supervisor", "lead", "reports_to", "head", "superior", "team_lead", "chief", "parent"]


def dotted(c: Chat) -> None:
    """The values of nested objects, each behind the keys that lead to it, joined by dots; or these keys alone."""
    r = c.r
    f = put(c, "" if r.random() < 0.8 else names.folder(r), "json", json_text(r, _document(r, 0)))
    kind = r.choice(("values", "values", "keys", "count"))
    h = r.choice((" = ", " = ", "=", ": "))
    path = r.choice(("a.b.c", "a.b", "outer.inner.key", "section.key", "one.two.three"))
    ask_for(c, f"jn_dotted_{kind}", f=f, z=ticked(r, path + (f"{h}value" if kind == "values" else "")))
    if kind == "count":
        out, _ = c.call(
            "import json\n\ndef count(value):\n    if isinstance(value, dict):\n"
            "        return sum(count(item) for item in value.values())\n    return 1\n\n"
            f"print(count(json.loads(read_file({lit(f)}))))"
        )
        c.say(f"{f} has {plural(out, 'value')} at all levels.")
        return
    shown = f'print(f"{{prefix}}{{key}}{h}{{value}}")' if kind == "values" else "print(prefix + key)"
    c.call(
        "import json\n\ndef show(data, prefix):\n    for key, value in data.items():\n        if isinstance(value, dict):\n"
        f'            show(value, prefix + key + ".")\n        else:\n            {shown}\n\n'
        f'show(json.loads(read_file({lit(f)})), "")'
    )
    c.say(f"Those are the {'values' if kind == 'values' else 'keys'} of {f}.")


def menus(c: Chat) -> None:
    """A list of nodes with nodes below: printed with indentation, as paths, its leaves or their number."""
    r = c.r
    a = r.choice(("label", "title", "name", "text", "caption", "id", fields.draw(r, fields.NAMES)))
    below = r.choice(("items", "children", "submenu", "entries", "sub", "pages", "nodes", names.word(r)))
    below = below + "_" if below == a else below
    o = r.choice(("menu", "menu", "outline", "tree", "catalogue", "site map", "table of contents", "hierarchy"))
    count = iter(names.word(r) for _ in range(99))

    def nodes(depth: int) -> list[Tree]:
        made: list[Tree] = []
        for _ in range(r.randint(1, 3 - depth) if depth else 2):
            word = next(count)
            node: Tree = {a: word.capitalize() if r.random() < 0.4 else word}
            if depth < 2 and r.random() < 0.65:
                node[below] = nodes(depth + 1)
            made.append(node)
        return made

    f = new_file(c, "json", json.dumps(nodes(0), indent=r.choice((None, 1)), ensure_ascii=False) + "\n", o)
    kind = r.choice(("show", "show", "show", "paths", "leaves", "leaf_names"))
    z, mark = r.choice(sorted(_SPACES)), r.choice((" > ", "/", " / ", " - ", " -> ", ">"))
    ask_for(c, f"jn_menu_{kind}", f=f, o=o, a=a, b=below, z=z, k=f'"{mark}"')
    start, read = "import json\n\ndef ", f"json.loads(read_file({lit(f)}))"
    get, name = f"node.get({lit(below)}, [])", f"node[{lit(a)}]"
    head = f"{start}show(nodes, {'depth' if kind == 'show' else 'path'}):\n    for node in nodes:\n        print("
    if kind == "show":
        c.call(f'{head}"{_SPACES[z]}" * depth + {name})\n        show({get}, depth + 1)\n\nshow({read}, 0)')
    elif kind == "paths":
        c.call(f'{head}path + {name})\n        show({get}, path + {name} + "{mark}")\n\nshow({read}, "")')
    elif kind == "leaves":
        out, _ = c.call(
            f"{start}leaves(nodes):\n    return sum(leaves(node[{lit(below)}]) if node.get({lit(below)}) else 1 "
            f"for node in nodes)\n\nprint(leaves({read}))"
        )
        c.say(f"{f} has {out} {'leaf' if out == '1' else 'leaves'}.")
        return
    else:
        c.call(
            f"{start}show(nodes):\n    for node in nodes:\n        if node.get({lit(below)}):\n"
            f"            show(node[{lit(below)}])\n        else:\n            print({name})\n\nshow({read})"
        )
    said = {"show": f"This is the {o} in {f}.", "paths": f"Those are the paths in {f}."}
    c.say(said.get(kind, f"Those are the leaves of {f}."))


def plain_trees(c: Chat) -> None:
    """Objects in objects whose keys are the names: printed with indentation, their leaves, their depth."""
    r = c.r
    o = r.choice(("menu", "menu", "tree", "folder tree", "outline", "family tree", "hierarchy", "topic tree"))

    def below(depth: int) -> Tree:
        words = [names.word(r) for _ in range(r.randint(1, 3 - depth) if depth else r.randint(2, 3))]
        return {word: below(depth + 1) if depth < 2 and r.random() < 0.6 else {} for word in words}

    f = new_file(c, "json", json_text(r, below(0)), o)
    kind, z = r.choice(("show", "show", "leaves", "depth")), r.choice(sorted(_SPACES))
    ask_for(c, f"jn_tree_{kind}", f=f, o=o, z=z)
    start, read = "import json\n\ndef ", f"json.loads(read_file({lit(f)}))"
    if kind == "show":
        c.call(
            f"{start}show(tree, depth):\n    for name, below in tree.items():\n"
            f'        print("{_SPACES[z]}" * depth + name)\n        show(below, depth + 1)\n\nshow({read}, 0)'
        )
        c.say(f"This is the {o} in {f}.")
        return
    body = {
        "leaves": "sum(leaves(below) if below else 1 for below in tree.values())",
        "depth": "max([1 + depth(below) for below in tree.values()], default=0)",
    }[kind]
    out, _ = c.call(f"{start}{kind}(tree):\n    return {body}\n\nprint({kind}({read}))")
    if kind == "leaves":
        c.say(f"{f} has {out} {'leaf' if out == '1' else 'leaves'}.")
    else:
        c.say(f"The {o} in {f} is {plural(out, 'level')} deep.")


def parts(c: Chat) -> None:
    """Assemblies that consist of parts, some of them assemblies again: how many basic parts, of each kind, of one kind."""
    r = c.r
    words = list(dict.fromkeys(r.choice((names.word(r), r.choice(_PARTS))) for _ in range(30)))[:7]
    basics, subs = words[: r.randint(2, 3)], words[3 : 3 + r.randint(1, 2)]
    made: dict[str, dict[str, int]] = {}
    for at, sub in enumerate(subs):
        found = r.sample(basics, 2) + (subs[:at] if r.random() < 0.7 else [])
        made[sub] = {name: r.randint(1, 6) for name in found}
    made[words[6]] = {name: r.randint(1, 4) for name in [*subs, r.choice(basics)]}
    pairs = list(made.items())
    r.shuffle(pairs)
    f = new_file(c, "json", json_text(r, dict(pairs)), r.choice(("parts", "assemblies", "bom")))
    a, b = words[6] if r.random() < 0.75 else subs[-1], r.choice(basics)
    kind = r.choice(("total", "total", "each", "one"))
    ask_for(c, f"jn_parts_{kind}", f=f, a=a, b=b)
    start = f"import json\nparts = json.loads(read_file({lit(f)}))\n"
    if kind == "each":
        c.call(
            f"{start}totals = {{}}\n\ndef add(name, count):\n    if name in parts:\n"
            "        for part, number in parts[name].items():\n            add(part, count * number)\n    else:\n"
            f"        totals[name] = totals.get(name, 0) + count\n\nadd({lit(a)}, 1)\n"
            "for name, count in sorted(totals.items()):\n    print(name, count)"
        )
        c.say(f"Those are the basic parts of {a}.")
        return
    test, below = (
        ("name not in parts", "parts[name]") if kind == "total" else (f"name == {lit(b)}", "parts.get(name, {})")
    )
    out, _ = c.call(
        f"{start}\ndef total(name):\n    if {test}:\n        return 1\n"
        f"    return sum(count * total(part) for part, count in {below}.items())\n\nprint(total({lit(a)}))"
    )
    c.say(f"{a} has {plural(out, 'basic part')}." if kind == "total" else f"{a} needs {out} of {b}.")


def bosses(c: Chat) -> None:
    """From a name up to the top, by a table or a JSON object of who is above whom: names, their number, the last."""
    r = c.r
    taken: set[str] = set()
    a, b = fields.draw(r, fields.NAMES, taken), fields.draw(r, _ABOVE * 4 + fields.GROUPS[-9:], taken)
    people = list(dict.fromkeys(fields.text(r, "person") for _ in range(30)))[: r.randint(4, 6)]
    above = {
        name: people[r.randrange(at)] if r.random() < 0.4 else people[at - 1] for at, name in enumerate(people) if at
    }
    pairs: list[tuple[str, str]] = list(above.items())
    r.shuffle(pairs)
    if is_csv := r.random() < 0.5:
        pairs.insert(r.randint(0, len(pairs)), (people[0], ""))
        f = new_file(c, "csv", "".join(f"{name},{boss}\n" for name, boss in [(a, b), *pairs]), many(a))
        start = (
            f"import csv\nrows = list(csv.DictReader(read_file({lit(f)}).splitlines()))\n"
            f"above = {{row[{lit(a)}]: row[{lit(b)}] for row in rows}}\n"
        )
    else:
        top: Tree = {people[0]: None} if r.random() < 0.5 else {}
        f = new_file(c, "json", json_text(r, {**dict(pairs), **top}), many(a))
        start = f"import json\nabove = json.loads(read_file({lit(f)}))\n"
    name, kind = r.choice(people[2:]), r.choice(("chain", "chain", "line", "count", "top"))
    mark = r.choice((" > ", " -> ", ", ", "/", " < "))
    fact = noun_phrase(c, "jn_boss_fact_csv" if is_csv else "jn_boss_fact_json")
    ask_for(c, f"jn_boss_{kind}", h=fact, f=f, a=a, b=b, n=name, k=f'"{mark}"')
    end = {
        "chain": "for name in chain:\n    print(name)",
        "line": f'print("{mark}".join(chain))',
        "count": "print(len(chain) - 1)",
        "top": "print(chain[-1])",
    }
    out, _ = c.call(
        f"{start}chain = [{lit(name)}]\nwhile above.get(chain[-1]):\n    chain.append(above[chain[-1]])\n{end[kind]}"
    )
    if kind == "chain":
        c.say(f"Those are {name} and everyone above.")
    else:
        said = {
            "line": f"{out}.",
            "count": f"From {name} to the top it is {plural(out, 'step')}.",
            "top": f"At the top above {name} is {out}.",
        }
        c.say(said[kind])


def anywhere(c: Chat) -> None:
    """The values of one key at any depth of a JSON document: their sum, their number, or all of them."""
    r = c.r
    taken: set[str] = set()
    decimals = r.random() < 0.3
    n = fields.draw(r, fields.DECIMALS if decimals else fields.COUNTS, taken)

    def value(depth: int) -> Tree:
        made: Tree = {fields.draw(r, fields.KEYS, {*taken}): some_setting(r)} if r.random() < 0.6 else {}
        if r.random() < 0.7 or depth == 2:
            made[n] = round(r.uniform(0, 50), 1) if decimals else r.randint(0, 200)
        if depth < 2:
            below = [value(depth + 1) for _ in range(r.randint(1, 2))]
            made[fields.draw(r, fields.PARTS if len(below) == 1 else fields.LIST_KEYS, {*taken, *made})] = (
                below[0] if len(below) == 1 else below
            )
        return made

    f = new_file(c, "json", json_text(r, value(0)))
    kind = r.choice(("sum", "sum", "count", "values"))
    ask_for(c, f"jn_anywhere_{kind}", f=f, n=n)
    if kind == "values":
        c.call(
            "import json\n\ndef show(value):\n    if isinstance(value, dict):\n"
            f"        if {lit(n)} in value:\n            print(value[{lit(n)}])\n"
            "        value = list(value.values())\n    if isinstance(value, list):\n        for item in value:\n"
            f"            show(item)\n\nshow(json.loads(read_file({lit(f)})))"
        )
        c.say(f"Those are the values of {n}.")
        return
    name, first = ("total", f"value.get({lit(n)}, 0)") if kind == "sum" else ("count", f"({lit(n)} in value)")
    read = f"{name}(json.loads(read_file({lit(f)})))"
    shown = f'value = {read}\nprint(f"{{value:.12g}}")' if kind == "sum" else f"print({read})"
    out, _ = c.call(
        f"import json\n\ndef {name}(value):\n    if isinstance(value, dict):\n"
        f"        return {first} + sum({name}(item) for item in value.values())\n    if isinstance(value, list):\n"
        f"        return sum({name}(item) for item in value)\n    return 0\n\n{shown}"
    )
    c.say(f"All {n} values in {f} add up to {out}." if kind == "sum" else f"{n} is there {plural(out, 'time')}.")


def carts(c: Chat) -> None:
    """Carts, orders and the like with prices and quantities inside: the total of each, the largest, those above a limit."""
    r = c.r
    taken: set[str] = set()
    o = r.choice(("cart", "cart", "order", "invoice", "bill", "purchase", some_noun(r)))
    a = fields.draw(r, ["customer", "id", "name", "user", "client", "code", *fields.NAMES[:20]], taken)
    i = fields.draw(r, ["items", "lines", "positions", "products", "articles", "entries"], taken)
    p, q = (
        fields.draw(r, ["price", "unit_price", "cost", "rate"], taken),
        fields.draw(r, ["quantity", "qty", "count", "amount"], taken),
    )
    made: dict[str, list[Tree]] = {}
    totals: dict[str, float] = {}
    while len(made) < 2 or (len(made) < 4 and r.random() < 0.6):
        found = [(r.randint(1, 180) / r.choice((1, 2, 4)), r.randint(1, 6)) for _ in range(r.randint(1, 3))]
        name, total = fields.text(r, "person"), sum(price * number for price, number in found)
        if name not in made and total not in totals.values():
            made[name] = [{p: price if price % 1 else int(price), q: number} for price, number in found]
            totals[name] = total
    flat = r.random() < 0.5
    f = new_file(
        c, "json", json_text(r, made if flat else [{a: name, i: below} for name, below in made.items()]), many(o)
    )
    kind, k = (
        r.choice(("each", "best", "best", "over")),
        str(round(r.choice(sorted(totals.values())) + r.choice((-1, 1)) * r.randint(1, 9))),
    )
    w, sign = r.choice(
        (("above", ">"), ("over", ">"), ("more than", ">"), ("at least", ">="), ("below", "<"), ("under", "<"))
    )
    fact = noun_phrase(c, f"jn_carts_fact_{'map' if flat else 'list'}")
    ask_for(c, f"jn_carts_{kind}", h=fact, f=f, a=a, i=i, p=p, q=q, o=o, os=many(o), w=w, k=k)
    start = f"import json\nitems = json.loads(read_file({lit(f)}))\n" + ("totals = {}\n" if kind == "best" else "")
    name, below = ("name", "parts") if flat else (f"item[{lit(a)}]", f"item[{lit(i)}]")
    loop = "for name, parts in items.items():\n" if flat else "for item in items:\n"
    value = f"sum(part[{lit(p)}] * part[{lit(q)}] for part in {below})"
    code = {
        "each": f'    total = {value}\n    print({name}, f"{{total:.12g}}")',
        "over": f"    total = {value}\n    if total {sign} {k}:\n        print({name})",
        "best": f"    totals[{name}] = {value}\nbest = max(totals, key=totals.get)\n"
        'print(best, f"{totals[best]:.12g}")',
    }
    out, _ = c.call(start + loop + code[kind])
    if kind == "best":
        best, _, most = out.rpartition(" ")
        c.say(f"The largest {o} is that of {best}: {most}.")
    elif kind == "each":
        c.say(f"Those are the totals of the {many(o)}.")
    else:
        c.say(f"No total is {w} {k}." if out == NOTHING else f"Those are the {many(o)} with a total {w} {k}.")


def ask_for(c: Chat, section: str, /, **slots: str) -> None:
    """The question; names are now and then quoted."""
    c.user(
        ask(
            c.r,
            section,
            held=c.held,
            shaped=True,
            **{key: v if key in _BARE else quoted(c.r, v) for key, v in slots.items()},
        )
    )


def ticked(r: Source, text: str) -> str:
    """A pattern of the output, in backticks, in quotation marks or bare."""
    mark = r.choice(("`", "`", '"', "'", ""))
    return mark + text + mark


def new_folder(c: Chat) -> str:
    """A folder with nothing in it yet."""
    d = names.folder(c.r)
    while is_secret(d.split("/")) or d in c.world.files:
        d = names.folder(c.r)
    c.world.files = {path: text for path, text in c.world.files.items() if not path.startswith(d + "/")}
    return d


def free_path(c: Chat, d: str, ending: str) -> str:
    """A path in ``d`` ("" for the top) that is not taken."""
    while True:
        path = (f"{d}/" if d else "") + names.file_name(c.r, ending)
        if path.endswith("." + ending) and path not in c.world.files and not is_secret(path.split("/")):
            return path


def put(c: Chat, d: str, ending: str, text: str) -> str:
    """A new file in ``d``."""
    return c.world.add(c.r, free_path(c, d, ending), text)


def new_file(c: Chat, ending: str, text: str, noun: str = "") -> str:
    """A new file, now and then called like what it holds."""
    r = c.r
    path = f"{(noun or many(some_noun(r))).replace(' ', '_')}.{ending}"
    if r.random() < 0.4 and path not in c.world.files and not is_secret([path]):
        return c.world.add(r, path, text)
    return put(c, "" if r.random() < 0.8 else new_folder(c), ending, text)


def json_text(r: Source, data: object) -> str:
    return json.dumps(data, indent=r.choice((None, 2, 2)), ensure_ascii=False) + "\n"


def sure_word(r: Source) -> str:
    """A word that is no JSON of its own."""
    word = names.word(r)
    return word if word.isalpha() and word.lower() not in ("true", "false", "null", "none", "nan") else "demo"


def some_setting(r: Source) -> object:
    """A word or a number."""
    return r.choice((sure_word(r), r.choice(fields.THINGS), r.randint(0, 9000), r.randint(1, 99)))


def _document(r: Source, depth: int) -> Tree:
    """Objects in objects, three levels at most, with plain values."""
    taken: set[str] = set()
    made: Tree = {fields.draw(r, fields.KEYS, taken): some_setting(r) for _ in range(r.randint(1, 2))}
    if depth < 2 and (not depth or r.random() < 0.6):
        for _ in range(r.randint(1, 2 - depth)):
            made[fields.draw(r, fields.PARTS, taken)] = _document(r, depth + 1)
    pairs = list(made.items())
    r.shuffle(pairs)
    return dict(pairs)


KINDS: list[tuple[Task, int]] = [
    (dotted, 7),
    (menus, 8),
    (plain_trees, 6),
    (parts, 7),
    (bosses, 8),
    (anywhere, 7),
    (carts, 8),
]
