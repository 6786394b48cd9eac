"""How a job over the lines of a file is asked for: its parts as steps, as one noun phrase, in sentences, or in short."""

from __future__ import annotations

import re
from dataclasses import dataclass

from codemode_tui.bundled.recipe.example import Chat
from codemode_tui.bundled.recipe.grammar import choose
from codemode_tui.bundled.recipe.new_texts import marked
from codemode_tui.bundled.recipe.phrasing import ask, quoted
from codemode_tui.bundled.recipe.pipe_lines_stuff import Part, Stuff

_NOUN_ENDS = (
    "count",
    "sum",
    "average",
    "average_two",
    "count_sum",
    "ends",
    "pair_max",
    "pair_min",
    "largest",
    "smallest",
    "different",
    "frequent",
    "longest_one",
    "shortest_one",
)
_STYLES = ("chain", "chain", "chain", "phrase", "phrase", "phrase", "facts", "facts", "short", "wish")
_AFTER = ("Then ", "After that, ", "Next, ", "Now ", "", "", "")


@dataclass(frozen=True)
class Words:
    """The parts of a job that a question names."""

    stuff: Stuff
    span: str
    filters: list[Part]
    value: Part | None
    then: list[Part]
    end: Part
    skipped: bool

    @property
    def target(self) -> str:
        """The other file."""
        return self.end.slots.get("raw", "")


class _Question:
    """A question that is being put together: its text and what fills its slots."""

    def __init__(self, c: Chat, w: Words) -> None:
        self.c, self.r, self.w = c, c.r, w
        self.slots: dict[str, str] = {}

    def clause(self, section: str, part: Part | None = None, *, frame: bool = False) -> str:
        """One way to say a part, its slots under names of their own."""
        held = self.c.held and (frame or self.r.random() < 0.25)
        text = choose(self.r, f"pl_{section}", held=held).replace("{L}", self.w.stuff.noun)
        text = text.replace("{l}", self.w.stuff.noun[:-1])
        for key, value in (part.slots if part else {}).items():
            if f"{{{key}}}" in text and key not in "pqe":
                name = f"{key}{len(self.slots)}"
                text = text.replace(f"{{{key}}}", f"{{{name}}}")
                self.slots[name] = value
            elif key in "pqe":
                self.slots[key] = value
        return text

    def things(self, base: str = "") -> str:
        """The noun phrase of what is worked on, without where it is; ``base`` stands for the lines, if given."""
        w = self.w
        plain = bool(w.value) or w.end.name in _NOUN_ENDS or "more" in w.end.name
        if not base and w.filters:
            both = " and " if plain else self.r.choice((" and ", " and ", ", but only those "))
            text = self.clause("base_plain" if plain else "base_rel").replace("{rel}", self.relatives(both))
        elif plain and not base:
            text = f"the {w.stuff.noun}"
        else:
            text = base or self.clause("base_all")
        return self.valued(text)

    def valued(self, text: str) -> str:
        """The part that is taken of each."""
        w = self.w
        if not w.value:
            return text
        return (
            self.clause("base_value").replace("{val}", self.clause(f"val_{w.value.name}", w.value)).replace("{x}", text)
        )

    def relatives(self, both: str) -> str:
        """What holds of the lines that are kept."""
        return both.join(self.clause(f"rel_{part.name}", part) for part in self.w.filters)

    def whole(self, things: str) -> str:
        """With how they are ordered and written."""
        w = self.w
        parts = [part for part in w.then if part.name] + ([w.end] if w.end.name == "joined" else [])
        return (
            "".join(
                f"{things if not at else ''}, {self.clause(f'adj_{part.name}', part)}" for at, part in enumerate(parts)
            )
            or things
        )

    def ended(self, things: str, way: str) -> str:
        """The request for all of it: ``way`` is ask, want or short."""
        w, name = self.w, self.w.end.name
        text = self.whole(things)
        if name in _NOUN_ENDS:
            text = self.clause(f"noun_{name}", w.end).replace("{np}", text)
            name = "value" if way == "ask" else "print"
            if "label" in w.end.slots:
                text += f", {self.clause('label', w.end)}"
        name = "print" if name == "joined" else name
        frame = self.clause(f"{'ask' if name in ('more', 'sum_more') else way}_{name}", w.end, frame=way != "short")
        if "," in text.replace(things, "") and "{np} " in frame:
            frame = frame.replace("{np} ", "{np}, ").replace(", , ", ", ")
        return frame.replace("{np}", text)

    def where(self, things: str) -> str:
        """With the file."""
        if self.w.span and not self.w.filters:
            return things
        return f"{things} {self.r.choice(('in', 'in', 'from') if self.w.filters else ('in', 'of', 'from'))} {{f}}"

    def steps(self) -> list[str]:
        """Each part as something to do."""
        w = self.w
        found = [self.clause("step_filter").replace("{rel}", self.clause(f"rel_{p.name}", p)) for p in w.filters]
        if w.value:
            found.append(self.clause("step_value").replace("{val}", self.clause(f"val_{w.value.name}", w.value)))
        found += [self.clause(f"step_{part.name}", part) for part in w.then if part.name]
        end = self.clause(f"step_{w.end.name}", w.end)
        return [*found, f"{end}, {self.clause('label', w.end)}" if "label" in w.end.slots else end]

    def chain(self, *, plain: bool, alone: bool) -> str:
        """All steps, one after the other."""
        r = self.r
        known = self.w.filters or self.w.span
        steps = [self.clause("open" if known else "open_all", frame=True), *self.steps()]
        way = r.random()
        if way < 0.45 or plain:
            last = r.choice((" and ", ", and ", ", then ", " and then "))
            return ", ".join(steps[:-1]) + last + steps[-1]
        if way < 0.6:
            return ", then ".join(steps)
        if way < 0.68:
            return "; ".join(steps)
        if way < 0.78 and alone:
            return r.choice((" ", "{nl}")).join(f"{at}. {step}" for at, step in enumerate(steps, 1))
        text = upper(steps[0])
        for at, step in enumerate(steps[1:], 1):
            after = "Finally, " if at == len(steps) - 1 and r.random() < 0.3 else r.choice(_AFTER)
            text += ". " + (after + step if after else upper(step))
        return text

    def body(self, style: str, *, plain: bool = False, alone: bool = False) -> str:
        """The request in one of the styles; ``plain``: in one sentence that begins with a verb."""
        w = self.w
        phrase = "{f}" if w.span and not w.filters else ""
        style = "phrase" if w.span and style == "facts" else style
        if style == "chain":
            return self.chain(plain=plain, alone=alone)
        if style == "phrase":
            return self.ended(self.where(self.things(phrase)), "ask")
        if style == "wish":
            return self.ended(self.where(self.things(phrase)), "want")
        if style == "short":
            return self.clause("short", frame=True).replace(
                "{b}", self.ended(self.things(f"the {w.stuff.noun}" if phrase else ""), "short")
            )
        text = self.clause(f"fact_{w.stuff.kind}", frame=True)
        if w.filters:
            text += ". " + self.clause("fact_filter").replace("{rel}", self.relatives(" and "))
        base = "them" if w.filters or w.stuff.kind not in ("log", "list", "notes") else "the lines"
        return f"{text}. {upper(self.ended(self.valued(base), 'ask'))}"


