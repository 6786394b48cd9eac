"""Labels, or folders, for the files of a folder: by a measure, by the ending, by the year in the name, by a word."""

from __future__ import annotations

from codemode_tui.bundled.recipe.example import lit
from codemode_tui.bundled.recipe.pipe_files_parts import YEAR, Job, Value, put, word

_SETS = (
    "short long|small big|light heavy|brief lengthy|thin thick|low high|little much",
    "short medium long|small mid big|low normal high|tiny fair huge|thin normal thick|S M L|light middle heavy",
    "tiny small big huge|stub short long epic|XS S M L|low fair good top",
)


def grades(job: Job, value: Value | None, kind: str = "", *, moved: bool = False) -> list[tuple[str, str]]:
    """Tests with a word each, the last without a test. The clauses about them fill ``{GRADES}``."""
    r = job.c.r
    count = r.choice((2, 2, 3, 3, 3, 4)) if value or kind == "ending" else r.choice((2, 2, 3))
    count = min(count, len(job.endings) + 1) if kind == "ending" else count
    words = r.choice(_SETS[count - 2].split("|")).split() if value and r.random() < 0.35 else []
    while len(set(words)) < count:
        words = [word(r) for _ in range(count)]
    if value:
        words, tests, clauses = _bands(job, value, words)
        clauses = [f"files with {clauses[0]}" if moved else clauses[0], *clauses[1:]]
    elif kind == "ending":
        ends = r.sample(job.endings, count - 1)
        tests = [f"path.endswith({lit('.' + e)})" for e in ends]
        clauses = [f"{{k{at}}}" + (" files" if at == 0 or r.random() < 0.4 else "") for at in range(count - 1)]
        for at, e in enumerate(ends):
            job.fill(f"k{at}", f".{e}", mark=False)
    elif kind == "year":
        tests, clauses = _years(job, count)
    else:
        tests = [f"{lit(text)} in read_file(path)" for text in job.fresh[: count - 1]]
        clauses = [job.part("pf_g_word", K=f"{{k{at}}}") for at in range(count - 1)]
        for at in range(count - 1):
            job.fill(f"k{at}", job.fresh[at])
    mark = r.choice(("", "", "'", '"'))
    for at, text in enumerate(words):
        job.fill(f"l{at}", f"{mark}{text}{mark}", mark=False)
    kind = "goes" if moved else "called" if value else "get"
    pattern = job.part(f"pf_{kind}")
    said = [put(pattern, COND=text, L=f"{{l{at}}}") for at, text in enumerate(clauses)]
    if len(said) < count:
        first = r.random() < 0.12
        section = "pf_default" if first and not moved else "pf_default_goes" if first else f"pf_{kind}_else"
        said.insert(0 if first else count, job.part(section, L=f"{{l{count - 1}}}"))
    job.grades = r.choice((", ", ", ", "; ")).join(said)
    return list(zip([*tests, ""], words, strict=True))


def branches(tests: list[tuple[str, str]], name: str) -> list[str]:
    """The branches that set ``name``."""
    lines = []
    for at, (test, text) in enumerate(tests):
        lines += [
            f"    {'else' if not test else f'elif {test}' if at else f'if {test}'}:",
            f"        {name} = {lit(text)}",
        ]
    return lines


def _years(job: Job, count: int) -> tuple[list[str], list[str]]:
    """Tests of the year in the name and the clauses about them."""
    r = job.c.r
    found = sorted(int(str(job.of(YEAR, path))) for path in job.paths) or [2018, 2022]
    low = r.randint(found[0] + 1, max(found[-1], found[0] + 1))
    pairs = [("year < {}", "before", low), ("year > {}", "after", low + r.choice((0, 0, 1, 2)))]
    pairs = pairs[:: r.choice((1, -1))] if count == 3 else [r.choice(pairs)]
    for at, (_, _, year) in enumerate(pairs):
        job.fill(f"k{at}", str(year), mark=False)
    clauses = [job.part(f"pf_g_{section}", K=f"{{k{at}}}") for at, (_, section, _) in enumerate(pairs)]
    return [code.format(year) for code, _, year in pairs], clauses


def _bands(job: Job, value: Value, words: list[str]) -> tuple[list[str], list[str], list[str]]:
    """Tests of a measure and the clauses about them, in one of several orders; the words in the same order."""
    r = job.c.r
    count = len(words) - 1
    found = sorted(int(str(job.of(value.code, path))) for path in job.paths) or [4, 12]
    step = {"lines": 1, "words": r.choice((1, 5, 5))}.get(value.kind, r.choice((10, 10, 50)))
    low, high = found[0] // step, found[-1] // step + 1
    bounds = sorted(step * bound for bound in r.sample(range(max(low, 1), max(high, low + 4) + 1), count))
    way = r.choice(("up", "down", "full", *(["ends", "ends"] if count == 2 else [])))
    full = way == "full" and count < 3 and bounds[-1] - bounds[0] > 1 - (count == 1) * 2
    if way == "ends":
        pairs = [("<", bounds[0], words[0]), (">", bounds[1], words[2])][:: r.choice((1, 1, -1))]
        rest = words[1]
    elif way == "down":
        sign = r.choice((">", ">", ">="))
        pairs = [(sign, bound, words[-1 - at]) for at, bound in enumerate(bounds[::-1])]
        rest = words[0]
    else:
        signs = ["<", "<="] if full and count == 2 else [r.choice(("<", "<", "<="))] * count
        pairs = [(sign, bound, words[at]) for at, (sign, bound) in enumerate(zip(signs, bounds, strict=True))]
        rest = words[-1]
    clauses = []
    for at, (sign, bound, _) in enumerate(pairs):
        job.fill(f"k{at}", str(bound), mark=False)
        unit = f" {value.kind}" if at == 0 or r.random() < 0.3 else ""
        section = "range" if full and at else {"<": "lt", "<=": "le", ">": "gt", ">=": "ge"}[sign]
        clauses.append(job.part(f"pf_g_{section}", K=f"{{k{at}}}{unit}", FROM=f"{{k{at - 1}}}"))
    if full:
        clauses.append(job.part("pf_g_ge" if pairs[-1][0] == "<" else "pf_g_gt", K=f"{{k{count - 1}}}"))
    return (
        [*(text for _, _, text in pairs), rest],
        [f"values[path] {sign} {bound}" for sign, bound, _ in pairs],
        clauses,
    )
