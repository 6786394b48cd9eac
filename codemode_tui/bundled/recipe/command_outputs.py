"""What the commands print that a generated workspace knows."""

from __future__ import annotations

from codemode_tui.bundled.recipe import contents, names
from codemode_tui.bundled.recipe.source import Source

_FIRST = (
    "Anna Ben Carla David Emma Felix Grace Hugo Ida Jack Karen Leo Maria Nina Oscar Paul Rosa Sam Tina Victor Wendy "
    "Zoe Ali Fatima Chen Priya Ivan Olga Pedro Sofia Lars Greta Omar Yuki Liam Noah Mia Eva Max Julia"
)
PEOPLE = _FIRST.split()


def texts(r: Source) -> dict[str, str]:
    """Output by command line; the lines that tell of the same thing agree with each other."""
    known = contents.git_texts(r)
    log = known["git log --oneline -n 20"].splitlines()
    changed = [line[3:] for line in known["git status --short"].splitlines()]
    tracked = [line[3:] for line in known["git status --short"].splitlines() if line.startswith(" M")]
    known["git diff --stat"] = "".join(f" {name} | {r.randint(1, 40)} +-\n" for name in tracked)
    branch = known["git branch --show-current"].strip()
    short, _, message = log[0].partition(" ")
    authors = [f"{r.choice(PEOPLE)} {names.word(r).capitalize()}" for _ in range(r.randint(1, 3))]
    others = sorted({branch, *(names.word(r) for _ in range(r.randint(0, 3)))})
    day = f"20{r.randint(20, 30)}-{r.randint(1, 12):02}-{r.randint(1, 28):02}"
    site = f"https://example.org/{names.word(r)}/{names.word(r)}.git"
    passed, failed = r.randint(1, 60), r.choice((0, 0, 1, 2))
    result = f"{failed} failed, {passed} passed" if failed else f"{passed} passed"
    return known | {
        "git log --oneline": "".join(line + "\n" for line in log),
        "git log -1 --format=%s": message + "\n",
        "git log -1 --format=%an": authors[0] + "\n",
        "git log -1 --format=%ad --date=short": day + "\n",
        "git rev-parse --short HEAD": short + "\n",
        "git rev-list --count HEAD": f"{len(log)}\n",
        "git shortlog -sn HEAD": "".join(f"    {r.randint(1, 30)}\t{name}\n" for name in authors),
        "git branch": "".join(("* " if name == branch else "  ") + name + "\n" for name in others),
        "git remote -v": f"origin\t{site} (fetch)\norigin\t{site} (push)\n" if r.random() < 0.7 else "",
        "git diff --name-only": "".join(name + "\n" for name in tracked),
        "git show --name-only --format= HEAD": "".join(name + "\n" for name in changed or [names.file_name(r)]),
        "git tag": "".join(f"v{n}.{r.randint(0, 9)}.0\n" for n in range(r.randint(0, 3))),
        "git stash list": f"stash@{{0}}: WIP on {branch}: {log[0]}\n" if r.random() < 0.4 else "",
        "git config user.name": authors[0] + "\n",
        "git config user.email": f"{authors[0].split()[0].lower()}@example.org\n",
        "git --version": f"git version 2.{r.randint(30, 50)}.{r.randint(0, 9)}\n",
        "pip --version": f"pip {r.randint(20, 26)}.{r.randint(0, 3)} (python 3.{r.randint(9, 14)})\n",
        "node --version": f"v{r.randint(16, 24)}.{r.randint(0, 20)}.{r.randint(0, 9)}\n",
        "pytest -q": f"{result} in {r.randint(0, 9)}.{r.randint(10, 99)}s\n"
        + (f"[exit status {1}]\n" if failed else ""),
        "hostname": f"{names.word(r)}\n",
        "uptime": f" {r.randint(0, 23):02}:{r.randint(0, 59):02} up {r.randint(1, 90)} days, {r.randint(1, 4)} users\n",
        "df -h .": f"Filesystem Size Used Avail\n/dev/sda1 {r.randint(100, 900)}G {r.randint(5, 99)}G {r.randint(5, 99)}G\n",
    }
