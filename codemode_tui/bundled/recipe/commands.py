"""Questions that one simple command answers: git, date, versions."""

from __future__ import annotations

from dataclasses import dataclass

from codemode_tui.bundled.recipe import names
from codemode_tui.bundled.recipe.example import MOST_CHARACTERS, Chat, lit
from codemode_tui.bundled.recipe.number_words import CARDINALS
from codemode_tui.bundled.recipe.phrasing import ask, quoted


@dataclass(frozen=True)
class Command:
    """A command line, how it is asked for, and what is said of its output."""

    section: str
    line: str
    full: str
    empty: str = ""
    weight: int = 1


COMMANDS = [
    Command("git_status", "git status --short", "That is the git status.", "The working tree is clean.", 6),
    Command(
        "git_uncommitted",
        "git status --short",
        "There are uncommitted changes.",
        "The working tree is clean.",
        5,
    ),
    Command("git_branch", "git branch --show-current", "You are on the branch {out}.", weight=5),
    Command("git_branches", "git branch", "Those are the branches.", weight=3),
    Command("git_diff", "git diff --stat", "That is what has changed.", "Nothing has changed.", 4),
    Command("git_diff_names", "git diff --name-only", "Those are the files that differ.", "Nothing has changed.", 2),
    Command("git_log", "git log --oneline", "Those are the commits.", weight=3),
    Command("git_last_message", "git log -1 --format=%s", "The last commit says: {out}", weight=3),
    Command("git_last_author", "git log -1 --format=%an", "The last commit is by {out}.", weight=3),
    Command("git_last_date", "git log -1 --format=%ad --date=short", "The last commit is of {out}.", weight=2),
    Command("git_last_hash", "git rev-parse --short HEAD", "The last commit is {out}.", weight=2),
    Command(
        "git_last_files", "git show --name-only --format= HEAD", "Those are the files in the last commit.", weight=2
    ),
    Command("git_commit_count", "git rev-list --count HEAD", "There are {out} commits.", weight=4),
    Command("git_authors", "git shortlog -sn HEAD", "Those are the authors.", weight=2),
    Command("git_remote", "git remote -v", "Those are the remotes.", "There is no remote.", 1),
    Command("git_tags", "git tag", "Those are the tags.", "There are no tags.", 1),
    Command("git_stash", "git stash list", "That is stashed.", "Nothing is stashed.", 1),
    Command("git_user", "git config user.name", "git knows you as {out}.", weight=1),
    Command("git_email", "git config user.email", "It is {out}.", weight=1),
    Command("python_version", "python --version", "It is {out}.", weight=5),
    Command("git_version", "git --version", "It is {out}.", weight=2),
    Command("pip_version", "pip --version", "It is {out}.", weight=1),
    Command("node_version", "node --version", "It is {out}.", weight=1),
    Command("pytest", "pytest -q", "{out}", weight=4),
    Command("whoami", "whoami", "You are {out}.", weight=3),
    Command("today", "date", "It is {out}.", weight=4),
    Command("system", "uname -a", "That is your system.", weight=3),
    Command("working_directory", "pwd", "You are in {out}.", weight=3),
    Command("hostname", "hostname", "This computer is called {out}.", weight=1),
    Command("uptime", "uptime", "That is the uptime.", weight=1),
    Command("disk_space", "df -h .", "That is the disk space.", weight=1),
]
_NOT_INSTALLED = (
    "cargo build|cargo test|npm test|npm install|npm run build|yarn build|make|make test|make clean|docker ps|tree|"
    "docker images|go build|go test|ruff check|black .|mypy .|tox|cmake .|gcc --version|java -version|ruby --version|"
    "php --version|perl --version|rustc --version|htop|top|ps aux|ifconfig|ping localhost|curl localhost|jq . data.json"
)
_UNKNOWN = _NOT_INSTALLED.split("|")
_OPTIONS = [
    "--version",
    "build",
    "run",
    "-h",
    "--all",
    "--help",
    "-v",
    "--list",
    "start",
    "test",
    "-x",
    "--force",
    "--quiet",
    "status",
    "now",
    "-la",
    "--dry-run",
]


NO_REPOSITORY = "fatal: not a git repository (or any of the parent directories): .git\n[exit status 128]\n"


