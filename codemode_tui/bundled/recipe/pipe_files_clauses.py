"""Clauses that jobs over the files of a folder share: order, limit, format, labels, what is printed at the end and what if
there are no files; and how all clauses make one question."""

from __future__ import annotations

import re

from codemode_tui.bundled.recipe import names
from codemode_tui.bundled.recipe.example import lit
from codemode_tui.bundled.recipe.grammar import choose
from codemode_tui.bundled.recipe.job_many_files import free
from codemode_tui.bundled.recipe.number_words import CARDINALS
from codemode_tui.bundled.recipe.phrasing import QUESTIONS, shape
from codemode_tui.bundled.recipe.pipe_files_parts import UNITS, Job, Value, put, word
from codemode_tui.bundled.recipe.source import Source

FORMATS = (
    *(
        "P: V",
        "P: V",
        "P: V",
        "P - V",
        "P = V",
        "V P",
        "V: P",
        "P;V",
        "P,V",
        "P -> V",
        "P | V",
        "V - P",
        "P=V",
        "P (V)",
    ),
    *("[V] P", "P -- V", "P / V", "V, P", "* P: V", "- P: V", "P, V", "V;P", "V | P", "P => V", "(V) P", "P\u2013V"),
)
"""P is the name, V the value."""
UNIT_FORMATS = ("P: V U", "P: V U", "P has V U", "P - V U", "V U: P", "P (V U)", "V U in P", "P, V U", "P = V U")
"""The same with the unit."""
_MESSAGES = (
    "nothing found|no such files|no match|none here|nothing to do|all clean|no files today|nobody home|not a single one|"
    "nothing to report|no hits at all|folder is fine|nothing left over|all good here|no file fits|empty result|"
    "nothing matched|sorry, none|zero files|keine Dateien|move along|no luck this time|list is empty|nothing new"
)
_TERSE = (
    "pf_list",
    "pf_each",
    "pf_total",
    "pf_average",
    "pf_count",
    "pf_best",
    "pf_per_total",
    "pf_per_count",
    "pf_per_most",
)


def otherwise(job: Job, none: str, body: list[str], *, saved: bool) -> None:
    """Add ``body``, or, with ``none``, a message if there are no files and ``body`` else."""
    if not none:
        job.code += body
        return
    r = job.c.r
    msg = " ".join(names.word(r) for _ in range(r.randint(2, 5)))
    if r.random() < 0.45:
        msg = r.choice(_MESSAGES.split("|"))
        msg = msg.capitalize() if r.random() < 0.3 else msg
    job.fill("msg", in_marks(r, msg), mark=False)
    job.last.append(job.part("pf_else_saved" if saved else "pf_else"))
    job.code += ["if not paths:", f"    print({lit(msg)})", "else:", *("    " + one for one in body)]


def else_drawn(r: Source, share: float = 0.3) -> str:
    """Whether it is said what is printed if there is no file: "", "asked", or "taken" if that comes about."""
    if r.random() >= share:
        return ""
    return "taken" if r.random() < 0.35 else "asked"


def ordered(job: Job, order: str, value: Value | None, shown: str) -> None:
    """The files by value or by name, perhaps only the first few."""
    if not order:
        return
    if order == "names":
        code = "sorted(paths, reverse=True)"
        job.order.append((job.part("pf_names"), job.part("pf_names_own")))
    else:
        code = f"sorted(paths, key=values.get{', reverse=True' if order == 'down' else ''})"
        about = shown or job.part(f"pf_v_{value.kind}" if value else "pf_v_lines")
        near = job.part(f"pf_{order}") if shown and job.c.r.random() < 0.6 else job.part(f"pf_{order}_by", V=about)
        job.order.append((near, job.part(f"pf_{order}_own", V=about)))
    job.code.append(f"paths = {code}{limited(job, len(job.paths))}")


def limited(job: Job, count: int) -> str:
    """Perhaps a limit: the code that cuts off."""
    r = job.c.r
    if r.random() < 0.5:
        return ""
    k = r.choice([k for k in (2, 2, 3, 3, 4, 5) if k < max(count, 3)])
    job.fill("top", CARDINALS[k] if r.random() < 0.6 else str(k), mark=False)
    job.order.append((job.part("pf_top"), job.part("pf_top_own")))
    return f"[:{k}]"


def name_part(job: Job) -> tuple[str, list[str], str]:
    """What is shown of a path: the variable, the lines that make it, the words for it."""
    way = job.c.r.choice(("path", "path", "path", "name", "name", "stem"))
    lines = {"path": [], "name": ['    name = path.rpartition("/")[2]']}
    lines["stem"] = ['    name = path.rpartition("/")[2].rpartition(".")[0]']
    return "path" if way == "path" else "name", lines[way], job.part(f"pf_p_{way}")