def upper(text: str) -> str:
    """With a capital at the beginning."""
    return text[0].upper() + text[1:]


def lower(text: str) -> str:
    """With a small letter at the beginning."""
    return text[0].lower() + text[1:]


def request(c: Chat, w: Words, f: str, condition: str, text: str, paths: list[str]) -> None:
    """The user asks for the job, under a condition if there is one."""
    r = c.r
    q = _Question(c, w)
    whole = quoted(r, f)
    named = whole
    if condition:
        section = {"missing": "missing", "first": "first" if text else "first_any", "empty": "empty"}.get(condition, "")
        section = section or ("guard_json" if w.stuff.kind.startswith("json") else "guard_number")
        frame = q.clause(f"if_{section}", frame=True)
        while "more" in w.end.name and "{B}" not in frame and not frame.endswith("{b}") and not c.held:
            frame = q.clause(f"if_{section}", frame=True)
        plain = "{b}" in frame
        styles = ("chain", "phrase") if plain or condition in ("first", "guard") else _STYLES
        body = q.body(r.choice(styles), plain=plain).replace("{f}", "{fr}")
        if condition == "first":
            whole = r.choice(("it", "it", "that file", "that one"))
        elif plain and "{f}" in frame.split("{b}")[0] and r.random() < 0.7:
            whole = "it"
        body = body.rstrip(".") if plain or "{B}." in frame else body
        made = frame.replace("{f}", "{fs}").replace("{b}", lower(body)).replace("{B}", upper(body))
    else:
        made = q.body(r.choice(_STYLES), alone=w.stuff.kind != "junk").replace("{f}", "{fr}")
    if w.stuff.kind.startswith("json") and "JSON" not in made:
        made = q.clause(f"fact_{w.stuff.kind}").replace("{f}", "{fs}") + ". " + upper(made)
    if w.stuff.kind == "junk" and condition != "guard":
        made = made.rstrip(".") + ". " + upper(q.clause("skip_count" if w.skipped else "skip"))
    made = _tidy(made)
    bare = ""
    for slot in "qm":
        if made.endswith(f" {{{slot}}}") and r.random() < 0.45:
            made = made[: -len(slot) - 3].rstrip(":,") + ": {z}"
            bare = q.slots["e"] if slot == "q" else text
            break
    listed = [quoted(r, path) for path in paths]
    slots = {key: value for key, value in q.slots.items() if key != "e"}
    slots |= {"m": marked(r, text), "fs": named, "fr": (f"{w.span} " if w.span else "") + whole, "z": "\0", "nl": "\n"}
    if listed:
        ordered = any(way in made.lower() for way in ("look for {v}", "try {v}", "check {v}"))
        last = r.choice((" and ", ", ", " and then ", ", then ") if ordered else (" and ", ", "))
        slots["v"] = ", ".join(listed[:-1]) + last + listed[-1]
    asked = ask(r, [made, made], held=c.held, shaped=True, **slots)
    head, found, _ = asked.partition("\0")
    c.user(head + bare if found else asked)


def _tidy(text: str) -> str:
    """Without doubled marks."""
    text = re.sub(r"\s+([,.;:?!])", r"\1", text)
    text = re.sub(r",+([.;:?!])", r"\1", text)
    return re.sub(r"(,\s*){2,}", ", ", text)
