"""Jobs over a folder in one go: files joined in a given order, lines put on top, numbers added up, boxes counted."""

from __future__ import annotations

from codemode_tui.bundled.recipe import names
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.file_moves import ending, finish
from codemode_tui.bundled.recipe.file_reading import some_file
from codemode_tui.bundled.recipe.file_sets import ask_about, some_set
from codemode_tui.bundled.recipe.new_texts import plural
from codemode_tui.bundled.recipe.nouns import many, some_noun
from codemode_tui.bundled.recipe.phrasing import ask, quoted


def joined(c: Chat) -> None:
    """Three to five named files in one, in the order in which they are named."""
    r = c.r
    count = r.choice((3, 3, 3, 4, 5))
    if r.random() < 0.5:
        stem, e = names.word(r), r.choice(("txt", "md", "csv", "log", ending(r)))
        start = 0 if r.random() < 0.1 else 1
        paths = [c.world.add(r, f"{stem}{number}.{e}") for number in range(start, start + count)]
        if r.random() < 0.15:
            paths.reverse()
    else:
        e = r.choice(("txt", "md", "csv", "log", ending(r)))
        paths = [some_file(c, e) for _ in range(count)]
    g = names.file_name(r, e)
    if len({*paths, g}) < count + 1:
        g = f"whole-{count}.{e}"
        paths = list(dict.fromkeys(paths))
    said = [quoted(r, path) for path in paths]
    last = r.choice((" and ", " and ", ", ", " and then ", ", then "))
    c.user(ask(r, "fj_joined", held=c.held, v=", ".join(said[:-1]) + last + said[-1], g=quoted(r, g)))
    c.call(
        f'paths = [{", ".join(lit(path) for path in paths)}]\ntext = "".join(read_file(path) for path in paths)\n'
        f"write_file({lit(g)}, text)\nprint(len(paths))"
    )
    c.say(f"I joined {plural(str(len(paths)), 'file')} in {g}.")


def line_for_all(c: Chat) -> None:
    """A line on top, or at the end, of every file of a set."""
    r = c.r
    files = some_set(c, without=("top", "all", "two"))
    words = names.phrase(r)
    w = r.choice((f"# {words}", f"# (c) {r.randint(1990, 2035)} {words}", words, f"// {words}", f"-- {words}", words))
    top = r.random() < 0.75
    mark = r.choice("'\"")
    c.user(ask_about(c, "fj_top_line" if top else "fj_last_line", files, w=f"{mark}{w}{mark}"))
    line = f'"{w}\\n"' if '"' not in w and "\\" not in w else repr(w + "\n")
    code = f"write_file(path, {line} + read_file(path))" if top else f"write_file(path, read_file(path) + {line})"
    c.call(f"paths = {files.code}\nfor path in paths:\n    {code}\nprint(len(paths))")
    finish(c, f"I put the line {'on top' if top else 'at the end'} of {{n}}.", "There are no such files.")


def numbers_in_files(c: Chat) -> None:
    """One number in each file, added up, averaged or compared; or several, with the mean of each file."""
    r = c.r
    o = some_noun(r)
    d = many(o) if r.random() < 0.4 else names.folder(r)
    kind = r.choice(("sum", "sum", "mean", "most", "means", "means", "sums"))
    for path in [path for path in c.world.files if path.startswith(d + "/")]:
        del c.world.files[path]
    for _ in range(r.randint(1, 4)):
        size = r.randint(1, 4) if kind in ("means", "sums") else 1
        step = r.choice((1, 1, 2))
        lines = [f"{r.randint(0, 400) / step:g}" for _ in range(size)]
        c.world.add(r, f"{d}/{names.file_name(r, 'txt')}", "\n".join(lines) + "\n")
    c.user(ask(r, f"fj_numbers_{kind}", held=c.held, d=quoted(r, d), o=o))
    loop = f"for path in glob_files({lit(d + '/**/*')}):\n"
    if kind in ("means", "sums"):
        value = "sum(values) / len(values)" if kind == "means" else "sum(values)"
        c.call(
            f"{loop}    values = [float(line) for line in read_file(path).split()]\n"
            f'    print(path, f"{{{value}:.12g}}")'
        )
        c.say(f"Those are the {'averages' if kind == 'means' else 'sums'} of the files.")
    elif kind == "most":
        out, _ = c.call(
            f"values = {{path: float(read_file(path)) for path in glob_files({lit(d + '/**/*')})}}\n"
            'best = max(values, key=values.get)\nprint(best, f"{values[best]:.12g}")'
        )
        found, _, value = out.rpartition(" ")
        c.say(f"{found} has the largest number: {value}.")
    else:
        value = "sum(values)" if kind == "sum" else "sum(values) / len(values)"
        out, _ = c.call(f'values = []\n{loop}    values.append(float(read_file(path)))\nprint(f"{{{value}:.12g}}")')
        c.say(f"The {'sum' if kind == 'sum' else 'average'} is {out}.")


