"""What code gets when it looks at the workspace."""

import inspect
import json
import os
import socket
from typing import Any

import pytest

from codemode_tui.errors import WorkspaceError
from codemode_tui.tools.host import WorkspaceTools
from codemode_tui.tools.registry import ToolSpec
from codemode_tui.tools.types import ToolLimits


async def test_a_file_arrives_whole_and_verbatim(tools, folder):
    text = "a\r\nb\n" + "ü" * 3_000_000
    (folder / "big.txt").write_bytes(text.encode())
    assert await tools.call("read_file", ["big.txt"], {}) == text


async def test_lines_are_counted_from_one(tools):
    assert await tools.call("read_file", ["notes.txt", 2, 1], {}) == "two\n"
    assert await tools.call("read_file", ["notes.txt"], {"start": 3}) == "three\n"
    assert await tools.call("read_file", ["notes.txt"], {"lines": 2}) == "one\ntwo\n"
    assert await tools.call("read_file", ["notes.txt"], {"start": 99}) == ""
    with pytest.raises(ValueError, match="counted from 1"):
        await tools.call("read_file", ["notes.txt", 0], {})


async def test_a_file_that_is_too_large_names_the_way_to_read_it(folder):
    (folder / "huge.log").write_bytes(b"x" * 99 + b"\n" + b"tail\n")
    tools = WorkspaceTools(folder, limits=ToolLimits(read_bytes=50))
    with pytest.raises(ValueError, match=r"use read_file\(path, start, lines\)"):
        await tools.call("read_file", ["huge.log"], {})
    assert await tools.call("read_file", ["huge.log", 2, 5], {}) == "tail\n"
    with pytest.raises(ValueError, match="ask for fewer"):
        await tools.call("read_file", ["huge.log", 1, 1], {})


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0", "a PNG image of 10 bytes"),
        (b"\xff\xfea\0", "UTF-16 text of 4 bytes"),
        (b"caf\xe9", "a file in another encoding of 4 bytes"),
        (b"ab\0c\xff", "a binary file of 5 bytes"),
    ],
)
async def test_what_is_not_text_is_refused_kindly(tools, folder, data, said):
    (folder / "thing").write_bytes(data)
    with pytest.raises(UnicodeDecodeError, match=f"thing is {said}, not UTF-8 text"):
        await tools.call("read_file", ["thing"], {})


async def test_text_that_was_written_is_read_whatever_its_characters(tools, folder):
    text = "a\0b" + "ü" * 5000  # a character is cut where the first bytes end
    (folder / "thing").write_text(text, "utf-8")
    assert await tools.call("read_file", ["thing"], {}) == text
    assert await tools.call("read_file", ["thing", 1, 1], {}) == text


async def test_what_is_reached_through_links_has_its_real_path(tools, folder):
    (folder / "alias").symlink_to("notes")
    (folder / "link").symlink_to("alias/todo.md")
    found = [await tools.call("file_info", [path], {}) for path in ("link", "alias/todo.md", "./notes//todo.md")]
    assert [(one.get("link"), one.get("real")) for one in found] == [
        ("notes/todo.md", "notes/todo.md"),
        (None, "notes/todo.md"),
        (None, None),
    ]


async def test_a_link_to_nothing_is_not_similar_to_itself(tools, folder):
    (folder / "dangling").symlink_to("nothing")
    with pytest.raises(FileNotFoundError, match=r"dangling does not exist$"):
        await tools.call("read_file", ["dangling"], {})


async def test_of_many_long_names_the_same_one_is_found_and_few_are_compared(tools, folder, monkeypatch):
    monkeypatch.setattr("codemode_tui.tools.near._COMPARED", 9 * 9)
    for name in ("a/nite.text", "b/note.text"):
        (folder / name).parent.mkdir()
        (folder / name).touch()
    with pytest.raises(FileNotFoundError, match=r"note.text does not exist \(similar: b/note.text\)"):
        await tools.call("read_file", ["note.text"], {})


async def test_a_missing_file_names_similar_ones(tools, folder):
    (folder / "note.md").touch()
    with pytest.raises(FileNotFoundError) as caught:
        await tools.call("read_file", ["note.txt"], {})
    assert str(caught.value).startswith("note.txt does not exist (similar: ")
    assert "notes.txt" in str(caught.value)
    assert "note.md" in str(caught.value)


