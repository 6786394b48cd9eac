"""Questions about the code of all Python files of the workspace."""

from __future__ import annotations

from codemode_tui.bundled.recipe import names, python_sources
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.phrasing import ask, quoted
from codemode_tui.bundled.recipe.python_files import FUNCTION, KINDS, failure

_EACH = 'import ast\nfor path in glob_files("{glob}"):\n    tree = ast.parse(read_file(path))\n'
_ALL = "**/*.py"
_TESTS = "**/test_*.py"


def python_each(c: Chat) -> None:
    """Counts: of each file, in total, and where there are most."""
    r = c.r
    _files(c)
    kind = r.choices(KINDS, [kind.weight for kind in KINDS])[0]
    count = f"sum({kind.test} for node in ast.walk(tree))"
    said = r.choice(kind.said)
    way = r.random()
    if way < 0.3:
        c.user(ask(r, "python_each_count", held=c.held, what=said))
        _answer(
            c, _EACH.replace("{glob}", _ALL) + f"    print(path, {count})", f"Those are the numbers of {kind.many}."
        )
    elif way < 0.62:
        c.user(ask(r, "python_total", held=c.held, what=said))
        code = (
            f'import ast\ntotal = 0\nfor path in glob_files("{_ALL}"):\n    tree = ast.parse(read_file(path))\n'
            f"    total += {count}\nprint(total)"
        )
        out, ok = c.call(code)
        number = f"is 1 {kind.one}" if out == "1" else f"are {out} {kind.many}"
        c.say(f"There {number} in all Python files." if ok else failure(out))
    elif way < 0.8:
        c.user(ask(r, "python_all_names", held=c.held, what=said))
        shown = "ast.unparse(node)" if kind.one == "import" else kind.show
        code = (
            _EACH.replace("{glob}", _ALL)
            + f"    for node in ast.walk(tree):\n        if {kind.test}:\n            print(path, {shown})"
        )
        _answer(c, code, f"Those are the {kind.many}.", f"There are no {kind.many}.")
    else:
        c.user(ask(r, "python_most", held=c.held, what=said))
        code = (
            f"import ast\ndef count(path):\n    tree = ast.parse(read_file(path))\n    return {count}\n"
            f'print(max(glob_files("{_ALL}"), key=count))'
        )
        _answer(c, code, f"{{out}} has the most {kind.many}.")


def python_where(c: Chat) -> None:
    """Which files define, import or inherit from something, or begin with a docstring."""
    r = c.r
    codes = _files(c)
    functions = [name for code in codes for name in code.functions]
    classes = [name for code in codes for name in code.classes]
    modules = [name for code in codes for name in code.modules]
    walk = _EACH.replace("{glob}", _ALL)
    way = r.random()
    if way < 0.35:
        known = functions + classes
        x = r.choice(known) if known and r.random() < 0.85 else names.word(r)
        c.user(ask(r, "python_defined_where", held=c.held, x=quoted(r, x)))
        test = f"isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and node.name == {lit(x)}"
        code = walk + f"    for node in ast.walk(tree):\n        if {test}:\n            print(path, node.lineno)"
        _answer(c, code, f"Those are the files that define {x}, with the line.", f"No file defines {x}.")
    elif way < 0.55:
        x = (
            r.choice(classes)
            if classes and r.random() < 0.8
            else r.choice(("Exception", "ValueError", "ABC", "TestCase"))
        )
        c.user(ask(r, "python_subclasses", held=c.held, x=quoted(r, x)))
        test = f"isinstance(node, ast.ClassDef) and {lit(x)} in [ast.unparse(base) for base in node.bases]"
        code = walk + f"    for node in ast.walk(tree):\n        if {test}:\n            print(path, node.name)"
        _answer(c, code, f"Those inherit from {x}.", f"No class inherits from {x}.")
    elif way < 0.8:
        x = r.choice(modules) if modules and r.random() < 0.85 else r.choice(python_sources.MODULES)
        c.user(ask(r, "python_importers", held=c.held, x=quoted(r, x)))
        code = (
            walk
            + "    modules = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]\n"
            + "    modules += [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]\n"
            + f"    if {lit(x)} in modules:\n        print(path)"
        )
        _answer(c, code, f"Those are the files that import {x}.", f"No file imports {x}.")
    elif way < 0.9:
        c.user(ask(r, "python_docstring_files", held=c.held))
        _answer(
            c,
            walk + "    if ast.get_docstring(tree):\n        print(path)",
            "Those are the files that begin with a docstring.",
            "No file begins with a docstring.",
        )
    else:
        c.user(ask(r, "python_no_docstring_files", held=c.held))
        _answer(
            c,
            walk + "    if not ast.get_docstring(tree):\n        print(path)",
            "Those are the files without a docstring.",
            "Every file has a docstring.",
        )


def python_tests(c: Chat) -> None:
    """Test functions in test files."""
    r = c.r
    for _ in range(r.randint(1, 3)):
        where = r.choice(("tests/", "tests/", "", f"{names.folder(r)}/"))
        c.world.add(
            r, f"{where}test_{names.file_name(r, 'py')}".replace(" ", "_"), python_sources.code(r, tests=True).text
        )
    test = f'isinstance(node, {FUNCTION}) and node.name.startswith("test")'
    count = f"sum({test} for node in ast.walk(tree))"
    if r.random() < 0.5:
        c.user(ask(r, "python_tests_total", held=c.held))
        code = (
            f'import ast\ntotal = 0\nfor path in glob_files("{_TESTS}"):\n    tree = ast.parse(read_file(path))\n'
            f"    total += {count}\nprint(total)"
        )
        _answer(c, code, "Test functions in the test files: {out}.")
    else:
        c.user(ask(r, "python_tests_each", held=c.held))
        _answer(
            c, _EACH.replace("{glob}", _TESTS) + f"    print(path, {count})", "Those are the tests of each test file."
        )


def _files(c: Chat) -> list[python_sources.Code]:
    """A few fresh files, of which a class of one may inherit from that of another."""
    r = c.r
    codes: list[python_sources.Code] = []
    for _ in range(r.randint(2, 4)):
        base = next((name for code in codes for name in code.classes), "")
        codes.append(python_sources.code(r, base=base))
        where = f"{names.folder(r)}/" if r.random() < 0.4 else ""
        c.world.add(r, where + names.file_name(r, "py"), codes[-1].text)
    return codes


def _answer(c: Chat, code: str, full: str, empty: str = "") -> None:
    out, ok = c.call(code)
    if not ok:
        c.say(failure(out))
    elif empty and out == "(no output)":
        c.say(empty)
    else:
        c.say(full.replace("{out}", out))
