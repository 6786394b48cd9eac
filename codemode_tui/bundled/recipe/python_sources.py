"""Python files for questions about code, and what was put into them."""

from __future__ import annotations

import keyword
from dataclasses import dataclass, field

from codemode_tui.bundled.recipe import names
from codemode_tui.bundled.recipe.source import Source

_LIBRARY = """
os sys json re math random csv time datetime pathlib logging typing collections itertools functools subprocess shutil
argparse dataclasses enum abc io string textwrap decimal fractions statistics hashlib base64 socket threading asyncio
queue tempfile glob zipfile sqlite3 unittest uuid copy operator contextlib inspect types numpy pandas requests flask
django pytest click rich yaml httpx pydantic sqlalchemy scipy matplotlib torch
"""
MODULES = _LIBRARY.split()
_PARAMETERS = """
path name value data text key item items index count size limit width height color user line lines row rows column
start stop step first last left right source target width message level mode encoding default callback url port host
"""
PARAMETERS = _PARAMETERS.split()
_PARENTS = "Exception ValueError ABC object Enum dict list Thread TestCase Protocol RuntimeError NamedTuple"
_BASES = _PARENTS.split()
_DECORATORS = ("staticmethod", "property", "cache", "functools.cache", "pytest.fixture", "override", "app.route('/')")


@dataclass
class Code:
    """One file: its text and the names in it."""

    text: str
    functions: list[str] = field(default_factory=list)
    classes: list[str] = field(default_factory=list)
    modules: list[str] = field(default_factory=list)


def code(r: Source, *, tests: bool = False, base: str = "") -> Code:
    """A short module.

    Args:
        r: the source of all choices.
        tests: make test functions.
        base: a class of another file, from which a class of this one may inherit.
    """
    made = Code("")
    rows: list[str] = []
    if r.random() < 0.35:
        rows += [f'"""{_sentence(r)}"""', ""]
    for _ in range(r.randint(0, 3)):
        module = r.choice(MODULES)
        made.modules.append(module)
        rows.append(f"import {module}" if r.random() < 0.65 else f"from {module} import {identifier(r)}")
    for _ in range(r.choice((0, 0, 1, 2))):
        rows.append(
            f"{identifier(r).upper()} = {r.choice((str(names.number(r)), 'True', chr(34) + names.word(r) + chr(34)))}"
        )
    for _ in range(r.choice((0, 1, 1, 2, 2, 3))):
        if r.random() < 0.35 and not tests:
            rows += ["", *_class(r, made, base)]
        else:
            rows += ["", *_function(r, made, tests)]
    made.text = "\n".join(rows).lstrip("\n") + "\n"
    try:
        compile(made.text, "x", "exec")
    except SyntaxError:  # a random word was a keyword
        return Code("def main():\n    return None\n", ["main"])
    return made


def _class(r: Source, made: Code, base: str) -> list[str]:
    name = "".join(_word(r).capitalize() for _ in range(r.randint(1, 2)))
    made.classes.append(name)
    way = r.random()
    parent = f"({base})" if base and way < 0.6 else f"({r.choice(_BASES)})" if way < 0.4 else ""
    rows = [f"class {name}{parent}:"]
    if r.random() < 0.3:
        rows.append(f'    """{_sentence(r)}"""')
    for _ in range(r.randint(0, 3)):
        rows += [
            f"    def {identifier(r)}(self{r.choice(('', f', {r.choice(PARAMETERS)}'))}):",
            f"        return {r.choice(('None', 'self', '0'))}",
        ]
    return rows if len(rows) > 1 else [*rows, "    pass"]


def _function(r: Source, made: Code, tests: bool) -> list[str]:
    name = ("test_" if tests else "") + identifier(r)
    made.functions.append(name)
    parameters = r.sample(PARAMETERS[:20], r.choice((0, 1, 1, 2, 3))) if not tests else []
    if parameters and r.random() < 0.25:
        parameters[-1] += f"={r.choice(('None', '0', 'True'))}"
    rows = [f"@{r.choice(_DECORATORS)}"] if r.random() < 0.12 else []
    rows.append(f"{'async ' if r.random() < 0.12 else ''}def {name}({', '.join(parameters)}):")
    if r.random() < 0.35:
        rows.append(f'    """{_sentence(r)}"""')
    for _ in range(r.choice((0, 0, 1, 2))):
        rows.append(f"    {identifier(r)} = {names.number(r)}")
    rows.append("    assert True" if tests else f"    return {r.choice(('None', 'True', str(names.number(r))))}")
    return rows


def _word(r: Source) -> str:
    return r.choice(r.words)


def identifier(r: Source) -> str:
    """The name of a function or a variable."""
    name = names.identifier(r).lower()
    return name if name.isidentifier() and not keyword.iskeyword(name) else "main"


def _sentence(r: Source) -> str:
    return names.phrase(r).replace("\\", "").replace('"', "").capitalize().rstrip(".!") + "."