def command(c: Chat) -> None:
    """Something that a command knows, now and then of git in a folder that is no repository."""
    r = c.r
    if r.random() < 0.07:
        no_repository(c)
        return
    way = r.random()
    if way < 0.17:
        _commits(c)
        return
    if way < 0.24:
        c.user(ask(r, "git_changed_count", held=c.held))
        out, _ = c.call('print(len(run_command("git status --short").splitlines()))')
        c.say(f"{out} file{' has' if out == '1' else 's have'} changed.")
        return
    chosen = r.choices(COMMANDS, [known.weight**2 for known in COMMANDS])[0]
    c.user(ask(r, chosen.section, held=c.held))
    _run(c, chosen.line, chosen.full, chosen.empty)


def no_repository(c: Chat) -> None:
    """A question about a repository where there is none."""
    r = c.r
    known = [entry for entry in COMMANDS if entry.line.startswith("git ") and "config" not in entry.line]
    chosen = r.choice([entry for entry in known if entry.line != "git --version"])
    c.user(ask(r, chosen.section, held=c.held))
    before = c.world.git
    c.world.git = {**before, chosen.line: NO_REPOSITORY}
    c.call(f"print(run_command({lit(chosen.line)}))")
    c.world.git = before
    c.say("This folder is no git repository.")


def command_line(c: Chat) -> None:
    """A command line that is to be run as it stands."""
    r = c.r
    way = r.random()
    before = c.world.git
    if way < 0.5:
        line = r.choice(sorted(c.world.git))
        if line.startswith("git ") and r.random() < 0.06:
            c.world.git = {**before, line: NO_REPOSITORY}
    elif way < 0.7:
        line = r.choice(_UNKNOWN) if r.random() < 0.7 else f"{names.word(r)} {r.choice(_OPTIONS)}"
    elif way < 0.82:
        line = f"echo {names.phrase(r)}".rstrip(".")
        c.world.git[line] = line.removeprefix("echo ") + "\n"
    elif way < 0.92:
        line = r.choice(("ls", "ls -a"))
        c.world.git[line] = "".join(name.rstrip("/") + "\n" for name in c.world.list_directory())
    else:
        f = c.world.add(r, names.file_name(r).replace(" ", "_"))
        line = r.choice((f"wc -l {f}", f"cat {f}", f"head {f}"))
        text = c.world.files[f]
        rows = text.splitlines(keepends=True)
        c.world.git[line] = f"{len(rows)} {f}\n" if line.startswith("wc") else "".join(rows[:10])
    c.user(ask(r, "command_line", held=c.held, x=quoted(r, line) if r.random() < 0.5 else f"`{line}`"))
    said = c.world.git.get(line, "").strip()
    short = "\n" not in said and len(said) <= MOST_CHARACTERS
    _run(c, line, "It says: {out}" if short else "That is what it says.", "It printed nothing.")
    if line.startswith("git "):
        c.world.git = before


def _commits(c: Chat) -> None:
    r = c.r
    n = r.choice((1, 2, 3, 3, 4, 5, 5, 6, 7, 8, 10, 10, 12, 15, 20))
    if n == 1:
        c.user(ask(r, "git_last_commit", held=c.held))
    else:
        said = CARDINALS[n] if n <= 10 and r.random() < 0.25 else str(n)
        c.user(ask(r, "git_last_commits", held=c.held, n=said))
    out, _ = c.call(f'print(run_command("git log --oneline -n {n}"))')
    shown = len(out.strip().splitlines())
    if n == 1:
        c.say(f"The last commit is {out.strip()}")
    else:
        few = f"There {'is only one commit' if shown == 1 else f'are only {shown} commits'}."
        c.say(few if shown < n else f"Those are the last {n} commits.")


def _run(c: Chat, line: str, full: str, empty: str) -> None:
    out, _ = c.call(f"print(run_command({lit(line)}))")
    if "[exit status 127]" in out:
        c.say(f"{line.split()[0]} is not installed here.")
    elif "not a git repository" in out:
        c.say("This folder is no git repository.")
    else:
        c.say(
            empty if empty and out.strip() in ("", "(no output)") else full.replace("{out}", out.strip().split("\n")[0])
        )
