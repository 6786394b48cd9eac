"""Requests that change one value in a structured file: key=value, JSON, a counter, a row of a table."""

from __future__ import annotations

import json

from codemode_tui.bundled.recipe import contents, names
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.file_changes import ENDED
from codemode_tui.bundled.recipe.file_reading import some_file
from codemode_tui.bundled.recipe.new_texts import told
from codemode_tui.bundled.recipe.phrasing import ask, quoted
from codemode_tui.bundled.recipe.source import Source

_KEYS = [
    "name",
    "version",
    "port",
    "host",
    "debug",
    "title",
    "author",
    "user",
    "timeout",
    "level",
    "path",
    "mode",
    "theme",
    "color",
    "size",
    "width",
    "height",
    "language",
    "locale",
    "retries",
    "delay",
    "limit",
    "count",
    "total",
    "price",
    "amount",
    "age",
    "score",
    "rate",
    "speed",
    "depth",
    "threads",
    "workers",
    "memory",
    "cache",
    "ttl",
    "url",
    "email",
    "region",
    "zone",
    "city",
    "country",
    "currency",
    "enabled",
    "verbose",
    "active",
    "public",
    "license",
    "description",
    "status",
    "state",
    "type",
    "kind",
    "format",
    "encoding",
    "font",
    "margin",
    "padding",
    "interval",
    "max_size",
    "min_size",
    "log_level",
    "api_url",
    "db_name",
    "db_host",
    "db_port",
    "max_retries",
    "page_size",
    "batch_size",
    "seed",
    "epochs",
    "volume",
    "brightness",
    "quality",
    "priority",
    "owner",
    "team",
    "project",
    "branch",
    "build",
    "release",
    "stage",
    "output",
    "input",
    "prefix",
    "suffix",
    "token_limit",
    "root",
    "home",
    "editor",
    "shell",
    "pager",
    "proxy",
    "domain",
    "schema",
    "table",
    "column",
    "index",
]


def _key(r: Source, *, plain: bool = False) -> str:
    """A key of a settings file."""
    way = r.random()
    if way < 0.55:
        return r.choice(_KEYS)
    if way < 0.8 or plain:
        return f"{r.choice(r.words)}_{r.choice(_KEYS)}"
    return names.identifier(r).lower()


def _value(r: Source) -> str:
    """A value without quotes or blanks."""
    way = r.random()
    if way < 0.4:
        return str(names.number(r))
    if way < 0.6:
        return r.choice(("true", "false", "on", "off", "yes", "no", "none", "debug", "info", "dark", "light", "utf-8"))
    if way < 0.7:
        return f"{r.randint(0, 9)}.{r.randint(0, 20)}" + (f".{r.randint(0, 9)}" if r.random() < 0.5 else "")
    return names.word(r)


def set_key(c: Chat) -> None:
    """KEY=value in a file of such lines; the style of the line stays, and what is missing is added."""
    r = c.r
    capital = r.random() < 0.35
    mark = "=" if capital or r.random() < 0.4 else " = "
    keys = list(dict.fromkeys(_key(r, plain=True) for _ in range(r.randint(2, 5))))
    keys = [k.upper() if capital else k for k in keys]
    head = f"[{r.choice(r.words)}]\n" if not capital and r.random() < 0.5 else ""
    text = head + "".join(f"{k}{mark}{_value(r)}\n" for k in keys)
    f = some_file(c, r.choice(("ini", "cfg", "conf", "properties", "ini", "toml")), text)
    k, v = r.choice(keys), _value(r)
    if f.endswith("toml"):  # its texts need quotes
        v = r.choice(("true", "false", str(names.number(r))))
    if not head and r.random() < 0.15:
        k = _key(r, plain=True)
        k = k.upper() if capital else k
    q = r.choice(("=", " = ", "="))
    c.user(ask(r, "changes.set_key", held=c.held, f=quoted(r, f), k=quoted(r, k), v=quoted(r, v), q=q))
    c.call(
        f'import re\ntext, count = re.subn(r"(?m)^({k} *= *).*", r"\\g<1>{v}", read_file({lit(f)}))\n'
        f'if count == 0:\n    text += "{k}={v}\\n"\nwrite_file({lit(f)}, text)\nprint("written")'
    )
    c.say(f"{k} is {v} in {f} now.")


