"""Questions that one simple command answers: git, date, versions."""

from __future__ import annotations

from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.phrasing import ask

COMMANDS = {
    "git status --short": (
        [
            "git status",
            "(show|what is) the git status",
            "(what has|which files have) changed (in git|)",
            "are there uncommitted changes",
            "(is the working tree clean|any changes in git)",
        ],
        "That is the git status.",
        "The working tree is clean.",
    ),
    "git branch --show-current": (
        [
            "(which|what) branch (am I on|is this|are we on)",
            "(show|print|what is) the current (git |)branch",
            "current git branch",
            "on which branch am I",
        ],
        "You are on the branch {out}.",
        "",
    ),
    "git diff --stat": (
        [
            "(show|summarise) the git diff",
            "git diff",
            "what is the (git |)diff",
            "how much (did I change|have I changed)",
        ],
        "That is what has changed.",
        "Nothing has changed.",
    ),
    "python --version": (
        [
            "(which|what) (version of python|python version) (is this|is installed|do I have)",
            "python version",
            "(check|show|print) the python version",
        ],
        "It is {out}.",
        "",
    ),
    "whoami": (["who am I logged in as", "what is my user name", "whoami"], "You are {out}.", ""),
    "date": (
        ["what (day|date) is (it|today)", "what time is it", "what is today's date"],
        "It is {out}.",
        "",
    ),
    "uname -a": (
        ["(which|what) operating system is this", "what system am I on", "uname"],
        "That is your system.",
        "",
    ),
    "pwd": (
        ["(what is|print|show) the (current|working) directory", "where am I", "in which folder am I"],
        "You are in {out}.",
        "",
    ),
}


def command(c: Chat) -> None:
    r = c.r
    if r.random() < 0.3:
        n = r.randint(1, 20)
        c.user(
            ask(
                r,
                [
                    "(show|show me|print|list) the last {n} commits",
                    "git log (of|for) the last {n} commits",
                    "what (are|were) the last {n} commits",
                    "the {n} most recent commits",
                ],
                held=c.held,
                n=str(n),
            )
        )
        c.call(f'print(run_command("git log --oneline -n {n}"))')
        c.say(f"Those are the last {n} commits." if n > 1 else "That is the last commit.")
        return
    line = r.choice(sorted(COMMANDS))
    questions, full, empty = COMMANDS[line]
    c.user(ask(r, questions, held=c.held))
    out, _ = c.call(f"print(run_command({lit(line)}))")
    c.say(empty if empty and not out.strip() else full.replace("{out}", out.strip()))
