"""Questions about what stands in a file: occurrences, lines, presence, comparison."""

from __future__ import annotations

from codemode_tui.bundled.recipe import names
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.file_reading import some_file
from codemode_tui.bundled.recipe.phrasing import ask, quoted


def occurrences(c: Chat) -> None:
    r = c.r
    f = some_file(c)
    words = c.world.files[f].split()
    w = r.choice(words).strip(".!:,()") if words and r.random() < 0.6 else names.word(r)
    w = w or "the"
    if r.random() < 0.6:
        c.user(
            ask(
                r,
                [
                    "how (often|many times) (do you find|can you find|is there) {w} in {f}",
                    "in {f}(,|) how (often|many times) (is|does one find) {w}",
                    "(tell me|find out|I need) how (often|many times) {w} is in {f}",
                    "{w} in {f}(:|,) how (often|many times)",
                    "how (often|many times) does {f} (say|use|mention|have) {w}",
                    "how (often|many times) does {w} (occur|appear|come up) in {f}",
                    "count (the word |){w} in {f}",
                    "how many times is {w} in {f}",
                    "count (how often|how many times) {w} (appears|occurs) in {f}",
                    "(number of|count the) occurrences of {w} in {f}",
                ],
                held=c.held,
                w=quoted(r, w),
                f=quoted(r, f),
            )
        )
        out, _ = c.call(f"text = read_file({lit(f)})\nprint(text.count({lit(w)}))")
        c.say(f"{w} occurs {out} time{'' if out == '1' else 's'} in {f}.")
    else:
        c.user(
            ask(
                r,
                [
                    "does {w} (stand|occur|appear|come up) in {f}",
                    "(do you find|can you find|can you see) {w} in {f}",
                    "is {w} (written|mentioned|anywhere) in {f}",
                    "has {f} (got |)(a |any |){w}( in it|)",
                    "does {f} (say|have) (anything about |){w}",
                    "does {f} (contain|mention|include) {w}",
                    "is {w} in {f}",
                    "(check|see|tell me) (whether|if) {f} (contains|mentions|has) {w}",
                    "is there (a |){w} in {f}",
                ],
                held=c.held,
                w=quoted(r, w),
                f=quoted(r, f),
            )
        )
        out, _ = c.call(f"text = read_file({lit(f)})\nprint({lit(w)} in text)")
        c.say(f"Yes, {f} contains {w}." if out == "True" else f"No, {f} does not contain {w}.")


def lines_with(c: Chat) -> None:
    r = c.r
    f = some_file(c)
    words = c.world.files[f].split()
    w = (r.choice(words).strip(".!:,()") if words and r.random() < 0.7 else names.word(r)) or "a"
    c.user(
        ask(
            r,
            [
                "(I want|I need|let me see|get me) (the |all |every |)lines (of|in|from) {f} (with|about|that has|that have) {w}",
                "from {f}(,|) (show|print|take) (the |all |only the |)lines (with|about|containing) {w}",
                "(only|just) the lines (with|about) {w} (of|in|from) {f}",
                "in {f}(,|) which lines (have|say|mention) {w}",
                "(take|pull|filter) the lines with {w} (out of|from) {f}",
                "(show|print|find|list|give me) (the |all |)lines (with|containing|that contain|that mention) {w} in {f}",
                "which lines (of|in) {f} (contain|mention|have) {w}",
                "find {w} in {f}",
                "(grep|search) {f} for {w}",
                "search for {w} in {f}",
                "look for {w} in {f}",
            ],
            held=c.held,
            w=quoted(r, w),
            f=quoted(r, f),
        )
    )
    out, _ = c.call(f"for line in read_file({lit(f)}).splitlines():\n    if {lit(w)} in line:\n        print(line)")
    c.say(f"No line of {f} contains {w}." if out == "(no output)" else f"Those are the lines of {f} with {w}.")


def exists(c: Chat) -> None:
    r = c.r
    f = some_file(c) if r.random() < 0.55 else names.file_name(r)
    c.user(
        ask(
            r,
            [
                "have (I|we) (got |)(a |a file |){f}",
                "(is|was) {f} (here|there|in this folder|around)",
                "can you (see|find) (a file |){f}",
                "(there is|we have) a {f}(,|) (right|correct|no)",
                "{f} exists(,|) (doesn't it|right|yes or no)",
                "(tell me|find out|say) (whether|if) (there is a|I have|we have) {f}",
                "does (the file |){f} exist",
                "is there (a file called |a |){f}(| here)",
                "do (we|I) have (a |){f}",
                "(check|see) (if|whether) {f} exists",
                "(can you check|tell me) if there is a file {f}",
            ],
            held=c.held,
            f=quoted(r, f),
        )
    )
    out, _ = c.call(f'print({lit(f)} in glob_files("**/*"))')
    c.say(f"Yes, {f} exists." if out == "True" else f"No, there is no file {f}.")


def compare(c: Chat) -> None:
    r = c.r
    f = some_file(c)
    g = some_file(c, f.rsplit(".", 1)[-1] if "." in f else None, c.world.files[f] if r.random() < 0.35 else None)
    if r.random() < 0.5:
        c.user(
            ask(
                r,
                [
                    "compare {f} (and|with) {g}",
                    "are {f} and {g} (the same|identical|equal)",
                    "(is {f} the same as|is {f} equal to) {g}",
                    "do {f} and {g} differ",
                ],
                held=c.held,
                f=quoted(r, f),
                g=quoted(r, g),
            )
        )
        out, _ = c.call(f'a = read_file({lit(f)})\nb = read_file({lit(g)})\nprint("same" if a == b else "different")')
        c.say(f"{f} and {g} are the same." if out == "same" else f"{f} and {g} are different.")
    else:
        c.user(
            ask(
                r,
                [
                    "which (is longer|has more lines)(,|:) {f} or {g}",
                    "(is {f} longer than|does {f} have more lines than) {g}",
                    "which file (has more lines|is longer)(,|) {f} or {g}",
                ],
                held=c.held,
                f=quoted(r, f),
                g=quoted(r, g),
            )
        )
        out, _ = c.call(
            f"a = len(read_file({lit(f)}).splitlines())\nb = len(read_file({lit(g)}).splitlines())\nprint(a, b)"
        )
        a, b = (int(x) for x in out.split())
        c.say(
            f"{f} is longer, with {a} lines against {b}."
            if a > b
            else f"{g} is longer, with {b} lines against {a}."
            if b > a
            else f"Both have {a} lines."
        )
