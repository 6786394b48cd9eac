"""Requests that take several steps over many files: classify, report, reorganise, loop inside a loop."""

from __future__ import annotations

from codemode_tui.bundled.recipe import contents, names
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.folder_listing import LANGUAGES
from codemode_tui.bundled.recipe.phrasing import ask, quoted

MEASURES = {
    "lines": "len(read_file(path).splitlines())",
    "words": "len(read_file(path).split())",
    "bytes": 'file_info(path)["size"]',
}


def kind_of_file(c: Chat, share: float = 0.6) -> tuple[str, str]:
    """The words for a kind of file ("python ", or "" for all of them) and its glob pattern."""
    r = c.r
    if r.random() > share:
        return "", lit("**/*")
    e = r.choice(sorted(LANGUAGES))
    for _ in range(r.randint(1, 3)):
        c.world.add(r, (f"{names.folder(r)}/" if r.random() < 0.3 else "") + names.file_name(r, e))
    return f"{r.choice((f'.{e}', *LANGUAGES[e]))} ", lit(f"**/*.{e}")


def classify(c: Chat) -> None:
    r = c.r
    kind, pattern = kind_of_file(c)
    unit = r.choice(("lines", "words", "bytes"))
    low, high = sorted(r.sample((2, 3, 5, 8, 10, 20, 50, 100, 200, 500), 2))
    three = r.random() < 0.6
    c.user(
        ask(
            r,
            [
                f"(label|mark|classify) (each|every) {kind}file(| as) small (under|below) {{a}} {unit}(,|) medium (under|below) {{b}}(,|) (else|otherwise) large",
                f"for (each|every) {kind}file (print|say) small if it has (less|fewer) than {{a}} {unit}, medium if (less|fewer) than {{b}}(,| and) large otherwise",
                f"sort the {kind}files into small (less than {{a}} {unit}), medium (less than {{b}}) and large",
                f"which {kind}files are small (below {{a}} {unit}), medium (below {{b}}) or large",
            ]
            if three
            else [
                f"for (each|every) {kind}file (print|say) (short|small) if it has (less|fewer) than {{a}} {unit}(,|) (else|otherwise) long",
                f"(label|mark|classify) (each|every) {kind}file as short (below|under) {{a}} {unit} or long",
                f"tell me for (each|every) {kind}file (whether|if) it is short (under {{a}} {unit}) or long",
                f"which {kind}files are short (under {{a}} {unit}) and which are long",
            ],
            held=c.held,
            a=str(low),
            b=str(high),
        )
    )
    one, other = ("small", "large") if three else ("short", "long")
    middle = f'    elif count < {high}:\n        label = "medium"\n' if three else ""
    c.call(
        f"for path in glob_files({pattern}):\n    count = {MEASURES[unit]}\n    if count < {low}:\n"
        f'        label = "{one}"\n{middle}    else:\n        label = "{other}"\n    print(path, label)'
    )
    c.say(f"Those are the {kind}files with their labels.")


def numbered_lines(c: Chat) -> None:
    """A loop over files and, inside it, over lines."""
    r = c.r
    kind, pattern = kind_of_file(c)
    text = " ".join(c.world.files.values()).split()
    w = r.choice((r.choice(contents.MARKS), r.choice(text) if text else "a", names.word(r)))
    w = "".join(ch for ch in w if ch.isalnum() or ch in "_-") or "TODO"
    if r.random() < 0.5:
        c.user(
            ask(
                r,
                [
                    f"(go through|loop over) (all |the |){kind}files and print (each|every) line with {{w}} and its number",
                    f"for (each|every) {kind}file print the (numbers of the lines|line numbers) (with|that contain) {{w}}",
                    f"at which line numbers of the {kind}files is {{w}}",
                    f"print file, line number and text of every line with {{w}} in the {kind}files",
                ],
                held=c.held,
                w=quoted(r, w),
            )
        )
        out, _ = c.call(
            f"for path in glob_files({pattern}):\n    for number, line in enumerate(read_file(path).splitlines(), 1):\n"
            f"        if {lit(w)} in line:\n            print(path, number, line)"
        )
        c.say(f"No line contains {w}." if out == "(no output)" else f"Those are the lines with {w}.")
        return
    c.user(
        ask(
            r,
            [
                f"(count|show) (how often|how many times) {{w}} (occurs|appears) in (each|every) {kind}file",
                f"for (each|every) {kind}file count {{w}}",
                f"how many times does (each|every) {kind}file (contain|mention) {{w}}",
                f"occurrences of {{w}} per {kind}file",
            ],
            held=c.held,
            w=quoted(r, w),
        )
    )
    c.call(
        f"for path in glob_files({pattern}):\n    count = read_file(path).count({lit(w)})\n"
        "    if count > 0:\n        print(path, count)"
    )
    c.say(f"Those are the files with {w}." if c.turns[-1][1] != "(no output)" else f"No file contains {w}.")


def report(c: Chat) -> None:
    """Collect, sort, add up, format, write: more than five steps."""
    r = c.r
    kind, pattern = kind_of_file(c)
    unit = r.choice(("lines", "words", "bytes"))
    f = names.file_name(r, r.choice(("md", "txt", "md", "txt", "csv")))
    c.user(
        ask(
            r,
            [
                f"(write|make|create) a report of the {unit} of (all|each|every) {kind}file(s|) (to|in|into) {{f}}",
                f"count the {unit} of (each|every) {kind}file and (write|save) (the result|them|a table) (to|in|into) {{f}}",
                f"(save|write) the {kind}files with their {unit}(| and the total) (to|in|into) {{f}}",
                f"summarise the {unit} of all {kind}files in {{f}}",
                f"put a list of the {kind}files and their {unit} into {{f}}",
            ],
            held=c.held,
            f=quoted(r, f),
        )
    )
    c.call(
        f"rows = []\nfor path in glob_files({pattern}):\n    rows.append(({MEASURES[unit]}, path))\n"
        "rows.sort(reverse=True)\ntotal = sum(count for count, path in rows)\n"
        'text = "".join(f"{path}: {count}\\n" for count, path in rows) + f"total: {total}\\n"\n'
        f"write_file({lit(f)}, text)\nprint(len(rows), total)"
    )
    count, total = c.turns[-1][1].split()
    c.say(f"I wrote {f}: {count} {kind}file{'' if count == '1' else 's'} with {total} {unit} in total.")
