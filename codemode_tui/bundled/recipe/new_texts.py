"""Texts that people want to have written, and how they stand in a request: in quotes, bare, one below the other."""

from __future__ import annotations

from codemode_tui.bundled.recipe import names
from codemode_tui.bundled.recipe.example import Chat
from codemode_tui.bundled.recipe.file_reading import some_file
from codemode_tui.bundled.recipe.grammar import expand
from codemode_tui.bundled.recipe.phrasing import ask
from codemode_tui.bundled.recipe.source import Source

_TEXTS = (
    "(buy|get|fetch|order|bring|sell|pack|cook) (the |some |more |){w}",
    "(call|ask|visit|thank|write to|meet|pay|invite) (the |){w}",
    "(fix|check|test|review|clean|update|finish|remove|rename|document) the {w}( {v}|)",
    "(TODO|FIXME|NOTE|DONE|todo|done|note|WARNING|INFO|ERROR): {w} {v}",
    "(-|*|+|>|- [ ]|- [x]|1.|2.|3.|#|##|//|;) {w}( {v}|)",
    "{w}: {n}",
    "{w}: {v}",
    "{w}={n}",
    "{w}={v}",
    "{w} = {v}",
    "{w},{n},{v}",
    "{w},{v}",
    "{W}",
    "{w}",
    "{n}",
    "{W} {v}",
    "Hello {w}",
    "(hello world|Hello World|Hello, world!|hello|hi there|goodbye|good morning|test|ok|done|yes|no|nothing)",
    "(Hello|Dear|Hi|Thanks|Goodbye|Welcome)( to| from| dear|) {w}(!|,|)",
    "the {w} is (ready|late|done|broken|new|old|green|closed|open|here|gone|cold|full|empty|free)(.|!|)",
    "The {w} is (ready|late|done|broken|new|old|green|closed|open|here|gone|cold|full|empty|free)(.|!|)",
    "(we|I|they|you) (like|need|want|have|miss|sold|saw|love|know) (the|a|this|our) {w}(.|!|)",
    "(meeting|lunch|dinner|call|demo|party|review|training) (on|next|every) (Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday) at {h}",
    "20{h}-0{d}-1{d}(:|) {w}",
    "(version|release|chapter|part|step|page|room|level|day|week|draft) {d}",
    "version {d}.{h}.{d}",
    "{w} (and|or|with|without|for|from|before|after|of) {v}",
    "(no|more|less|one|two|three|many|all|some) {w}",
    "print{o}'{w}'{c}",
    'print{o}"{w}"{c}',
    "{w}{o}{c}",
    "{w} {o}{v}{c}",
    "import {w}",
    "(milk|bread|eggs|butter|tea|coffee|rice|salt|sugar|apples|cheese|soap|flour|honey|juice|water|meat|fish|oil|jam)",
    "(buy|get) (milk|bread|eggs|butter|tea|coffee|rice|salt|sugar|apples|cheese|soap|flour|honey|juice|oil|jam)",
    "(water the plants|walk the dog|feed the cat|clean the car|do the dishes|book a table|send the invoice|see the doctor)",
    "(work in progress|all rights reserved|end of file|to be continued|under construction|do not edit|see below|all done)",
    "(Version|Author|Date|Status|Owner|Price|Name|Title|Contact|Licence): {w}",
    "(Hello|Good morning|Welcome|Well done|Goodbye|Dear|Happy birthday), {W}(!|.|)",
    "(Buy|Bring|Pack|Order) (milk|bread|eggs|tea|rice), (salt|sugar|butter|{w}) and {v}",
    "(Meet|Call|Ask|Pick up|Thank) {W} at {h}:(00|15|30|45)",
    "{W}s for (beginners|grown-ups|everyone|the {v})",
    "(Don't|Do not|Never|Always) (forget|open|touch|feed|close|lose) the {w}(.|!|)",
    "(It's|That's|Here's|There's) (a|the|my|our|no) {w}, (not|and|but) (a|the|my) {v}(.|)",
    "(Chapter|Part|Section|Day|Lesson|Version) {d}: (the |The |){W} (and|of|in|without) {v}",
    "(Roses are red|All is well|Once upon a time|To whom it may concern|Work in progress|Made with care), (the |){w} (too|{v})",
    "{W} & {v}, (est.|since|no.) {h}",
    "{w}@(example.com|mail.org|{v}.net)",
    "https://{w}.(com|org|io)/{v}",
)
_ITEMS = [
    "red",
    "green",
    "blue",
    "yellow",
    "black",
    "white",
    "pink",
    "brown",
    "apple",
    "pear",
    "plum",
    "cherry",
    "lemon",
    "orange",
    "milk",
    "bread",
    "eggs",
    "butter",
    "tea",
    "coffee",
    "rice",
    "salt",
    "sugar",
    "monday",
    "tuesday",
    "friday",
    "north",
    "south",
    "east",
    "west",
    "one",
    "two",
    "three",
    "four",
    "five",
    "first",
    "second",
    "third",
    "alpha",
    "beta",
    "gamma",
    "delta",
    "cat",
    "dog",
    "bird",
    "horse",
    "cow",
    "pig",
    "hammer",
    "nail",
    "saw",
    "paris",
    "rome",
    "london",
    "berlin",
    "anna",
    "ben",
    "carla",
    "david",
    "emma",
]


