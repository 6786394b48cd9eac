"""Second questions about files that were listed: one of them, or all of them."""

from __future__ import annotations

from codemode_tui.bundled.recipe import shapes
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.file_follow_ups import run
from codemode_tui.bundled.recipe.number_words import ORDINALS
from codemode_tui.bundled.recipe.phrasing import quoted
from codemode_tui.bundled.recipe.second_questions import again

_SIZE, _LINES = 'file_info(path)["size"]', "len(read_file(path).splitlines())"
_ENDS = (
    ("largest", "max", _SIZE, "byte"),
    ("largest", "max", _SIZE, "byte"),
    ("smallest", "min", _SIZE, "byte"),
    ("longest", "max", _LINES, "line"),
    ("shortest", "min", _LINES, "line"),
)
"""The file at one end of an order: its word, how it is found, what is measured."""


def about_listed(c: Chat, listed: list[str], pattern: str) -> None:
    """One question about the ``listed`` files; ``pattern`` is what they were globbed with, or ""."""
    r = c.r
    if pattern and r.random() < 0.25:
        _about_all(c, pattern)
        return
    f = r.choice(listed[:9])
    x = _which(c, listed, f)
    way = r.random()
    if way < 0.45:
        again(c, "fu_one_read", x=x)
        run(c, shapes.READ, f=f)
    elif way < 0.75:
        unit = r.choice(("lines", "lines", "words", "characters"))
        again(c, "fu_one_count", x=x, u=unit, s=unit[:-1])
        run(c, shapes.COUNTS[unit], f=f)
    elif way < 0.87:
        again(c, "fu_one_size", x=x)
        run(c, shapes.SIZE, f=f)
    else:
        n, tail = r.choice((2, 3, 4, 5, 10)), r.random() < 0.4
        again(c, "fu_one_head", x=x, n=str(n), w="last" if tail else "first")
        run(c, shapes.TAIL if tail else shapes.HEAD, f=f, n=str(n))


def _about_all(c: Chat, pattern: str) -> None:
    way = c.r.random()
    if way < 0.45:
        again(c, "fu_how_many_of_them")
        out, _ = c.call(f"print(len(glob_files({lit(pattern)})))")
        c.say(f"There {'is 1 file' if out == '1' else f'are {out} files'}.")
    elif way < 0.75:
        again(c, "fu_lines_of_each")
        c.call(f"for path in glob_files({lit(pattern)}):\n    print(path, len(read_file(path).splitlines()))")
        c.say("Those are the lines of each file.")
    else:
        word, pick, code, unit = c.r.choice(_ENDS)
        again(c, f"fu_{word}_of_them")
        out, _ = c.call(
            f"counts = {{path: {code} for path in glob_files({lit(pattern)})}}\n"
            f"found = {pick}(counts, key=counts.get)\nprint(found, counts[found])"
        )
        name, _, value = out.rpartition(" ")
        c.say(f"It is {name} with {shapes.plural(value, unit)}.")


def _which(c: Chat, listed: list[str], f: str) -> str:
    """How people pick one: by its place, by its number, by its name or a part of it."""
    r = c.r
    at = listed.index(f)
    base = f.rpartition("/")[2]
    stem = base.partition(".")[0]
    ways = [f"number {at + 1}", f"no. {at + 1}", f"file {at + 1}", f"file number {at + 1}", f"#{at + 1}"]
    places = [ORDINALS[at + 1]] * 3
    if at == len(listed) - 1:
        places = ["last", "last", ORDINALS[at + 1]]
    elif at == len(listed) - 2 and at > 1:
        places += ["last but one", "second to last"]
    if len(listed) > 2 and at == len(listed) // 2 and len(listed) % 2:
        places += ["middle", "middle"]
    if len(listed) == 2:
        places.append("upper" if at == 0 else "lower")
    if r.random() < 0.72:
        place = r.choice(places)
        if place == "middle":
            return r.choice(("the middle one", "the one in the middle", "the middle file", "the file in the middle"))
        # "File" alone would be no pointer to the list: "the first file".
        return r.choice(
            (
                f"the {place} one",
                f"the {place} one",
                f"the {place} one",
                f"the {place} of them",
                f"the {place} of those",
                f"the {place} of these",
                f"the {place} file",
                f"the {place}",
                f"the {place} in the list",
                f"the {place} on the list",
                f"the {place} file of the list",
            )
        )
    if r.random() < 0.55:
        return r.choice(ways)
    shown = base if sum(other.rpartition("/")[2] == base for other in listed) == 1 else f
    if len(stem) > 2 and sum(other.rpartition("/")[2].startswith(stem) for other in listed) == 1 and r.random() < 0.5:
        shown = stem
    return r.choice(("the one called ", "the one named ", "the one with the name ", "the file called ")) + quoted(
        r, shown
    )