def formatted(job: Job, kind: str, item: str, words: tuple[str, ...], *, one: bool = False) -> str:
    """A look of a line, shown by an example with words for the parts: the code of the text."""
    r = job.c.r
    fmt, second = r.choice(FORMATS), r.choice(words)
    if words[-1] in UNITS and r.random() < 0.25:
        fmt, second = r.choice(UNIT_FORMATS).replace("U", words[-1]), r.choice(("N", "N", "n", "number", "X", "count"))
    way = r.choice(("{}", "{}", "{}", "<{}>", "upper"))
    shown = [part.upper() if way == "upper" else way.format(part) for part in (kind, second)]
    text = fmt.replace("P", "\0").replace("V", shown[1]).replace("\0", shown[0])
    job.fill("fmt", in_marks(r, text), mark=False)
    ending = "_one" if one else ""
    job.tails.append((job.part(f"pf_fmt{ending}"), job.part(f"pf_fmt{ending}_own")))
    return 'f"' + fmt.replace("P", "\0").replace("V", f"{{{item}}}").replace("\0", f"{{{kind}}}") + '"'


def named_number(job: Job, expression: str, spec: str) -> str:
    """A number behind a word: the code of the text."""
    r = job.c.r
    lead = r.choice(("total", "sum", "result", "count", "number", "files", "answer", word(r), word(r)))
    gap = r.choice((": ", ": ", " = ", " - ", "=", " "))
    job.fill("fmt", in_marks(r, lead + gap + r.choice(("N", "N", "number", "<number>", "n", "X"))), mark=False)
    job.tails.append((job.part("pf_fmt_one"), job.part("pf_fmt_one_own")))
    return f'f"{lead}{gap}{{{expression}{spec}}}"'


def to_file(job: Job, body: list[str], out: str) -> list[str]:
    """The lines into a new file, and how many there are."""
    g = free(job.c, "", job.c.r.choice(("txt", "txt", "md", "log")))
    job.fill("g", g)
    text = job.part("pf_after_lines")
    job.tails.append((f"and {text}", text))
    made = ["lines = []", *body, f"    lines.append({out})"]
    return [*made, f'write_file({lit(g)}, "\\n".join(lines) + "\\n")', "print(len(lines))"]


def after(
    job: Job, ways: tuple[str, ...] = ("count", "count", "count", "done", "done", "each"), *, moved: bool = False
) -> list[str]:
    """What is printed after a change; ``moved``: paths are no longer what they were."""
    r = job.c.r
    way = r.choice(ways)
    code = ["    print(path)"] if way == "each" else ["print(len(paths))"]
    if way == "done":
        some = " ".join(word(r) for _ in range(r.randint(1, 3)))
        text = r.choice(("done", "done", "ok", "finished", "ready", "Done.", "all set", some, some))
        job.fill("done", in_marks(r, text) if text[-1] == "." or " " in text or r.random() < 0.8 else text, mark=False)
        code = [f"print({lit(text)})"]
    text = job.part(f"pf_after_{way}" + ("_old" if moved and way == "each" else ""))
    job.tails.append((f"and {text}", text))
    return code


def unit_words(value: Value | None) -> tuple[str, ...]:
    """What a value is called in an example of a line."""
    if value is None:
        return "count", "number", "N"
    if not value.number:
        return "text", "line", "value"
    return ("number", "N", "count", "value", value.kind) if value.kind in UNITS else ("number", "N", "count", "value")


def in_marks(r: Source, text: str) -> str:
    """In quotation marks that do not occur in it."""
    mark = r.choice([mark for mark in "''\"\"`" if mark not in text])
    return f"{mark}{text}{mark}"