def boxes(c: Chat) -> None:
    """Open or ticked boxes of each file, or of all."""
    r = c.r
    d = r.choice(("todo", "tasks", "notes", "lists", "plans", names.folder(r), names.folder(r), names.folder(r)))
    for _ in range(r.randint(1, 3)):
        lines = [f"- [{r.choice(' x')}] {names.phrase(r)}" for _ in range(r.randint(0, 4))]
        c.world.add(r, f"{d}/{names.file_name(r, 'md')}", "\n".join(lines) + "\n")
    done, whole = r.random() < 0.35, r.random() < 0.35
    sign = "- [x]" if done else "- [ ]"
    w = r.choice(
        ("ticked", "checked", "done", "completed", "finished") if done else ("open", "unticked", "unchecked", "empty")
    )
    c.user(ask(r, "fj_boxes_all" if whole else "fj_boxes", held=c.held, d=quoted(r, d), w=w))
    loop = f"for path in glob_files({lit(d + '/**/*')}):\n"
    if whole:
        out, _ = c.call(f'total = 0\n{loop}    total += read_file(path).count("{sign}")\nprint(total)')
        c.say(f"There {'is' if out == '1' else 'are'} {out} {w} checkbox{'' if out == '1' else 'es'} in {d}.")
        return
    c.call(f'{loop}    print(path, read_file(path).count("{sign}"))')
    c.say(f"Those are the {w} checkboxes of each file.")


def shared_lines(c: Chat) -> None:
    """Pairs of files of a folder with a line in common."""
    r = c.r
    d = names.folder(r)
    pool = [names.phrase(r) for _ in range(5)]
    for _ in range(r.randint(2, 4)):
        lines = [r.choice(pool) if r.random() < 0.4 else names.phrase(r) for _ in range(r.randint(1, 3))]
        c.world.add(r, f"{d}/{names.file_name(r, 'txt')}", "\n".join(lines) + "\n")
    c.user(ask(r, "fj_shared", held=c.held, d=quoted(r, d)))
    out, _ = c.call(
        f"lines = {{path: set(read_file(path).splitlines()) for path in glob_files({lit(d + '/**/*')})}}\n"
        "for first in lines:\n    for second in lines:\n        if first < second and lines[first] & lines[second]:\n"
        "            print(first, second)"
    )
    c.say("No two files share a line." if out == "(no output)" else "Those share a line.")


def word_frequencies(c: Chat) -> None:
    """Every word over all files, the most frequent first."""
    files = some_set(c, without=("top", "all"))
    for path in list(c.world.files)[3:]:
        c.world.files[path] = "\n".join(c.world.files[path].splitlines()[:2]) + "\n"
    c.user(ask_about(c, "fj_frequencies", files))
    out, _ = c.call(
        f"from collections import Counter\ncounts = Counter()\nfor path in {files.code}:\n"
        "    counts.update(read_file(path).split())\nfor word, count in counts.most_common():\n    print(word, count)"
    )
    c.say("There are no words." if out == "(no output)" else "Those are the words, the most frequent first.")


def sorted_report(c: Chat) -> None:
    """A file with a line "name: lines" for each file, by name."""
    r = c.r
    files = some_set(c, without=("top", "all", "two"))
    g = names.file_name(r, "txt")
    unit, code = r.choice((("lines", "len(read_file(path).splitlines())"), ("words", "len(read_file(path).split())")))
    c.user(ask_about(c, "fj_report", files, g=quoted(r, g), u=unit))
    out, _ = c.call(
        f'rows = []\nfor path in {files.code}:\n    rows.append(f"{{path}}: {{{code}}}")\n'
        f'write_file({lit(g)}, "".join(row + "\\n" for row in sorted(rows)))\nprint(len(rows))'
    )
    c.say(f"I wrote {g} with {plural(out, 'line')}.")


