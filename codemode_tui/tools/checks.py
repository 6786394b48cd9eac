"""ruff_check, pytest_run, typecheck: what a program says of Python code, as values."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from codemode_tui.tools.programs import program, relative, run_program, why
from codemode_tui.tools.toolbox import Toolbox

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

TYPE_CHECKERS = {
    "ty": ("check", "--output-format", "concise"),
    "pyright": (),
    "mypy": (
        "--show-column-numbers", "--show-error-codes", "--no-error-summary", "--no-pretty", "--cache-dir=/dev/null",
    ),
}  # fmt: skip
"""By program, what makes it print one line for each finding; the first that is there is used."""
_FINDING = re.compile(
    r"^\s*(?P<file>[^:\n]+):(?P<line>\d+):(?P<column>\d+)(?: -)?:? (?P<severity>error|warning|info|note|information)"
    r"(?:\[(?P<rule>[\w-]+)\])?:? (?P<message>.*?)(?:  ?[\[(](?P<code>[\w-]+)[\])])?$",
    re.MULTILINE,
)
_REPORT, _REPORT_END = "<?xml version", "</testsuites>"


async def typecheck(box: Toolbox, path: str = ".") -> dict[str, Any]:
    """{success, error_count, warning_count, errors: [{file, line, column, severity, code, message}], parse_error}."""
    name = program(box.workspace.root, *TYPE_CHECKERS)
    if name is None:
        raise FileNotFoundError(f"there is no type checker here ({', '.join(TYPE_CHECKERS)})")
    result = await run_program(box, [name, *TYPE_CHECKERS[name.rpartition("/")[2]]], path)
    errors = [
        {
            "file": relative(box.workspace, found["file"]),
            "line": int(found["line"]),
            "column": int(found["column"]),
            "severity": found["severity"],
            "code": found["rule"] or found["code"] or "",
            "message": found["message"],
        }
        for found in _FINDING.finditer(result.output)
    ]
    counts = [sum(one["severity"] == severity for one in errors) for severity in ("error", "warning")]
    broken = result.exit_code != 0 and not counts[0]
    return {
        "success": result.exit_code == 0,
        "error_count": counts[0],
        "warning_count": counts[1],
        "errors": errors,
        "parse_error": why(result) if broken else None,
    }


async def ruff_check(box: Toolbox, path: str = ".") -> dict[str, Any]:
    """{success, violation_count, fixable_count, violations: [{file, line, column, code, message, fixable}]}."""
    ruff = program(box.workspace.root, "ruff") or "ruff"
    result = await run_program(box, [ruff, "check", "--no-cache", "--exit-zero", "--output-format=json"], path)
    try:
        found, _ = json.JSONDecoder().raw_decode(result.output[result.output.index("[") :])
    except ValueError:
        raise RuntimeError(f"ruff: {why(result)}") from None
    violations = [
        {
            "file": relative(box.workspace, one["filename"]),
            "line": one["location"]["row"],
            "column": one["location"]["column"],
            "code": one["code"] or "syntax-error",
            "message": one["message"],
            "fixable": one["fix"] is not None,
        }
        for one in found
    ]
    return {
        "success": not violations,
        "violation_count": len(violations),
        "fixable_count": sum(one["fixable"] for one in violations),
        "violations": violations,
    }


async def pytest_run(box: Toolbox, path: str = ".") -> dict[str, Any]:
    """{success, passed, failed, errors, skipped, duration, tests: [{name, outcome, duration, message}]}."""
    from xml.etree import ElementTree as ET

    pytest = program(box.workspace.root, "pytest") or "pytest"
    argv = [pytest, "-q", "-p", "no:cacheprovider", "--color=no", "--junit-xml=/dev/stderr"]
    result = await run_program(box, argv, path, prefix="PYTHONDONTWRITEBYTECODE=1 ")
    start, end = result.output.rfind(_REPORT), result.output.rfind(_REPORT_END)
    report = result.output[start : end + len(_REPORT_END)] if 0 <= start < end else ""  # more may be said behind it
    try:
        # A document type could define entities that grow without end; pytest writes none.
        cases = ET.fromstring(report).iter("testcase") if "<!DOCTYPE" not in report else None
    except ET.ParseError:
        cases = None
    if cases is None:
        raise RuntimeError(f"pytest: {why(result)}")
    tests = [_test(case) for case in cases]
    counts = {what: sum(test["outcome"] == what for test in tests) for what in ("passed", "failed", "error", "skipped")}
    return {
        "success": result.exit_code == 0,
        "passed": counts["passed"],
        "failed": counts["failed"],
        "errors": counts["error"],
        "skipped": counts["skipped"],
        "duration": round(sum(test["duration"] for test in tests), 3),
        "tests": tests,
    }


def _test(case: Element) -> dict[str, Any]:
    outcome, message = "passed", ""
    for tag, name in (("skipped", "skipped"), ("failure", "failed"), ("error", "error")):
        found = case.find(tag)
        if found is not None:
            outcome, message = name, found.get("message") or (found.text or "").strip()
    where = case.get("classname") or ""
    name = f"{where}::{case.get('name')}" if where else case.get("name") or ""
    return {"name": name, "outcome": outcome, "duration": float(case.get("time") or 0), "message": message}
