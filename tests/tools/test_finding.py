"""Globbing and searching: right, bounded, killable, and blind to what is ignored."""

import asyncio
import os
import unicodedata

import pytest

from codemode_tui.tools.globbing import Glob
from codemode_tui.tools.host import WorkspaceTools
from codemode_tui.tools.paths import Workspace
from codemode_tui.tools.tree import Walker
from codemode_tui.tools.types import ToolLimits


@pytest.fixture
def tree(folder):
    for name in ("a.py", "src/b.py", "src/deep/c.py", "src/deep/d.txt", ".hidden/e.py", ".f.py", "src/.g.py"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("import os  # TODO\n")
    return folder


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("*.py", ["a.py"]),
        ("**/*.py", ["a.py", "src/b.py", "src/deep/c.py"]),
        ("src/**/*.py", ["src/b.py", "src/deep/c.py"]),
        ("src/**", ["src/b.py", "src/deep/c.py", "src/deep/d.txt"]),
        ("**/**/c.py", ["src/deep/c.py"]),
        ("*/b.py", ["src/b.py"]),
        ("src/*/?.txt", ["src/deep/d.txt"]),
        ("[ab].py", ["a.py"]),
        ("[!a].py", []),
        (".*.py", [".f.py"]),
        ("**/.*.py", [".f.py", "src/.g.py"]),
        (".hidden/*", [".hidden/e.py"]),
        (".hidden/**", [".hidden/e.py"]),
        ("./a.py", ["a.py"]),
        ("src", []),
        ("src/", []),
        ("nothing*", []),
        ("notes.txt", ["notes.txt"]),
        ("notes/../a.py", ["a.py"]),
        ("src/./../src/*.py", ["src/b.py"]),
        ("*/../[a-z].py", ["a.py"]),
        ("../work/*.py", []),
        ("src/../../work/*.py", []),
        ("", []),
    ],
)
async def test_glob_by_the_rules_of_pathlib(tree, pattern, found):
    assert await WorkspaceTools(tree).call("glob_files", [pattern], {}) == found


async def test_names_are_found_however_their_accents_are_written(tree):
    names = [unicodedata.normalize(form, "Bücher.txt") for form in ("NFC", "NFD")]
    (tree / names[1]).touch()
    for name in names:
        assert await WorkspaceTools(tree).call("glob_files", [name.replace("cher", "*")], {}) == [names[1]]
        assert await WorkspaceTools(tree).call("glob_files", [name], {}) == [names[1]]


async def test_glob_takes_an_absolute_pattern_inside_and_finds_nothing_outside(tree):
    tools = WorkspaceTools(tree)
    assert await tools.call("glob_files", [f"{tree}/*.py"], {}) == ["a.py"]
    for pattern in ("/etc/*", "/", "//etc/*", "../*", "~/*", "src/../../*", "*\0", "["):
        assert await tools.call("glob_files", [pattern], {}) == []


async def test_ignored_files_are_left_out_everywhere(tree):
    (tree / ".gitignore").write_text("*.txt\n!notes.txt\ndeep/\n")
    (tree / "notes" / ".gitignore").write_text("/todo.md\n")
    tools = WorkspaceTools(tree)
    assert await tools.call("glob_files", ["**"], {}) == ["a.py", "notes.txt", "src/b.py"]
    assert await tools.call("search_files", ["TODO"], {}) == [
        "a.py:1: import os  # TODO",
        "src/b.py:1: import os  # TODO",
    ]
    assert await tools.call("search_files", ["milk"], {"path": "notes"}) == []


async def test_a_folder_that_is_called_as_a_rule_file_holds_no_rules(tree):
    for place in (tree, tree / "src"):
        (place / ".gitignore").mkdir()
    tools = WorkspaceTools(tree)
    assert await tools.call("glob_files", ["**/*.py"], {}) == ["a.py", "src/b.py", "src/deep/c.py"]
    assert await tools.call("search_files", ["TODO", "src/deep", "*.py"], {}) == ["src/deep/c.py:1: import os  # TODO"]


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="counts open files through /proc")
def test_looking_for_rules_leaves_nothing_open(tree):
    (tree / ".gitignore").mkdir()
    with_folder = Walker(Workspace(tree), 1000)
    before = len(os.listdir("/proc/self/fd"))
    assert len(list(with_folder.files(".", Glob("*")))) == 2
    assert len(os.listdir("/proc/self/fd")) == before


async def test_loops_of_links_end_and_links_outside_are_not_entered(tree, tmp_path):
    (tmp_path / "secret.py").write_text("TODO")
    (tree / "loop").symlink_to(".")
    (tree / "out").symlink_to(tmp_path)
    (tree / "one.py").symlink_to("src/b.py")
    (tree / "bad.py").symlink_to("../secret.py")
    tools = WorkspaceTools(tree)
    assert await tools.call("glob_files", ["**/*.py"], {}) == ["a.py", "one.py", "src/b.py", "src/deep/c.py"]
    assert await tools.call("glob_files", ["loop/loop/a.py"], {}) == ["loop/loop/a.py"]
    assert await tools.call("glob_files", ["out/*"], {}) == []


