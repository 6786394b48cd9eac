"""A row's code, run with the product's own tools on real files, prints what the row says."""

import asyncio
import contextlib
import io
import itertools
import os
import traceback
from pathlib import Path

import pytest

from codemode_tui.bundled.recipe.rows import rows
from codemode_tui.bundled.recipe.world import World
from codemode_tui.protocol.parser import parse
from codemode_tui.protocol.profiles import load_profile
from codemode_tui.protocol.render import response_text
from codemode_tui.tools.host import WorkspaceTools

ROWS = 70


def test_the_product_prints_what_the_row_says(tmp_path: Path) -> None:
    profile = load_profile("bundled")
    compared = 0
    with asyncio.Runner() as runner:
        for number, made in enumerate(itertools.islice(rows(201), ROWS)):
            worlds = iter(made.worlds)
            for (role, text), (after, output) in itertools.pairwise((*made.turns, ("user", ""))):
                if role != "assistant" or after != "tool":
                    continue
                world, code = next(worlds), parse(text).code
                assert code is not None
                if "run_command" in code or not fits_a_disk(world):
                    continue
                folder = tmp_path / f"{number}-{compared}"
                lay_out(world, folder)
                ran = run(code, WorkspaceTools(folder, allow_write=True), runner)
                assert response_text(profile, **ran) == output, code
                compared += 1
    assert compared > ROWS // 2


def run(code: str, tools: WorkspaceTools, runner: asyncio.Runner) -> dict[str, object]:
    """Plain Python with the product's tools; arguments of ``response_text``."""

    def bound(name: str):
        return lambda *args, **kwargs: runner.run(tools.call(name, list(args), kwargs))

    out = io.StringIO()
    try:
        with contextlib.redirect_stdout(out):
            exec(
                compile(code, "<code>", "exec"), {"__name__": "__main__"} | {name: bound(name) for name in tools.names}
            )
    except Exception as error:
        line = [f.lineno for f in traceback.extract_tb(error.__traceback__) if f.filename == "<code>"][-1]
        return {"status": "error", "stdout": out.getvalue(), "exception": (type(error).__name__, str(error), line)}
    return {"status": "ok", "stdout": out.getvalue()}


def lay_out(world: World, folder: Path) -> None:
    folder.mkdir()
    for path, text in world.files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode())
        os.utime(file, (world.modified[path], world.modified[path]))


def fits_a_disk(world: World) -> bool:
    """Not a file and a folder of one name, nor two names that differ in case only (a Mac would fold them)."""
    folders = {str(parent) for path in world.files for parent in Path(path).parents}
    names = {*world.files, *folders}
    return not folders & set(world.files) and len({name.lower() for name in names}) == len(names)


@pytest.mark.parametrize("limit", [250])
def test_long_outputs_are_shortened_as_the_product_does(limit: int) -> None:
    from codemode_tui.bundled.recipe.world import shorten as trained
    from codemode_tui.protocol.render import shorten

    assert load_profile("bundled").max_response_chars == limit
    text = "".join(f"line {n}\n" for n in range(400))
    assert trained(text) == shorten(text, limit)