def _json_file(c: Chat) -> tuple[str, dict[str, object]]:
    made = contents.mapping(c.r)
    return some_file(c, "json", json.dumps(made, indent=2) + "\n"), made


def _python(value: str) -> str:
    """The value as Python writes it."""
    known = {"true": "True", "false": "False", "none": "None", "null": "None"}
    try:
        float(value)
    except ValueError:
        return known.get(value, lit(value))
    return value if value == "0" or not value.startswith("0") or value.startswith("0.") else lit(value)


def json_key(c: Chat) -> None:
    """Set, add, remove or raise one key of a JSON file."""
    r = c.r
    f, made = _json_file(c)
    way = r.random()
    plain = [k for k, v in made.items() if not isinstance(v, dict | list)]
    numbers = [k for k, v in made.items() if isinstance(v, int)]
    load = f"import json\ndata = json.loads(read_file({lit(f)}))\n"
    save = f'write_file({lit(f)}, json.dumps(data, indent=2) + "\\n")\n'
    if way < 0.15:
        k = r.choice(sorted(made))
        c.user(ask(r, "changes.drop_key", held=c.held, f=quoted(r, f), k=quoted(r, k)))
        c.call(f'{load}del data[{lit(k)}]\n{save}print("deleted")')
        c.say(f"I deleted {k} from {f}.")
        return
    if way < 0.4 and numbers:
        k, n = r.choice(numbers), str(r.choice((1, 1, 2, 5, 10, 100, r.randint(2, 99))))
        said = "one" if n == "1" and r.random() < 0.4 else n
        c.user(ask(r, "changes.raise_key", held=c.held, f=quoted(r, f), k=quoted(r, k), n=said))
        out, _ = c.call(f"{load}data[{lit(k)}] += {n}\n{save}print(data[{lit(k)}])")
        c.say(f"{k} is {out} in {f} now.")
        return
    adding = way < 0.6 or not plain
    k, v = _key(r) if adding else r.choice(plain), _value(r)
    section = "add_key" if adding else "set_key"
    said = quoted(r, v) if _python(v) == lit(v) else v
    q = r.choice(("=", " = ", ": ", ": "))
    c.user(ask(r, f"changes.{section}", held=c.held, f=quoted(r, f), k=quoted(r, k), v=said, q=q))
    c.call(f'{load}data[{lit(k)}] = {_python(v)}\n{save}print("written")')
    c.say(f"{k} is {v} in {f} now.")


def count_up(c: Chat) -> None:
    """A file that holds nothing but a number."""
    r = c.r
    f = some_file(c, r.choice(("txt", "txt", "cfg", "num", "count", "log")), f"{names.number(r)}\n")
    n = str(r.choice((1, 1, 1, 2, 5, 10, 100, r.randint(2, 99))))
    said = "one" if n == "1" and r.random() < 0.4 else n
    c.user(ask(r, "changes.count_up", held=c.held, f=quoted(r, f), n=said))
    out, _ = c.call(
        f'number = int(read_file({lit(f)})) + {n}\nwrite_file({lit(f)}, str(number) + "\\n")\nprint(number)'
    )
    c.say(f"The number in {f} is {out} now.")


def add_row(c: Chat) -> None:
    """A row at the end of a table: as text, or by the names of its columns."""
    r = c.r
    text, texts, _ = contents.table(r)
    f = some_file(c, "csv", text)
    columns = text.splitlines()[0].split(",")
    values = [names.word(r) if k in texts else str(r.randint(0, 500)) for k in columns]
    row = ",".join(values)
    if r.random() < 0.6:
        told(c, "changes.add_row", row, f=quoted(r, f))
    else:
        pairs = [f"{k}{r.choice((' ', '=', ' = ', ': '))}{v}" for k, v in zip(columns, values, strict=True)]
        p = ", ".join(pairs[:-1]) + (r.choice((" and ", ", ")) if len(pairs) > 1 else "") + pairs[-1]
        c.user(ask(r, "changes.add_row_named", held=c.held, f=quoted(r, f), p=p))
    c.call(f'text = read_file({lit(f)})\n{ENDED}write_file({lit(f)}, text + {lit(row)} + "\\n")\nprint("added")')
    c.say(f"I added the row to {f}.")
