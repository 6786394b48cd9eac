"""Which files of a new folder a job is about: what is there, and the filters that leave some of them."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count, pairwise

from codemode_tui.bundled.recipe import names
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.job_places import folders
from codemode_tui.bundled.recipe.pipe_files_parts import UNITS, YEAR, Job, Value, fresh_word, word
from codemode_tui.tools.protected import is_secret

NAME = 'path.rpartition("/")[2]'
_ENDINGS = "txt txt txt md md log csv rst text org tex html json py yml conf srt ini dat lst tsv adoc notes out js css"
_FILTERS = ["measure"] * 6 + ["name", "name", "start", "holds", "holds", "lacks", "times", "but", "opens"]
_YEARS = ("year", "before", "after")


def begin(
    c: Chat,
    *,
    value: Value | None = None,
    apart: bool = False,
    none: bool = False,
    most: int = 2,
    least: int = 1,
    graded: str = "",
) -> Job:
    """Files in a new folder, and which of them are meant.

    Args:
        c: the conversation.
        value: what will be computed of them.
        apart: no two files that are left have the same.
        none: no file is left.
        most: of filters.
        least: of files that are left.
        graded: "ending", "year", "word" or "folder" if files will be told apart by that.
    """
    r = c.r
    known = dict(c.world.files)
    for tries in count():
        c.world.files = dict(known)
        job = Job(c, folders(c, 1)[0])
        kinds = r.sample(_FILTERS, r.choice([0, 1, 1, 1, 2][: most + 3]))
        if kinds and "opens" not in kinds and r.random() < 0.12:
            kinds[0] = "filled" if value else r.choice(("empty", "empty", "filled"))
        elif kinds and graded != "ending" and r.random() < 0.2:
            kinds[0] = r.choice(_YEARS)
        kinds = [kind for at, kind in enumerate(kinds) if kind not in kinds[:at] and kind[:4] != graded[:4]]
        if len(kinds) < most and "measure" in kinds and r.random() < 0.2:
            kinds.append("again")
        if value and value.kind == "sum":
            kinds = [kind for kind in kinds if kind not in ("holds", "lacks", "times", "opens")]
        if none and not kinds:
            kinds = ["measure"]
        job.years = graded == "year" or any(kind in _YEARS for kind in kinds)
        _make_files(job, value, graded, gaps="empty" in kinds or "filled" in kinds)
        _source(job, kinds, graded)
        few = len(job.paths) < 2
        for at, kind in enumerate(kinds):
            before = len(job.paths)
            if not before:
                break
            FILTERS.get(kind, _measure)(job, kind, none and at == len(kinds) - 1)
            few = few or len(job.paths) == before or (not job.paths and not none)
        values = [job.of(value.code, path) for path in job.paths] if value else []
        same = len(set(map(str, values))) < len(values)
        if (
            few
            or bool(job.paths) == none
            or (same and apart)
            or (values and value and value.number and not any(values))
        ):
            continue
        if len(job.paths) < max(least, 2 if apart else 1) and not none and tries < 150:
            continue
        if value:
            for key, text in value.slots.items():
                job.fill(key, text, mark=key == "v")
        return job
    raise AssertionError("unreachable")


def _make_files(job: Job, value: Value | None, graded: str, *, gaps: bool) -> None:
    """Files of a few kinds in the folder and perhaps below it; ``gaps``: some of them empty."""
    c, r = job.c, job.c.r
    job.endings = list(dict.fromkeys(r.choice(_ENDINGS.split()) for _ in range(4)))[: 4 if graded == "ending" else 3]
    while len(job.endings) < 2:
        job.endings = list({*job.endings, r.choice(names.EXTENSIONS)})
    subs = [word(r) for _ in range(r.choice((1, 2, 2) if graded == "folder" else (0, 1, 1, 2)))]
    job.fresh = [fresh_word(r, "") for _ in range(3)] + ([value.slots["v"]] if value and "v" in value.slots else [])
    tag, taken = fresh_word(r, ""), set[str]()
    job.fill("w", tag)
    sizes = r.sample(range(3, 13), r.randint(5, 8))
    for at, size in enumerate(sizes):
        ending = r.choice(job.endings)
        stem = word(r) if job.years or r.random() < 0.4 else names.file_name(r, "x").removesuffix(".x")
        stem = (
            r.choice((f"{tag}{r.choice('-_')}{stem}", f"{tag}_{stem}", f"{stem}_{tag}")) if r.random() < 0.5 else stem
        )
        if job.years:
            stem = r.choice((f"{stem}-{r.randint(2015, 2026)}", f"{r.randint(2015, 2026)}_{stem}"))
        name = f"{stem}.{ending}"
        where = f"{job.d}/{r.choice(subs)}" if subs and r.random() < 0.4 else job.d
        if name in taken or is_secret(f"{where}/{name}".split("/")):
            continue
        taken.add(name)
        if value and value.kind == "sum":
            rows = [str(r.randint(0, 200)) for _ in range(size // 2 + 1)]
        else:
            rows = [names.phrase(r) for _ in range(size)]
            for text in job.fresh:
                for _ in range(r.choice((0, 0, 1, 2, at))):
                    spot = r.randrange(size)
                    rows[spot] += f" {text}" if r.random() < 0.7 else f", {text} {word(r)}"
            if r.random() < 0.5:
                rows[0] = f"{job.fresh[2]} {rows[0]}" if r.random() < 0.5 else f"{rows[0]} {job.fresh[2]}"
            if value and value.kind == "blank":
                rows[1 : 1 + r.randint(0, 2)] = [""] * r.randint(0, 3)
        blank = gaps and r.random() < 0.4
        c.world.add(r, f"{where}/{name}", r.choice(("", "", "\n")) if blank else "\n".join(rows) + "\n")


def _source(job: Job, kinds: list[str], graded: str) -> None:
    r = job.c.r
    place = r.choice(("flat", "deep", "plain", "plain") if graded != "folder" else ("deep", "deep", "plain"))
    star = f"{job.d}/*" if place == "flat" else f"{job.d}/**/*"
    job.fill("d", job.d)
    job.place = job.part(f"pf_in_{place}")
    way = "all" if graded == "ending" or "but" in kinds else r.choice(("one", "one", "one", "one", "all", "two"))
    if way == "one":
        e = r.choice(job.endings)
        star += f".{e}"
        job.fill("x", r.choice((f".{e}", f".{e}", f".{e}", f"*.{e}", e if len(e) > 2 else f".{e}")), mark=False)
        job.nouns = "{x} files"
    job.fill("glob", star)
    job.code.append(f"paths = glob_files({lit(star)})")
    job.paths = job.c.world.glob_files(star)
    if way == "two":
        pair = r.sample(job.endings, 2)
        for key, e in zip("xy", pair, strict=True):
            job.fill(key, f".{e}", mark=False)
        job.nouns = r.choice(("{x} and {y} files", "{x} and {y} files", "{x} or {y} files"))
        job.keep(f"path.endswith(({', '.join(lit('.' + e) for e in pair)}))")


def _measure(job: Job, kind: str, none: bool) -> None:
    r = job.c.r
    unit = r.choice(
        [unit for unit in ("lines", "lines", "words", "words", "characters", "bytes") if unit not in job.units]
    )
    code = UNITS[unit]
    if kind == "times":
        code = f"read_file(path).count({lit(job.fresh[0])})"
    found = sorted({int(str(job.of(code, path))) for path in job.paths})
    low, high = r.choice(list(pairwise(found)) or [(found[0] - 1, found[0] + 1)])
    k = r.randint(low + 1, high)
    if unit in ("characters", "bytes") and kind != "times" and high - low > 10:
        k = (low + 9) // 10 * 10
    way = r.choice(("more", "less", "least", "most", "between" if kind != "times" else "more"))
    if none:
        way = r.choice(("more", "less", "least"))
        k = max(found) + r.randint(2, 30) if way != "less" else max(1, min(found) // 2)
    if kind == "times" and k < 3:
        return _content(job, "holds", none)
    k -= way in ("more", "most") and not none
    m = r.choice([value for value in found if value >= k] or [k]) + r.choice((0, 0, 1))
    keys = {key: key * 2 if "k" in job.slots else key for key in "kmu"}
    for key, text in zip("kmu", (str(k), str(m), unit), strict=True):
        job.fill(keys[key], text, mark=False)
    job.fill("t", job.fresh[0])
    job.units.append(unit if kind != "times" else "")
    sign = {"more": f"> {k}", "less": f"< {k}", "least": f">= {k}", "most": f"<= {k}", "between": f"<= {m}"}[way]
    job.keep(f"{f'{k} <= ' if way == 'between' else ''}{code} {sign}")
    inner = {key: f"{{{new}}}" for key, new in keys.items()}
    return job.relate(f"pf_rel_{'times_' if kind == 'times' else ''}{way}", **inner)


def _named(job: Job, kind: str, none: bool) -> None:
    if none:
        job.fill("w", fresh_word(job.c.r, " ".join(job.paths)))
    w = lit(job.bare["w"])
    job.keep(f"{NAME}.startswith({w})" if kind == "start" else f"{w} in {NAME}")
    job.relate(f"pf_rel_{kind}")


def _content(job: Job, kind: str, none: bool) -> None:
    texts = "".join(job.c.world.files[path] for path in job.paths)
    text = fresh_word(job.c.r, texts) if none else job.fresh[1]
    if none:
        kind = "holds"
    job.fill("h", text)
    job.keep(f"{lit(text)} {'not ' if kind == 'lacks' else ''}in read_file(path)")
    job.relate(f"pf_rel_{kind}")


def _opens(job: Job, kind: str, none: bool) -> None:
    texts = "".join(job.c.world.files[path] for path in job.paths)
    text = fresh_word(job.c.r, texts) if none else job.fresh[2]
    job.fill("f", text)
    job.keep(f"{lit(text)} in read_file(path).splitlines()[0]")
    job.relate(f"pf_rel_{kind}")


def _year(job: Job, kind: str, none: bool) -> None:
    r = job.c.r
    years = sorted({int(str(job.of(YEAR, path))) for path in job.paths})
    year = r.choice(years)
    if none:
        year = {"year": 2031, "before": years[0] - 1, "after": years[-1] + 1}[kind]
    job.fill("j", str(year), mark=False)
    if kind == "year":
        job.keep(f"{lit(str(year))} in {NAME}")
    else:
        job.uses_re()
        job.keep(f"{YEAR} {'<' if kind == 'before' else '>'} {year}")
    job.relate(f"pf_rel_{kind}")


def _empty(job: Job, kind: str, none: bool) -> None:
    if none:
        return _named(job, "name", none)
    job.keep(f"{'not ' if kind == 'empty' else ''}read_file(path).strip()")
    return job.relate(f"pf_rel_{kind}")


def _but(job: Job, kind: str, none: bool) -> None:
    if none:
        return _named(job, "name", none)
    e = job.c.r.choice(job.endings)
    job.fill("b", f".{e}", mark=False)
    job.keep(f"not path.endswith({lit('.' + e)})")
    return job.relate("pf_rel_but")


FILTERS: dict[str, Callable[[Job, str, bool], None]] = {
    "name": _named,
    "start": _named,
    "holds": _content,
    "lacks": _content,
    "but": _but,
    "opens": _opens,
    "empty": _empty,
    "filled": _empty,
    "year": _year,
    "before": _year,
    "after": _year,
}
