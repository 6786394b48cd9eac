"""Questions about the code in one Python file, answered with ``ast``."""

from __future__ import annotations

from dataclasses import dataclass

from codemode_tui.bundled.recipe import python_sources
from codemode_tui.bundled.recipe.example import Chat, lit
from codemode_tui.bundled.recipe.file_reading import some_file
from codemode_tui.bundled.recipe.phrasing import ask, quoted
from codemode_tui.bundled.recipe.python_sources import Code

FUNCTION = "(ast.FunctionDef, ast.AsyncFunctionDef)"


@dataclass(frozen=True)
class Kind:
    """A kind of thing in code: what it is called, and how the nodes are told."""

    one: str
    many: str
    said: tuple[str, ...]
    test: str
    weight: int = 1
    show: str = "node.name"


KINDS = [
    Kind(
        "function",
        "functions",
        ("functions", "functions", "function definitions", "defs"),
        f"isinstance(node, {FUNCTION})",
        6,
    ),
    Kind("class", "classes", ("classes", "classes", "class definitions"), "isinstance(node, ast.ClassDef)", 5),
    Kind(
        "import",
        "imports",
        ("imports", "imports", "import statements"),
        "isinstance(node, (ast.Import, ast.ImportFrom))",
        4,
    ),
    Kind(
        "async function",
        "async functions",
        ("async functions", "asynchronous functions", "coroutines", "async defs"),
        "isinstance(node, ast.AsyncFunctionDef)",
    ),
    Kind(
        "test function",
        "test functions",
        ("test functions", "tests", "unit tests", "test cases", "functions that start with test"),
        f'isinstance(node, {FUNCTION}) and node.name.startswith("test")',
        2,
    ),
    Kind(
        "function without docstring",
        "functions without docstring",
        (
            "functions without docstring",
            "functions without a docstring",
            "undocumented functions",
            "functions that have no docstring",
            "functions lacking a docstring",
        ),
        f"isinstance(node, {FUNCTION}) and not ast.get_docstring(node)",
        2,
    ),
    Kind(
        "function with docstring",
        "functions with docstring",
        (
            "functions with docstring",
            "functions with a docstring",
            "documented functions",
            "functions that have a docstring",
        ),
        f"isinstance(node, {FUNCTION}) and bool(ast.get_docstring(node))",
    ),
    Kind(
        "constant",
        "constants",
        ("constants", "constants", "upper-case constants", "constant names"),
        "isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and node.id.isupper()",
        2,
        "node.id",
    ),
]
IMPORTS = """for node in ast.walk(tree):
    if isinstance(node, ast.Import):
        for alias in node.names:
            print(alias.name)
    elif isinstance(node, ast.ImportFrom):
        print(node.module)"""
_IMPORTED = """modules = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
modules += [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
print({m} in modules)"""
_DECORATORS = """for node in ast.walk(tree):
    for decorator in getattr(node, "decorator_list", []):
        print(ast.unparse(decorator))"""
_LONGEST = f"""functions = [node for node in ast.walk(tree) if isinstance(node, {FUNCTION})]
print(max(functions, key=lambda node: node.end_lineno - node.lineno).name)"""
_METHODS = f"""for node in ast.walk(tree):
    if isinstance(node, ast.ClassDef) and node.name == {{x}}:
        for item in node.body:
            if isinstance(item, {FUNCTION}):
                print(item.name)"""
_OF_CLASS = """for node in ast.walk(tree):
    if isinstance(node, ast.ClassDef) and node.name == {x}:
        """
_OF_FUNCTION = f"""for node in ast.walk(tree):
    if isinstance(node, {FUNCTION}) and node.name == {{x}}:
        """


def python_names(c: Chat) -> None:
    """All things of a kind in one file."""
    r = c.r
    kind, f = _kind(c), python_file(c)[0]
    if r.random() < 0.08:
        c.user(ask(r, "python_decorators", held=c.held, f=quoted(r, f)))
        _answer(c, f, _DECORATORS, f"Those are the decorators in {f}.", f"{f} uses no decorators.")
        return
    c.user(ask(r, "python_list", held=c.held, f=quoted(r, f), what=r.choice(kind.said)))
    loop = f"for node in ast.walk(tree):\n    if {kind.test}:\n        print({kind.show})"
    _answer(
        c,
        f,
        IMPORTS if kind.one == "import" else loop,
        f"Those are the {kind.many} in {f}.",
        f"{f} has no {kind.many}.",
    )


def python_count(c: Chat) -> None:
    """How many things of a kind in one file."""
    r = c.r
    kind, f = _kind(c), python_file(c)[0]
    c.user(ask(r, "python_count", held=c.held, f=quoted(r, f), what=r.choice(kind.said)))
    out, ok = c.call(_load(f) + f"print(sum({kind.test} for node in ast.walk(tree)))")
    c.say(f"{f} has {out} {kind.one if out == '1' else kind.many}." if ok else failure(out))