async def test_search_gives_path_line_and_text(tree):
    tools = WorkspaceTools(tree)
    assert await tools.call("search_files", ["t(w|hr)"], {}) == ["notes.txt:2: two", "notes.txt:3: three"]
    assert await tools.call("search_files", ["^one$", "notes.txt"], {}) == ["notes.txt:1: one"]
    assert await tools.call("search_files", ["TODO"], {"glob": "*.txt"}) == ["src/deep/d.txt:1: import os  # TODO"]
    expected = ["src/b.py:1: import os  # TODO", "src/deep/c.py:1: import os  # TODO"]
    for options in (
        {"path": "src", "glob": "*.py"},
        {"glob": "src/**/*.py"},
        {"path": "src", "glob": "src/**/*.py"},
    ):
        assert await tools.call("search_files", ["TODO"], options) == expected
    assert len(await tools.call("search_files", ["TODO", "src", ""], {})) == 3  # an empty glob is none
    assert await tools.call("search_files", ["TODO", ".hidden"], {}) == [".hidden/e.py:1: import os  # TODO"]


async def test_search_skips_binaries_and_survives_odd_bytes(folder):
    (folder / "x.bin").write_bytes(b"needle\0needle")
    (folder / "latin.txt").write_bytes(b"needle caf\xe9\r\nlast needle")
    os.mkfifo(folder / "pipe")
    found = await WorkspaceTools(folder).call("search_files", ["needle"], {})
    assert found == ["latin.txt:1: needle caf\ufffd", "latin.txt:2: last needle"]


@pytest.mark.parametrize("pattern", ["(", "[", "*a", "(?P<n", "\\", "a{99999999999}", "(" * 5000 + ")" * 5000])
async def test_a_bad_pattern_is_a_value_error(tools, pattern):
    with pytest.raises(ValueError, match="bad pattern"):
        await tools.call("search_files", [pattern], {})


async def test_a_missing_search_folder_names_similar_ones(tools):
    with pytest.raises(FileNotFoundError, match=r"note does not exist \(similar: notes"):
        await tools.call("search_files", ["x", "note"], {})


async def test_a_pattern_that_backtracks_for_ever_is_stopped_and_the_loop_stays_free(folder):
    (folder / "long.txt").write_text("a" * 60 + "b\n")
    tools = WorkspaceTools(folder, limits=ToolLimits(search_seconds=1.0))
    ticks = 0

    async def tick():
        nonlocal ticks
        while True:
            await asyncio.sleep(0.01)
            ticks += 1

    ticking = asyncio.create_task(tick())
    with pytest.raises(TimeoutError, match="search_files took longer than 1 s"):
        await tools.call("search_files", ["(a+)+$"], {})
    ticking.cancel()
    assert ticks > 10
    assert await tools.call("search_files", ["one"], {}) == ["notes.txt:1: one"]


async def test_a_cancelled_search_leaves_no_process(folder):
    (folder / "long.txt").write_text("a" * 60 + "b\n")
    searching = asyncio.create_task(WorkspaceTools(folder).call("search_files", ["(a+)+$"], {}))
    await asyncio.sleep(0.3)
    searching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await searching
    for _ in range(100):  # the kernel takes its time on a busy machine
        if not _helpers():
            break
        await asyncio.sleep(0.02)
    assert not _helpers()


async def test_budgets_are_errors_and_never_a_silent_cut(folder):
    for i in range(30):
        (folder / f"{i}.txt").write_text("hit\n")
    few = WorkspaceTools(folder, limits=ToolLimits(search_results=10))
    with pytest.raises(ValueError, match="too many matches"):
        await few.call("search_files", ["hit"], {})
    with pytest.raises(ValueError, match="too many files"):
        await WorkspaceTools(folder, limits=ToolLimits(search_files=10)).call("glob_files", ["**"], {})


async def test_a_bottomless_folder_ends(folder):
    fd = os.open(folder, os.O_RDONLY)
    for _ in range(260):
        os.mkdir("d", dir_fd=fd)
        below = os.open("d", os.O_RDONLY, dir_fd=fd)
        os.close(fd)
        fd = below
    os.close(fd)
    with pytest.raises(ValueError, match="too many files or folders"):
        await WorkspaceTools(folder).call("glob_files", ["**"], {})


async def test_nothing_of_the_workspace_is_ever_imported(folder):
    for name in ("json.py", "re.py", "codemode_tui.py", "sitecustomize.py"):
        (folder / name).write_text("open('poisoned', 'w').close()\nraise SystemExit(3)\n")
    assert len(await WorkspaceTools(folder).call("glob_files", ["*.py"], {})) == 4
    assert not (folder / "poisoned").exists()


def _helpers() -> list[str]:
    found = []
    for pid in os.listdir("/proc") if os.path.isdir("/proc") else ():
        try:
            with open(f"/proc/{pid}/cmdline") as line, open(f"/proc/{pid}/stat") as stat:
                words = stat.read().rpartition(")")[2].split()
                if "tools/helper.py" in line.read() and int(words[1]) == os.getpid() and words[0] != "Z":
                    found.append(pid)
        except (OSError, ValueError):
            continue
    return found