async def test_a_file_in_another_folder_is_suggested(tools):
    with pytest.raises(FileNotFoundError, match=r"todo.md does not exist \(similar: notes/todo.md"):
        await tools.call("read_file", ["todo.md"], {})


async def test_a_secret_is_never_suggested(tools, folder):
    (folder / "keys").mkdir()
    (folder / "keys" / "server.pem").touch()
    with pytest.raises(FileNotFoundError) as caught:
        await tools.call("read_file", ["server.pen"], {})
    assert "server.pem" not in str(caught.value)


async def test_file_info_has_the_four_fields(tools, folder):
    os.utime(folder / "notes.txt", (0, 1_700_000_000.5))
    assert await tools.call("file_info", ["notes.txt"], {}) == {
        "size": 14, "modified": "2023-11-14T22:13:20.500Z", "kind": "file", "lines": 3,
    }  # fmt: skip
    (folder / "open.txt").write_text("a\nb")
    assert (await tools.call("file_info", ["open.txt"], {}))["lines"] == 2
    assert (await tools.call("file_info", ["notes"], {}))["kind"] == "directory"
    assert (await tools.call("file_info", ["notes"], {}))["lines"] is None


async def test_a_listing_is_sorted_and_marks_folders(tools, folder):
    (folder / "b.txt").touch()
    (folder / "link").symlink_to("notes")
    (folder / "away").symlink_to("/etc")
    assert await tools.call("list_directory", [], {}) == ["away", "b.txt", "link/", "notes.txt", "notes/"]
    assert await tools.call("list_directory", ["link"], {}) == ["todo.md"]


async def test_a_file_is_not_a_folder_and_a_folder_no_file(tools):
    with pytest.raises(NotADirectoryError, match=r"notes.txt is a file"):
        await tools.call("list_directory", ["notes.txt"], {})
    with pytest.raises(IsADirectoryError, match="notes is a folder"):
        await tools.call("read_file", ["notes"], {})
    with pytest.raises(NotADirectoryError, match=r"notes.txt is not a folder"):
        await tools.call("read_file", ["notes.txt/x/y"], {})
    for call, args in (("read_file", ["notes.txt/"]), ("file_info", ["notes.txt/"])):
        with pytest.raises(NotADirectoryError, match=r"notes.txt is a file, not a folder"):
            await tools.call(call, args, {})


async def test_pipes_sockets_and_devices_are_refused_at_once(tools, folder, monkeypatch):
    os.mkfifo(folder / "pipe")
    monkeypatch.chdir(folder)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("sock")
        for name, kind in (("pipe", "named pipe"), ("sock", "socket")):
            with pytest.raises(PermissionError, match=f"{name} is a {kind}"):
                await tools.call("read_file", [name], {})


async def test_wrong_arguments_are_answered_with_the_signature(tools):
    signature = r"read_file\(path: str, start: int \| None = None, lines: int \| None = None\) -> str"
    for args, kwargs in (([], {}), ([1], {}), (["a", True], {}), (["a"], {"line": 1}), (["a", 1, 2, 3], {})):
        with pytest.raises(TypeError, match=signature):
            await tools.call("read_file", args, kwargs)
    with pytest.raises(TypeError, match="path must be str, not dict"):
        await tools.call("read_file", [{"__class__": "str"}], {})
    with pytest.raises(TypeError, match=r"args must be list\[str\] \| None, not list\[int \| str\];"):
        await tools.call("run_command", ["ls", ["-l", 1]], {})
    with pytest.raises(NameError, match="no tool 'open_door'"):
        await tools.call("open_door", [], {})


async def test_every_call_is_on_the_record(tools):
    await tools.call("read_file", ["notes.txt"], {"lines": 1})
    with pytest.raises(OSError, match="too long"):
        await tools.call("read_file", ["x" * 600], {})
    good, bad = tools.calls
    assert (good.name, good.args, good.ok, good.error) == (
        "read_file",
        {"path": "notes.txt", "lines": 1},
        True,
        "",
    )
    assert not bad.ok
    assert len(bad.args["path"]) < 550
    assert good.duration_ms >= 0


