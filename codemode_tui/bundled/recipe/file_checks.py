"""Validation and errors that are handled: is it valid, what if it is missing."""

from __future__ import annotations

import json

from codemode_tui.bundled.recipe import contents, names
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.file_reading import some_file
from codemode_tui.bundled.recipe.phrasing import ask, quoted


def validate(c: Chat) -> None:
    r = c.r
    whole = json.dumps(contents.mapping(r), indent=2) + "\n"
    text = whole if r.random() < 0.5 else _broken(c, whole)
    f = some_file(c, "json", text)
    if r.random() < 0.6:
        c.user(
            ask(
                r,
                [
                    "is {f} (valid|valid JSON|valid json|well-formed)",
                    "(check|verify|test) (whether|if|that) {f} is (valid|valid JSON|well-formed)",
                    "validate {f}",
                    "(does {f} parse|can {f} be parsed)",
                    "does {f} hold valid JSON",
                ],
                held=c.held,
                f=quoted(r, f),
            )
        )
        out, _ = c.call(
            f'import json\ntry:\n    json.loads(read_file({lit(f)}))\n    print("valid")\n'
            'except ValueError as error:\n    print("invalid:", error)'
        )
        c.say(f"{f} is valid." if out == "valid" else f"{f} is not valid: {out.removeprefix('invalid: ')}.")
        return
    c.user(
        ask(
            r,
            [
                "(which|what) json files are (invalid|broken|not valid)",
                "(check|validate|verify) (all |every |)(json|JSON|.json) files?".replace("s?", "s"),
                "are all (json|JSON|.json) files (valid|well-formed)",
                "find (the |)(broken|invalid) (json|JSON) files",
                "do all the json files parse",
            ],
            held=c.held,
        )
    )
    out, _ = c.call(
        'import json\nfor path in glob_files("**/*.json"):\n    try:\n        json.loads(read_file(path))\n'
        '        print(path, "valid")\n    except ValueError as error:\n        print(path, "invalid:", error)'
    )
    bad = out.count(" invalid: ")
    c.say("All JSON files are valid." if not bad else f"{bad} JSON file{' is' if bad == 1 else 's are'} not valid.")


def validate_table(c: Chat) -> None:
    r = c.r
    text, _, _ = contents.table(r)
    rows = text.splitlines()
    if r.random() < 0.5 and len(rows) > 1:
        at = r.randrange(1, len(rows))
        rows[at] = rows[at] + ",7" if r.random() < 0.5 or "," not in rows[at] else rows[at].rpartition(",")[0]
    f = some_file(c, "csv", "\n".join(rows) + "\n")
    c.user(
        ask(
            r,
            [
                "(check|validate|verify) (the rows of |the csv file |){f}",
                "(do|have) all rows (of|in) {f} (have |)the same number of (columns|fields)",
                "which rows of {f} have (a wrong|the wrong) number of (columns|fields)",
                "(is {f} a valid csv file|is the table {f} well-formed)",
                "does each row of {f} have as many fields as its header",
            ],
            held=c.held,
            f=quoted(r, f),
        )
    )
    out, _ = c.call(
        f"import csv\nrows = list(csv.reader(read_file({lit(f)}).splitlines()))\n"
        "bad = [number for number, row in enumerate(rows, 1) if len(row) != len(rows[0])]\nprint(bad)"
    )
    c.say(
        f"All rows of {f} have the same number of fields."
        if out == "[]"
        else f"These lines of {f} have a wrong number of fields: {out.strip('[]')}."
    )


def guarded(c: Chat) -> None:
    """A missing file is expected: ``try`` and ``except`` say what to do."""
    r = c.r
    f = some_file(c) if r.random() < 0.5 else names.file_name(r)
    text = names.phrase(r)
    c.user(
        ask(
            r,
            [
                "(read|show|print) {f}(,|) (or|and) (print|say) '{t}' if it (is missing|does not exist|is not there)",
                "try to read {f} and (print|say) '{t}' if that fails",
                "(print|show) {f}(;|,) if (it is missing|there is no such file) (print|say) '{t}'",
                "read {f} safely, with '{t}' when it cannot be found",
            ],
            held=c.held,
            f=quoted(r, f),
            t=text,
        )
    )
    c.call(f"try:\n    print(read_file({lit(f)}))\nexcept FileNotFoundError:\n    print({lit(text)})")
    c.say(f"That is the content of {f}." if f in c.world.files else f"There is no file {f}.")


def _broken(c: Chat, text: str) -> str:
    """JSON with one of the usual mistakes."""
    r = c.r
    way = r.randrange(4)
    if way == 0:
        return text.rstrip().rstrip("}") + "\n"
    if way == 1:
        return text.replace('"', "'", 2)
    if way == 2:
        return text.replace(":", "", 1)
    return text.replace("\n}", ",\n}", 1)
