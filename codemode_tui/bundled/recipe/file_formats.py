"""Questions about Python files, answered with the standard library."""

from __future__ import annotations

from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.file_reading import some_file
from codemode_tui.bundled.recipe.phrasing import ask, quoted


def python_facts(c: Chat) -> None:
    r = c.r
    f = some_file(c, "py")
    what, test, show = r.choice(
        (
            ("functions", "ast.FunctionDef", "node.name"),
            ("classes", "ast.ClassDef", "node.name"),
            ("imports", "ast.Import", "node.names[0].name"),
        )
    )
    loop = f"import ast\ntree = ast.parse(read_file({lit(f)}))\n"
    if r.random() < 0.55:
        c.user(
            ask(
                r,
                [
                    "(I need|tell me|give me|print) (all |the |)(names of the |)"
                    + what
                    + " (in|of|from|that stand in) {f}",
                    "in {f}(,|) (which|what) " + what + " (are there|do you find)",
                    "{f}(:|,) (which|what) " + what,
                    "(list|show|print|name|find) (all |the |)" + what + " (in|of) {f}",
                    f"(which|what) {what} (are|are there|are defined) in {{f}}",
                    f"what {what} does {{f}} (have|define|contain)",
                    f"get all {what} from {{f}}",
                ],
                held=c.held,
                f=quoted(r, f),
            )
        )
        out, _ = c.call(loop + f"for node in ast.walk(tree):\n    if isinstance(node, {test}):\n        print({show})")
        c.say(f"{f} has no {what}." if out == "(no output)" else f"Those are the {what} in {f}.")
    else:
        c.user(
            ask(
                r,
                [
                    f"how many {what} (are in|are there in|are defined in) {{f}}",
                    f"count the {what} (in|of) {{f}}",
                    f"how many {what} does {{f}} (have|define)",
                    f"number of {what} in {{f}}",
                ],
                held=c.held,
                f=quoted(r, f),
            )
        )
        out, _ = c.call(loop + f"print(sum(isinstance(node, {test}) for node in ast.walk(tree)))")
        c.say(f"{f} has {out} {what if out != '1' else what[:-1] if what != 'classes' else 'class'}.")
