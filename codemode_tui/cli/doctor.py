"""`codemode doctor`: what works here, what does not, and how to mend it."""

from __future__ import annotations

import argparse
import os
import re
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from codemode_tui import __version__, locations
from codemode_tui.cli.finding import Finding, failed
from codemode_tui.cli.output import print_json
from codemode_tui.errors import CodemodeError

if TYPE_CHECKING:
    from codemode_tui.settings import Settings

EXAMPLE = "codemode doctor --json"

_ADDRESS = re.compile(r"(https?://)(?:[^\s/?#]*@)?([^\s/?#]+)([/?#]\S*?)?(?=['\",;:)]*(?:\s|$))")
_WORDS = {"ok": "ok", "warn": "warn", "fail": "FAIL"}
_INDENT = " " * 16


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Check versions, settings, model, memory, sandbox, engine, store and terminal.\n"
        "Nothing is changed, no model is loaded. Safe to paste into a report: home folder, names,\n"
        "addresses and credentials are replaced.\n"
        "Exits 0 when nothing failed, else as the commands that meet the first failure do (2, 6 or 7)."
    )
    parser.add_argument("--json", action="store_true", help="as one JSON document")


def run(args: argparse.Namespace) -> int:
    findings = [_redacted(one) for one in examine()]
    if args.json:
        print_json(document(findings))
    else:
        _print(findings)
    return exit_code(findings)


def exit_code(findings: list[Finding]) -> int:
    """That of the first failure; 0 without any."""
    return next((one.exit_code for one in findings if one.state == "fail"), 0)


def document(findings: list[Finding]) -> dict[str, Any]:
    shown = [{"area": f.area, "state": f.state, "text": f.text, "fix": f.fix} for f in findings]
    return {"version": 1, "codemode": __version__, "ok": exit_code(findings) == 0, "findings": shown}


def examine() -> Iterator[Finding]:
    """All findings, in the order in which they matter."""
    from codemode_tui.cli import checks, checks_store, checks_terminal

    settings, wrong = checks.settings()
    parts: tuple[Callable[[Settings], Iterator[Finding]], ...] = (
        checks.versions, checks.model, checks.memory, checks.sandbox, checks.engine,
        checks.servers, checks_store.store, checks_terminal.terminal,
    )  # fmt: skip
    yield from wrong
    for part in parts:
        try:
            yield from part(settings)
        except (CodemodeError, OSError) as error:
            yield failed(part.__name__, error)


def _redacted(finding: Finding) -> Finding:
    import msgspec

    from codemode_tui.cli.export import person
    from codemode_tui.feedback.redaction import Redactor, rules

    redact = Redactor(rules(person()))
    own = _own_folder()
    text, fix = (
        redact(own.sub("$CODEMODE_HOME", said)) for said in (_ADDRESS.sub(_shortened, finding.text), finding.fix)
    )
    return msgspec.structs.replace(finding, text=text, fix=fix)


def _shortened(address: re.Match[str]) -> str:
    """Where it leads: user, path and query may hold a key."""
    scheme, host, more = address.groups()
    return f"{scheme}{host}{'/…' if more and more != '/' else ''}"


def _own_folder() -> re.Pattern[str]:
    """``CODEMODE_HOME`` as findings say it: absolute, and no part of a longer name. Matches nothing without one."""
    folder = str(locations.config_dir().parent) if os.environ.get("CODEMODE_HOME") else "/"
    return re.compile(rf"(?<![\w.~-]){re.escape(folder)}(?![\w-]|\.\w)" if folder != "/" else r"(?!)")


def _print(findings: list[Finding]) -> None:
    from codemode_tui.sandbox.sanitise import sanitise_text

    print(f"codemode {__version__}\n")
    area = ""
    for one in findings:
        shown = "" if one.area == area else one.area
        area = one.area
        print(_filled(sanitise_text(f"{_WORDS[one.state]:<5} {shown:<9} {one.text}")))
        if one.fix:
            print(_filled(sanitise_text(f"{'':<15} → {one.fix}")))
    counts = {word: sum(one.state == state for one in findings) for state, word in _WORDS.items()}
    print("\n" + ", ".join(f"{count} {word}" for word, count in counts.items() if count))


def _filled(line: str) -> str:
    """In a terminal, the further lines below the text and not below the marks. Other programs get one line."""
    width = shutil.get_terminal_size().columns
    if not sys.stdout.isatty() or width <= 2 * len(_INDENT):
        return line
    return textwrap.fill(line, width, subsequent_indent=_INDENT, break_long_words=False, break_on_hyphens=False)
