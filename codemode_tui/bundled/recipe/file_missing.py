"""A file that is not there: the similar one is offered, or the answer says so."""

from __future__ import annotations

from codemode_tui.bundled.recipe import names
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.file_reading import COUNTS, THE, some_file
from codemode_tui.bundled.recipe.phrasing import ask, quoted


def missing(c: Chat) -> None:
    """A file that is not there: the similar one is tried, or the answer says so."""
    r = c.r
    near = some_file(c)
    stem, dot, ending = near.rpartition(".")
    wrong = (
        r.choice(
            (
                near.lower() if near.lower() != near else stem + "s" + dot + ending,
                stem + "s" + dot + ending,
                stem[:-1] + dot + ending,
            )
        )
        if r.random() < 0.6 and len(stem) > 3
        else names.file_name(r)
    )
    if wrong in c.world.files:
        wrong = "x" + wrong
    unit = r.choice(sorted(COUNTS))
    reading = r.random() < 0.5
    if reading:
        c.user(
            ask(
                r,
                [
                    "(read|open|show|show me|print) " + THE + "{f}",
                    "what is in {f}",
                    "(show the contents of|cat) {f}",
                ],
                held=c.held,
                f=quoted(r, wrong),
            )
        )
        out, _ = c.call(f"print(read_file({lit(wrong)}))")
    else:
        c.user(
            ask(
                r,
                [
                    f"how many {unit} are in {{f}}",
                    f"(count|count the) {unit} (in|of) {{f}}",
                    f"how many {unit} does {{f}} have",
                ],
                held=c.held,
                f=quoted(r, wrong),
            )
        )
        out, _ = c.call(f"text = read_file({lit(wrong)})\nprint({COUNTS[unit]})")
    if "(similar: " not in out:
        c.say(f"There is no file {wrong}.")
        return
    other = out.split("(similar: ")[1].split(", ")[0].rstrip(")")
    c.say(f"There is no file {wrong}. Did you mean {other}?")
    if r.random() < 0.35:
        c.user(ask(r, ["yes", "yes please", "yes, that one", "yep", "that one", "right"], held=c.held))
        if reading:
            out, _ = c.call(f"print(read_file({lit(other)}))")
            c.say(
                f"{other} is empty." if not out.strip() or out == "(no output)" else f"That is the content of {other}."
            )
        else:
            out, _ = c.call(f"text = read_file({lit(other)})\nprint({COUNTS[unit]})")
            c.say(f"{other} has {out} {unit if out != '1' else unit[:-1]}.")
