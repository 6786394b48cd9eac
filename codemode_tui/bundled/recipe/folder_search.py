"""Questions about lines in many files."""

from __future__ import annotations

from codemode_tui.bundled.recipe import contents, names
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.folder_listing import some_folder
from codemode_tui.bundled.recipe.phrasing import ask, quoted


def search(c: Chat) -> None:
    r = c.r
    text = " ".join(c.world.files.values()).split()
    w = r.choice((r.choice(contents.MARKS), r.choice(text) if text else "a", names.identifier(r), names.word(r)))
    w = "".join(ch for ch in w if ch.isalnum() or ch in "_-") or "TODO"
    d = some_folder(c) if r.random() < 0.35 else ""
    place = f" in {d}" if d else r.choice((" in all files", "", "", " here", " in this project", " everywhere"))
    args = f"{lit(w)}, {lit(d)}" if d else lit(w)
    if r.random() < 0.62:
        if w in contents.MARKS and r.random() < 0.4:
            c.user(
                ask(
                    r,
                    [
                        f"(which|where are the|where are) {w}s{place}",
                        f"(I need|get|print|tell me) (all |the |all the |my |every one of the |){w}s{place}",
                        f"(all|the) {w}s{place}",
                        f"are there any {w}s{place}",
                        f"(collect|find|list|show|show me|gather) (all |the |all the |){w}s{place}",
                        f"what {w}s (are there|are left){place}",
                        f"(give me|print) every {w}{place}",
                    ],
                    held=c.held,
                )
            )
        else:
            c.user(
                ask(
                    r,
                    [
                        f"(hunt|scan|check) (for |){{w}}{place}",
                        f"(I need|show me|print|list) (all |the |every |)(lines|places) (with|where I use|that have) {{w}}{place}",
                        f"(in which|on which) lines (is|does one find) {{w}}{place}",
                        f"where (do I use|did I write|do we have|is the word|do you see) {{w}}{place}",
                        f"{{w}}(:|,) where is it{place}",
                        f"(search|look|grep) for {{w}}{place}",
                        f"(find|find all uses of|find all occurrences of) {{w}}{place}",
                        f"where is {{w}} (used|mentioned|defined){place}",
                        f"which lines (contain|mention) {{w}}{place}",
                        f"grep {{w}}{place}",
                        f"where does {{w}} (occur|appear){place}",
                    ],
                    held=c.held,
                    w=quoted(r, w),
                )
            )
        out, _ = c.call(f"for line in search_files({args}):\n    print(line)")
        tail = f" in {d}" if d else ""
        c.say(f"I found no {w}{tail}." if out == "(no output)" else f"Those are the lines with {w}{tail}.")
    elif r.random() < 0.6:
        c.user(
            ask(
                r,
                [
                    f"(on|in) how many lines (is|does one find|do I have|stands) {{w}}{place}",
                    f"(tell me|find out|I need) how many lines (have|contain) {{w}}{place}",
                    f"how many lines (contain|mention) {{w}}{place}",
                    f"count the lines with {{w}}{place}",
                    f"how (often|many times) (is|does) {{w}} (used|appear|occur){place}",
                    f"how many {{w}}s? are there{place}".replace("s?", ""),
                ],
                held=c.held,
                w=quoted(r, w),
            )
        )
        out, _ = c.call(f"print(len(search_files({args})))")
        c.say(f"{w} is on {out} line{'' if out == '1' else 's'}.")
    else:
        c.user(
            ask(
                r,
                [
                    f"(what|name the|tell me which|I need the) files (have|with|mentioning|contain) {{w}}{place}",
                    f"in (what|which) files (do I use|do you find|stands) {{w}}{place}",
                    f"(the names of|names of) (the |all |)files (with|containing) {{w}}{place}",
                    f"which files (contain|mention|have) {{w}}{place}",
                    f"(list|find|show) (the |all |)files (with|that contain|containing) {{w}}{place}",
                    f"in which files (is|does) {{w}} (appear|occur){place}",
                    f"files with {{w}}{place}",
                ],
                held=c.held,
                w=quoted(r, w),
            )
        )
        out, _ = c.call(
            f'found = search_files({args})\nfor path in sorted({{line.split(":")[0] for line in found}}):\n    print(path)'
        )
        c.say(f"No file contains {w}." if out == "(no output)" else f"Those files contain {w}.")