def two_moves(c: Chat) -> None:
    """Files of one kind into one folder, of another kind into another."""
    r = c.r
    a, b = r.sample(
        ("md", "csv", "txt", "json", "py", "log", "html", "css", "js", "sql", "xml", "yaml", "tex", "sh"), 2
    )
    d, e = names.folder(r), names.folder(r)
    for kind in (a, a, b):
        c.world.add(r, names.file_name(r, kind).lower())
    c.user(ask(r, "fj_two_moves", held=c.held, d=quoted(r, d), e=quoted(r, e), a=a, b=b, xa=f".{a}", xb=f".{b}"))
    c.call(
        f'for path in glob_files("*.{a}"):\n    move_file(path, "{d}/" + path)\n'
        f'for path in glob_files("*.{b}"):\n    move_file(path, "{e}/" + path)\nprint("moved")'
    )
    c.say(
        f"I moved the .{a} files into {d} and the .{b} files into {e}."
        if c.turns[-1][1] == "moved"
        else "A file of that name exists already, so I stopped there."
    )


def by_first_line(c: Chat) -> None:
    """Files into a folder that their first line names, or those whose first line is a given one."""
    r = c.r
    d = names.folder(r)
    pool = [names.scramble(r) for _ in range(2)]
    for _ in range(r.randint(2, 4)):
        first = r.choice(pool)
        c.world.add(r, f"{d}/{names.file_name(r, 'txt')}", f"{first}\n{names.phrase(r)}\n")
    if r.random() < 0.5:
        c.user(ask(r, "fj_first_line_folder", held=c.held, d=quoted(r, d)))
        c.call(
            f"paths = glob_files({lit(d + '/*')})\nfor path in paths:\n    folder = read_file(path, 1, 1).strip()\n"
            '    move_file(path, folder + "/" + path.rpartition("/")[2])\nprint(len(paths))'
        )
        finish(c, "I moved {n} into the folders that they name.", f"There are no files in {d}.")
        return
    w, g = pool[0], names.folder(r)
    c.user(ask(r, "fj_first_line_is", held=c.held, d=quoted(r, d), w=quoted(r, w), g=quoted(r, g)))
    c.call(
        f"count = 0\nfor path in glob_files({lit(d + '/*')}):\n    if read_file(path, 1, 1).strip() == {lit(w)}:\n"
        f'        move_file(path, "{g}/" + path.rpartition("/")[2])\n        count += 1\nprint(count)'
    )
    finish(c, f"I moved {{n}} into {g}.", f"No file in {d} begins with the line {w}.")


def endings_in_folder(c: Chat) -> None:
    """Another ending for the files of a folder, and underscores for spaces."""
    r = c.r
    d = names.folder(r)
    old, new = ending(r), ending(r)
    if r.random() < 0.3:
        old, new = r.choice((("text", "txt"), ("jpeg", "jpg"), ("htm", "html"), ("yml", "yaml"), ("mdown", "md")))
    if old == new:
        new += "x"
    for _ in range(r.randint(1, 3)):
        c.world.add(r, f"{d}/{names.stem(r)}.{old}")
    c.user(ask(r, "fj_ending", held=c.held, d=quoted(r, d), a=old, b=new, xa="." + old, xb="." + new))
    c.call(
        f'paths = glob_files("{d}/**/*.{old}")\nfor path in paths:\n'
        f'    move_file(path, path.removesuffix(".{old}") + ".{new}")\nprint(len(paths))'
    )
    finish(c, f"I renamed {{n}} in {d} to .{new}.", f"There are no .{old} files in {d}.")


def label(c: Chat) -> None:
    """A label of the user's own words for each file, by its lines or words."""
    r = c.r
    files = some_set(c, without=("top", "two"))
    unit, code = r.choice((("lines", "len(read_file(path).splitlines())"), ("words", "len(read_file(path).split())")))
    low, high = sorted(r.sample((2, 3, 5, 8, 10, 20, 30, 50, 100, 200, 500, *r.sample(range(4, 99), 3)), 2))
    trios = ("short medium long", "tiny normal huge", "small big giant", "thin fair thick", "low mid high", "S M L")
    x, y, z = r.choice(trios).split() if r.random() < 0.6 else r.sample(r.words, 3)
    mark = r.choice(("", "'", '"'))
    slots = {"x": mark + x + mark, "y": mark + y + mark, "z": mark + z + mark}
    c.user(ask_about(c, "fj_label", files, a=str(low), b=str(high), u=unit, **{f"l{k}": v for k, v in slots.items()}))
    out, _ = c.call(
        f"for path in {files.code}:\n    count = {code}\n    if count < {low}:\n        label = {lit(x)}\n"
        f"    elif count <= {high}:\n        label = {lit(y)}\n    else:\n        label = {lit(z)}\n    print(path, label)"
    )
    c.say("There are no such files." if out == "(no output)" else "Those are the files with their labels.")