def ask(
    job: Job, section: str, *, value: Value | None = None, to: bool = False, loop: bool = False, **inner: str
) -> None:
    """The clauses put together in one of six styles.

    Args:
        job: what is asked for.
        section: the frame of what is wanted.
        value: what is computed; some are "in" a file, most are "of" it.
        to: it is written to a file.
        loop: it can be said of a single file.
        inner: the clauses that the frame names.
    """
    r = job.c.r
    want = not to and r.random() < 0.3 and section != "pf_label_each"
    inner["TO"] = job.part("pf_to") if to else ""
    inner["Ps"], inner["P"] = put(inner.get("P", ""), s="s"), put(inner.get("P", ""), s="")
    inner["GRADES"] = job.grades
    of = "in" if value and value.kind in ("occur", "has", "sum") else "of"
    each = "each of " if section == "pf_each" and (of == "in" or r.random() < 0.5) else ""
    inner["SHOW"] = job.part("pf_save" if to else "pf_show")
    if inner["SHOW"] in ("put", "store") and inner["TO"].startswith("to "):
        inner["TO"] = "in" + inner["TO"].removeprefix("to")
    rels = " and ".join(_agreeing(rel, one=False) for rel in job.rels)
    base = f"{job.nouns} {_agreeing(job.place, one=False)}"
    article = r.choice(("the", "the", "all", "all the")) if not each else "the"
    files = f"{article} {base} {rels}"
    modes = {"np": 40, "steps": 22, "there": 15, "terse": 14, "loop": 12 if loop and not job.order else 0}
    modes["unless"] = 25 if job.last else 0
    mode = r.choices(tuple(modes), tuple(modes.values()))[0]
    if mode == "terse" and section in _TERSE:
        section += "_terse"
    text = choose(r, section, held=job.c.held)
    if want and mode == "np" and text.startswith("{SHOW}") and " {SHOW}" not in text:
        inner["SHOW"] = job.part("pf_want")
    if mode == "unless" and _asks(text):
        mode = "np"
    if mode == "unless":
        one = _agreeing(
            f"{job.nouns[:-1]} {job.place} {' and '.join(job.rels)}".replace("} and {y}", "} or {y}"), one=True
        )
        text = put(
            text, OF=f"{of} {'each' if each else 'them'}", OBJ="them", AMONG="among them", BASE="of them", **inner
        )
        text = f"{job.part('pf_unless', ONE=one)} {text}"
        job.last.clear()
    elif mode in ("np", "there"):
        those = files
        if mode == "there":
            those = f"those {rels}" if rels else "them" if each else r.choice(("them", "all of them"))
        lead = mode == "np" and text[0] == "{" and r.random() < 0.25 and re.match(r"[^,(]*$", job.place)
        if lead and re.match(r"(directly |anywhere |)(in|under|below|inside|within) ", job.place):
            those = f"{article} {job.nouns} {rels}"
        else:
            lead = None
        some = f"{base} {rels}" if mode == "np" else f"of {those}"
        text = put(text, OF=f"{of} {each}{those}", OBJ=those, AMONG=f"among {those}", BASE=some, **inner)
        text = f"{job.place}, {text}" if lead else text
        text = text if mode == "np" else f"{job.part('pf_there', NP=base)}. {_capital(text)}"
    elif mode == "loop":
        one = _agreeing(f"{job.nouns[:-1]} {job.place} {' and '.join(job.rels)}", one=True)
        text = put(text, OF="", OBJ="it", AMONG="", BASE="", **{**inner, "Ps": inner["P"]})
        text = f"{job.part('pf_loop', ONE=one.replace('} and {y} file', '} or {y} file'))}, {text}"
    elif mode == "steps":
        steps = [job.part("pf_take", NP=f"{article} {base}")]
        steps += [*job.steps, *(step for _, step in job.order if not job.late)]
        text = put(
            text, OF=f"{of} {'each' if each else 'them'}", OBJ="them", AMONG="among them", BASE="of them", **inner
        )
        if _asks(text) or r.random() < 0.3:
            text = f"{_capital(', '.join(steps))}. {_capital(text)}"
        else:
            text = ", ".join(steps) + r.choice((", then ", " and ", ", and ")) + text
    else:
        two = " ({x} and {y})" if "y" in job.slots else ""
        short = ", ".join([job.part("pf_short", TWO=two), *job.shorts])
        files = short if r.random() < 0.5 else files.removeprefix("the ")
        text = f"{files}: {put(text, OF='', OBJ='them', AMONG='', BASE='', **inner)}"
    tails = job.tails if mode == "steps" and not job.late else [*job.order, *job.tails]
    if job.grades or _asks(text.rsplit(". ", 1)[-1]) or "?" in text or r.random() < 0.25:
        end = "?" if _asks(text.rsplit(". ", 1)[-1]) and "?" not in text else "."
        tail = "".join(f" {_capital(step)}." for _, step in tails)
        text = f"{text.rstrip(' .')}{end if text.rstrip()[-1] != '?' else ''}{tail}"
    else:
        text += "".join((" " if tail.startswith("and ") else ", ") + tail for tail, _ in tails)
    text = put(text, THEM="it" if mode == "loop" else "them")
    for sentence in job.last:
        text = f"{text.rstrip(' .')}{'' if text.rstrip()[-1] == '?' else '.'} {_capital(sentence)}."
    if len(re.findall(r"[.?] ", text)) == 0:
        text = text.removesuffix(".")
    _shaped(job, text)


def _shaped(job: Job, text: str) -> None:
    """Ask it: marks in order, then what is copied."""
    text = " ".join(text.split())
    text = re.sub(r" ([,.:;?])(?=[ ,.:;?]|$)", r"\1", text)
    text = re.sub(r",+(?=[,.:;?]|$)", "", text)
    text = shape(job.c.r, text, held=job.c.held)
    for key, value in job.slots.items():
        text = text.replace("{" + key + "}", value)
    job.c.user(text)


def _agreeing(text: str, *, one: bool) -> str:
    """A relative clause about one file, or several."""
    have, are, do, s = ("has", "is", "does", "s") if one else ("have", "are", "do", "")
    return put(text, have=have, are=are, do=do, s=s)


def _asks(text: str) -> bool:
    return text.split(" ")[0].lower() in QUESTIONS


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