async def test_the_record_of_a_call_is_short_whatever_its_arguments_hold(folder):
    async def put(_, /, value):
        return len(value)

    signature = inspect.Signature([inspect.Parameter("value", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=Any)])
    tools = WorkspaceTools(folder, more={"put": ToolSpec("put", signature, "", False, put)})
    long = "x" * 5000
    await tools.call("put", [{"a": [{long: {"b": long}}], "c": 1}], {})
    await tools.call("put", [[[[long] * 50] * 50] * 50], {})
    few, many = (json.dumps(call.args, ensure_ascii=False) for call in tools.calls)
    short = f"{long[:500]}… (5,000 characters)"
    assert few == json.dumps({"value": {"a": [{short: {"b": short}}], "c": 1}}, ensure_ascii=False)
    assert len(many) < 110_000


def test_a_workspace_that_is_none_is_an_error_with_its_name(tmp_path):
    for name in ("nowhere", "file"):
        (tmp_path / "file").touch()
        with pytest.raises(WorkspaceError, match=name):
            WorkspaceTools(tmp_path / name)


async def test_a_workspace_may_be_reached_through_a_link(folder, tmp_path):
    (tmp_path / "alias").symlink_to(folder)
    tools = WorkspaceTools(tmp_path / "alias")
    for path in ("notes.txt", str(folder / "notes.txt"), str(tmp_path / "alias" / "notes.txt")):
        assert await tools.call("read_file", [path], {}) == "one\ntwo\nthree\n"


async def test_a_workspace_that_vanishes_is_said_so(tools, folder):
    folder.rename(folder.with_name("elsewhere"))
    with pytest.raises(FileNotFoundError, match="workspace folder does not exist any more"):
        await tools.call("read_file", ["notes.txt"], {})
    folder.mkdir()
    with pytest.raises(FileNotFoundError, match="workspace folder does not exist any more"):
        await tools.call("list_directory", [], {})


async def test_a_secret_is_closed_under_each_name_of_the_folders_above(folder):
    for path in (".env", "conf/prod", "aws/credentials", ".ssh/id"):
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text("TOKEN")
    os.link(folder / ".env", folder / "notes/copy.txt")
    os.link(folder / ".ssh/id", folder / "id.txt")
    os.link(folder / "notes.txt", folder / "more.txt")
    tools = WorkspaceTools(folder, allow_write=True)
    assert await tools.call("read_file", ["conf/prod"], {}) == "TOKEN"
    (folder / ".envrc").symlink_to("conf/prod")
    (folder / ".aws").symlink_to("aws")
    for path in ("notes/copy.txt", "id.txt", "conf/prod", "aws/credentials"):
        for tool, args in (("read_file", [path]), ("write_file", [path, "x"]), ("search_files", ["TOK", path])):
            with pytest.raises(PermissionError, match="another name of what may hold secrets"):
                await tools.call(tool, args, {})
    assert await tools.call("search_files", ["TOKEN|three"], {}) == ["more.txt:3: three", "notes.txt:3: three"]


def test_asking_for_the_names_of_many_hosts_leaves_no_descriptor_open(folder):
    before = len(os.listdir("/dev/fd"))
    for _ in range(50):
        assert "read_file" in WorkspaceTools(folder).names
    assert len(os.listdir("/dev/fd")) <= before


async def test_an_absolute_path_by_another_name_of_the_workspace(folder, tmp_path):
    (tmp_path / "alias").symlink_to(folder)
    (tmp_path / "above").symlink_to(tmp_path)
    (folder / "link").symlink_to("notes.txt")
    tools = WorkspaceTools(folder, allow_write=True)
    for name in ("alias", "above/work", "above/above/alias"):
        assert await tools.call("read_file", [f"{tmp_path}/{name}/notes.txt"], {}) == "one\ntwo\nthree\n"
        assert await tools.call("glob_files", [f"{tmp_path}/{name}/*.txt"], {}) == ["notes.txt"]
        for outside in (f"{tmp_path}/{name}/../x", f"{tmp_path}/{name}x", f"{tmp_path}/above"):
            with pytest.raises(PermissionError, match="outside"):
                await tools.call("read_file", [outside], {})
    with pytest.raises(PermissionError, match="symbolic link"):  # the link itself is meant, not what it leads to
        await tools.call("delete_file", [f"{tmp_path}/alias/link"], {})
