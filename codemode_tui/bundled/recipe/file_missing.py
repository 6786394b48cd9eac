"""A file that is not there: the similar one is offered, or the answer says so."""

from __future__ import annotations

from codemode_tui.bundled.recipe import names
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.file_contents import counting_word, finding
from codemode_tui.bundled.recipe.file_jobs import Job, run, similar, some_file
from codemode_tui.bundled.recipe.file_parts import heading
from codemode_tui.bundled.recipe.file_reading import counting, dating, measuring, reading
from codemode_tui.bundled.recipe.phrasing import ask
from codemode_tui.bundled.recipe.source import Source


def missing(c: Chat) -> None:
    """The question is one that is also asked about files that are there: only the output tells."""
    r = c.r
    near = some_file(c)
    wrong = misremembered(r, near) if r.random() < 0.65 else names.file_name(r)
    while wrong in c.world.files or not wrong:
        wrong = names.file_name(r)
    job = _job(c, wrong)
    out = run(c, wrong, job)
    if "(similar: " not in out:
        return
    other = similar(out)
    if other not in c.world.files:  # a folder, which cannot be read
        return
    if r.random() < 0.4:
        c.user(ask(r, "one_yes", held=c.held))
        run(c, other, Job(job.code.replace(lit(wrong), lit(other)), job.answer))


def misremembered(r: Source, path: str) -> str:
    """A name that is nearly right: a letter too many or too few, another case or ending, the folder left out."""
    folder, slash, base = path.rpartition("/")
    stem, dot, ending = base.rpartition(".")
    if folder and r.random() < 0.5:
        return base
    if not stem:
        return path + "s"
    i = r.randrange(len(stem))
    changed = r.choice(
        (
            stem.lower() if stem.lower() != stem else stem + "s",
            stem.upper() if stem.upper() != stem else stem + "s",
            stem + "s",
            stem + "s",
            stem[:-1],
            stem[:i] + stem[i + 1 :],
            stem[:i] + stem[i] + stem[i:],
            stem.replace("_", "-") if "_" in stem else stem.replace("-", "_"),
            stem.replace("_", "") if "_" in stem else stem + "1",
        )
    )
    if r.random() < 0.2:
        changed, ending = stem, r.choice(names.EXTENSIONS)
    return f"{folder}{slash}{changed}{dot}{ending}" if changed else path + "s"


def _job(c: Chat, f: str) -> Job:
    r = c.r
    way = r.random()
    if way < 0.35:
        return reading(c, f)
    if way < 0.6:
        return counting(c, f)
    if way < 0.7:
        return heading(c, f)
    if way < 0.78:
        return measuring(c, f)
    if way < 0.82:
        return dating(c, f)
    w = names.word(r)
    return counting_word(c, f, w) if way < 0.91 else finding(c, f, w)