def line(r: Source) -> str:
    """One line of text, such as people dictate."""
    if r.random() < 0.35:
        return names.phrase(r)
    text = expand(r, r.choice(_TEXTS))
    word, other = names.word(r), names.word(r)
    fills = {
        "w": word,
        "v": other,
        "W": word.capitalize(),
        "n": str(names.number(r)),
        "h": str(r.randint(10, 30)),
        "d": str(r.randint(1, 9)),
        "o": "(",
        "c": ")",
    }
    for key, value in fills.items():
        text = text.replace("{" + key + "}", value)
    return text


def lines(r: Source) -> list[str]:
    """A few lines that differ, short ones."""
    if r.random() < 0.4:
        return [w.capitalize() if r.random() < 0.1 else w for w in r.sample(_ITEMS, r.choice((2, 2, 3, 3, 4, 5)))]
    make = names.word if r.random() < 0.6 else _short
    return list(dict.fromkeys(make(r) for _ in range(r.choice((2, 2, 3, 3, 4)))))


def _short(r: Source) -> str:
    return " ".join(names.word(r) for _ in range(r.randint(1, 3)))


def marked(r: Source, text: str) -> str:
    """The text in quotation marks that do not occur in it."""
    free = [pair for pair in ("''", "''", '""', '""', "``", "“”") if pair[0] not in text]
    pair = r.choice(free)
    return f"{pair[0]}{text}{pair[1]}"


def listed(r: Source, texts: list[str]) -> str:
    """a, b and c, in quotes or not."""
    if r.random() < 0.5 or any(" " in text for text in texts):
        mark = r.choice(("'", '"', "'", "`"))
        texts = [f"{mark}{text}{mark}" for text in texts]
    comma = ", " if r.random() < 0.92 else " and "
    last = r.choice((" and ", " and ", " and ", ", ", ", and ", " & "))
    return comma.join(texts[:-1]) + last + texts[-1] if len(texts) > 1 else texts[0]


def told(c: Chat, section: str, text: str, **slots: str) -> None:
    """The user asks for ``text`` to be written: ``{t}`` is the text in quotes, ``{b}`` bare, ``{e}`` bare at the end.

    Whatever ``ask`` puts behind a bare text at the end would seem to be part of it, so it is cut off.
    """
    asked = ask(c.r, section, held=c.held, shaped=True, e="\0", t=marked(c.r, text), b=text, **slots)
    head, found, _ = asked.partition("\0")
    c.user(head + text if found else asked)


def told_lines(c: Chat, section: str, texts: list[str], **slots: str) -> None:
    """The user asks for lines: ``{l}`` is them in a row, ``{x}`` them behind a colon, in a row or one below the other."""
    r = c.r
    asked = ask(r, section, held=c.held, shaped=True, x="\0", l=listed(r, texts), **slots)
    head, found, tail = asked.partition("\0")
    if found and tail and tail[0] == ",":
        c.user(head + listed(r, texts) + tail)
    elif found:
        c.user(head.rstrip() + "\n" + "\n".join(texts) if r.random() < 0.5 else head + listed(r, texts))
    else:
        c.user(asked)


def known_file(c: Chat, extension: str | None = None, text: str | None = None) -> str:
    """A file of the workspace; now and then one that is not there."""
    if c.r.random() < 0.05:
        name = names.file_name(c.r, extension)
        if name not in c.world.files:
            return name
    return some_file(c, extension, text)


def word_of(c: Chat, f: str, share: float = 0.85) -> str:
    """A word that stands in ``f``, or by chance one that does not."""
    found = [w.strip(".!:,()") for w in c.world.files.get(f, "").split()]
    clean = [w for w in found if w.replace("_", "").replace("-", "").isalnum()]
    return c.r.choice(clean) if clean and c.r.random() < share else names.word(c.r)


def changed(c: Chat, code: str, said: str, f: str) -> None:
    """Run the change and say ``said``, with ``{out}`` for its output, or that ``f`` is not there."""
    out, ok = c.call(code)
    c.say(said.replace("{out}", out) if ok else no_file(out, f))


def no_file(out: str, f: str) -> str:
    """What is said when ``f`` was not there."""
    if "exists already" in out:
        return "A file of that name exists already, so I changed nothing."
    if "(similar: " in out:
        other = out.split("(similar: ")[1].split(", ")[0].rstrip(")")
        return f"There is no file {f}. Did you mean {other}?"
    return f"There is no file {f}."


def plural(count: str, noun: str) -> str:
    """ "1 line", "2 lines"."""
    return f"{count} {noun}{'' if count == '1' else 's'}"