def python_named(c: Chat) -> None:
    """One function or class, by its name."""
    r = c.r
    f, code = python_file(c)
    way = r.random()
    if code.classes and way < 0.4:
        x = r.choice(code.classes)
        section, program, full, empty = r.choice(
            (
                ("python_methods", _METHODS, f"Those are the methods of {x}.", f"{x} has no methods."),
                ("python_methods", _METHODS, f"Those are the methods of {x}.", f"{x} has no methods."),
                (
                    "python_bases",
                    _OF_CLASS + "for base in node.bases:\n            print(ast.unparse(base))",
                    f"{x} inherits from {{out}}.",
                    f"{x} has no base class.",
                ),
                (
                    "python_class_docstring",
                    _OF_CLASS + 'print(ast.get_docstring(node) or "no docstring")',
                    f"That is the docstring of {x}.",
                    "",
                ),
                ("python_class_line", _OF_CLASS + "print(node.lineno)", f"{x} begins on line {{out}}.", ""),
            )
        )
    elif code.functions and way < 0.85:
        x = r.choice(code.functions)
        section, program, full, empty = r.choice(
            (
                (
                    "python_arguments",
                    _OF_FUNCTION + "print(ast.unparse(node.args))",
                    f"{x} takes {{out}}.",
                    f"{x} takes no arguments.",
                ),
                (
                    "python_arguments",
                    _OF_FUNCTION + "print(ast.unparse(node.args))",
                    f"{x} takes {{out}}.",
                    f"{x} takes no arguments.",
                ),
                (
                    "python_docstring",
                    _OF_FUNCTION + 'print(ast.get_docstring(node) or "no docstring")',
                    f"That is the docstring of {x}.",
                    "",
                ),
                ("python_line", _OF_FUNCTION + "print(node.lineno)", f"{x} begins on line {{out}}.", ""),
                ("python_line", _OF_FUNCTION + "print(node.lineno)", f"{x} begins on line {{out}}.", ""),
                ("python_body", _OF_FUNCTION + "print(ast.unparse(node))", f"That is {x}.", ""),
                ("python_body", _OF_FUNCTION + "print(ast.unparse(node))", f"That is {x}.", ""),
                (
                    "python_length",
                    _OF_FUNCTION + "print(node.end_lineno - node.lineno + 1)",
                    f"{x} has {{out}} lines.",
                    "",
                ),
            )
        )
    else:
        x = r.choice(code.modules) if code.modules and r.random() < 0.6 else r.choice(python_sources.MODULES)
        c.user(ask(r, "python_is_imported", held=c.held, f=quoted(r, f), x=quoted(r, x)))
        out, ok = c.call(_load(f) + _IMPORTED.replace("{m}", lit(x)))
        c.say((f"Yes, {f} imports {x}." if out == "True" else f"No, {f} does not import {x}.") if ok else failure(out))
        return
    c.user(ask(r, section, held=c.held, f=quoted(r, f), x=quoted(r, x)))
    _answer(c, f, program.replace("{x}", lit(x)), full, empty)


def python_whole(c: Chat) -> None:
    """Its longest function, its own docstring, whether it defines something."""
    r = c.r
    f, code = python_file(c)
    way = r.random()
    if way < 0.35 and code.functions:
        c.user(ask(r, "python_longest", held=c.held, f=quoted(r, f)))
        _answer(c, f, _LONGEST, "The longest function is {out}.", "")
    elif way < 0.65:
        c.user(ask(r, "python_module_docstring", held=c.held, f=quoted(r, f)))
        out, ok = c.call(_load(f) + 'print(ast.get_docstring(tree) or "no docstring")')
        c.say(
            (f"{f} has no docstring." if out == "no docstring" else f"That is the docstring of {f}.")
            if ok
            else failure(out)
        )
    else:
        known = code.functions if r.random() < 0.6 and code.functions else [python_sources.identifier(r)]
        x = r.choice(known)
        c.user(ask(r, "python_defines", held=c.held, f=quoted(r, f), x=quoted(r, x)))
        out, ok = c.call(
            _load(f) + f"print(any(isinstance(node, {FUNCTION}) and node.name == {lit(x)} for node in ast.walk(tree)))"
        )
        c.say((f"Yes, {f} defines {x}." if out == "True" else f"No, {f} does not define {x}.") if ok else failure(out))


def python_file(c: Chat) -> tuple[str, Code]:
    """A fresh Python file and what is in it."""
    code = python_sources.code(c.r, tests=c.r.random() < 0.1)
    return some_file(c, "py", code.text), code


def _kind(c: Chat) -> Kind:
    return c.r.choices(KINDS, [kind.weight for kind in KINDS])[0]


def _load(f: str) -> str:
    return f"import ast\ntree = ast.parse(read_file({lit(f)}))\n"


def _answer(c: Chat, f: str, program: str, full: str, empty: str) -> None:
    out, ok = c.call(_load(f) + program)
    if not ok:
        c.say(failure(out))
    elif out == "no docstring":
        c.say("It has no docstring.")
    elif empty and out.strip() in ("", "(no output)"):
        c.say(empty)
    else:
        c.say(full.replace("{out}", ", ".join(out.strip().splitlines())))


def failure(out: str) -> str:
    """What is said when the program ended with an error, as on a file that is no Python."""
    return f"That did not work: {out.rpartition('Error on line ')[2].partition(': ')[2]}."
