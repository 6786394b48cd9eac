"""Files in Monty, which tells of every write and of no close: sent once, and what was declined is as it was."""

from __future__ import annotations

from pathlib import PurePosixPath
from types import SimpleNamespace
from typing import Any

import pytest

from codemode_tui.sandbox.monty_files import Files
from codemode_tui.tools.host import WorkspaceTools


class Program:
    """The file calls of a worker. Its handles are a path and a mode."""

    def __init__(self, folder, yes: int = 100) -> None:
        self.asked: list[str] = []
        self.folder, self._yes = folder, yes
        self._tools = WorkspaceTools(folder, approve=self._approve)
        self.files = Files(SimpleNamespace(MontyFileHandle=lambda path, mode: SimpleNamespace(mode=mode)), self.call)

    async def _approve(self, request: Any) -> bool:
        self.asked.append(request.path)
        return len(self.asked) <= self._yes

    async def call(self, name: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
        return await self._tools.call(name, args, kwargs)

    async def do(self, name: str, path: str, *args: Any) -> Any:
        return await self.files.serve(name, [PurePosixPath("/workspace", path), *args])

    async def write(self, path: str, *texts: str, mode: str = "w") -> None:
        await self.do("open", path, mode)
        for text in texts:
            await self.do("Path.append_text", path, text)

    def read(self, path: str) -> str:
        return (self.folder / path).read_text()


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "old.txt").write_text("old\n")
    return tmp_path


@pytest.mark.parametrize(("mode", "holds"), [("w", "a\nb\n"), ("a", "old\na\nb\n")])
async def test_a_file_is_one_question_however_often_it_is_written_to(folder, mode, holds):
    program = Program(folder)
    await program.write("old.txt", "a\n", "b\n", mode=mode)
    assert (program.asked, program.read("old.txt")) == ([], "old\n")
    await program.files.finish(failed=False)
    assert (program.asked, program.read("old.txt")) == (["old.txt"], holds)


async def test_what_is_declined_is_as_it_was_and_the_other_files_are_asked_about(folder):
    program = Program(folder, yes=0)
    await program.write("old.txt", "new")
    await program.write("more.txt", "more")
    with pytest.raises(PermissionError, match=r"old\.txt was not changed"):
        await program.files.finish(failed=False)
    assert (program.asked, program.read("old.txt")) == (["old.txt", "more.txt"], "old\n")


async def test_a_program_that_fails_before_it_writes_empties_nothing(folder):
    program = Program(folder)
    await program.write("old.txt")
    await program.write("half.txt", "half")
    await program.files.finish(failed=True)
    assert (program.read("old.txt"), program.read("half.txt")) == ("old\n", "half")
    await program.write("old.txt")
    await program.files.finish(failed=False)
    assert program.read("old.txt") == ""


async def test_whoever_looks_finds_what_was_written_and_no_other_file_is_sent_for_it(folder):
    program = Program(folder)
    await program.write("a.txt", "a")
    await program.write("b.txt", "b")
    assert await program.do("Path.read_text", "a.txt") == "a"
    assert program.asked == ["a.txt"]
    await program.files.settle("read_file", ["old.txt"], {})
    assert program.asked == ["a.txt"]
    await program.write("empty.txt")
    await program.do("Path.append_text", "a.txt", "!")  # its handle is open still
    await program.files.settle("run_command", ["ls"], {})
    assert (program.asked, program.read("a.txt")) == (["a.txt", "b.txt", "a.txt"], "a!")


async def test_paths_outside_the_current_folder_are_not_its_own(folder):
    program = Program(folder)
    for path in ("/etc/passwd2", "/workspace/../old.txt"):
        with pytest.raises(PermissionError, match="outside the workspace"):
            await program.do("open", path, "w")
    assert await program.do("Path.read_text", str(folder / "old.txt")) == "old\n"
    assert await program.do("Path.iterdir", ".") == [PurePosixPath("old.txt")]
