"""Nothing outside the workspace, no secrets, nothing that makes other programs run code."""

import os
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codemode_tui.tools.closed import closed_paths
from codemode_tui.tools.host import WorkspaceTools
from codemode_tui.tools.journal import undo
from codemode_tui.tools.paths import Workspace
from codemode_tui.tools.protected import Guard, is_secret, write_guard


@pytest.fixture
def outside(folder: Path) -> Path:
    secret = folder.parent / "outside"
    secret.mkdir()
    (secret / "secret.txt").write_text("OUTSIDE")
    return secret


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "../outside/secret.txt",
        "notes/../../outside/secret.txt",
        "notes/../../work/notes.txt",
        "..",
        "~/secret.txt",
        "~",
        "/",
        "/proc/self/root/etc/passwd",
        "//etc/passwd",
        "/usr/../etc/passwd",
    ],
)
async def test_a_path_outside_is_refused(tools, outside, path):
    with pytest.raises(PermissionError, match="is outside the workspace"):
        await tools.call("read_file", [path], {})


async def test_a_sibling_whose_name_begins_alike_is_outside(tools, folder):
    other = folder.with_name("work-2")
    other.mkdir()
    (other / "x").touch()
    with pytest.raises(PermissionError):
        await tools.call("read_file", [str(other / "x")], {})


async def test_links_that_stay_inside_are_followed(tools, folder):
    (folder / "here").symlink_to("notes")
    (folder / "notes" / "up").symlink_to("../notes.txt")
    (folder / "full").symlink_to(folder / "notes.txt")
    for path in ("here/up", "full", "here/../notes.txt", "./here/./up"):
        assert await tools.call("read_file", [path], {}) == "one\ntwo\nthree\n"


async def test_links_that_lead_out_are_refused(tools, folder, outside):
    (folder / "a").symlink_to(outside / "secret.txt")
    (folder / "b").symlink_to("../outside")
    (folder / "c").symlink_to("b")
    (folder / "d").symlink_to("/proc/self/root")
    for path in ("a", "b/secret.txt", "c/secret.txt", "d/etc/passwd", "b"):
        for tool in ("read_file", "file_info", "list_directory"):
            with pytest.raises(PermissionError):
                await tools.call(tool, [path], {})
        with pytest.raises(PermissionError):
            await tools.call("search_files", ["OUT", path], {})
    assert await tools.call("search_files", ["OUTSIDE"], {}) == []
    assert await tools.call("glob_files", ["b/*"], {}) == []


async def test_a_loop_of_links_ends(tools, folder):
    (folder / "x").symlink_to("y")
    (folder / "y").symlink_to("x")
    with pytest.raises(PermissionError, match="loop"):
        await tools.call("read_file", ["x"], {})


async def test_nul_and_empty_paths_are_value_errors(tools):
    with pytest.raises(ValueError, match="NUL"):
        await tools.call("read_file", ["notes.txt\0.png"], {})
    with pytest.raises(ValueError, match="empty"):
        await tools.call("read_file", [""], {})


@pytest.mark.parametrize(
    "path",
    [
        ".env",
        "sub/.env.local",
        "prod.env",
        "server.pem",
        "id_rsa",
        "id_ed25519.pub",
        ".netrc",
        ".aws/credentials",
        ".ssh/config",
        ".git-credentials",
        ".ENV",
        ".Env",
        "ID_RSA",
        "．env",
        ".e\u200bnv",
        ".env.",
        ".env ",
        "SERVER.PEM",
        ".config/gcloud/x.json",
        ".npmrc",
        ".env-prod",
        "server.key~",
        "server.key.blocked-2",
        ".aws.blocked/credentials",
    ],
)
async def test_secrets_stay_closed_in_every_spelling(folder, path):
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_text("TOPSECRET")
    tools = WorkspaceTools(folder, allow_write=True)
    for tool, args in (
        ("read_file", [path]),
        ("file_info", [path]),
        ("write_file", [path, "x"]),
        ("delete_file", [path]),
        ("move_file", [path, "free.txt"]),
        ("move_file", ["notes.txt", path + "2/../" + path]),
        ("search_files", ["TOP", path]),
    ):
        with pytest.raises((PermissionError, FileNotFoundError)) as caught:
            await tools.call(tool, args, {})
        assert "TOPSECRET" not in str(caught.value)
    assert await tools.call("search_files", ["TOPSECRET"], {}) == []
    assert (folder / path).read_text() == "TOPSECRET"


async def test_a_link_with_a_harmless_name_does_not_open_a_secret(tools, folder):
    (folder / ".env").write_text("TOKEN=1")
    (folder / "harmless.txt").symlink_to(".env")
    with pytest.raises(PermissionError, match="secrets"):
        await tools.call("read_file", ["harmless.txt"], {})
    assert await tools.call("search_files", ["TOKEN"], {}) == []


async def test_an_example_of_an_env_file_is_no_secret(tools, folder):
    (folder / ".env.example").write_text("TOKEN=")
    assert await tools.call("read_file", [".env.example"], {}) == "TOKEN="


@pytest.mark.parametrize(
    "path",
    [
        ".git/hooks/pre-commit",
        ".git/config",
        ".GIT/hooks/x",
        "sub/.git/config",
        ".git",
        ".bashrc",
        ".ZSHRC",
        ".bashrc.d/x.sh",
        ".config/nushell/config.nu",
        ".config/powershell/Microsoft.PowerShell_profile.ps1",
        ".xonshrc",
        ".xprofile",
        ".codemode.toml",
        ".vscode/tasks.json",
        "evil.pth",
        "lib/x.PTH",
        "sitecustomize.py",
        ".mcp.json",
        "HEAD",
        ".profile",
        ".devcontainer.json",
        ".vim/vimrc",
        ".config/tmux/tmux.conf",
        ".zshrc.local",
        ".gıt/../.git/x",
    ],
)
async def test_files_that_run_code_elsewhere_are_never_written(folder, path):
    async def yes(_):
        return True

    for tools in (WorkspaceTools(folder, allow_write=True), WorkspaceTools(folder, approve=yes)):
        for tool, args in (("write_file", [path, "x"]), ("move_file", ["notes.txt", path])):
            with pytest.raises((PermissionError, FileNotFoundError)):
                await tools.call(tool, args, {})
        assert tools.files_changed == ()
    assert (folder / "notes.txt").exists()


async def test_the_hook_is_not_reached_through_a_link_either(writing, folder):
    (folder / ".git" / "hooks").mkdir(parents=True)
    (folder / "h").symlink_to(".git/hooks")
    with pytest.raises(PermissionError, match="never written"):
        await writing.call("write_file", ["h/pre-commit", "#!/bin/sh"], {})
    assert list((folder / ".git" / "hooks").iterdir()) == []


@pytest.mark.parametrize(
    ("workspace", "secret"), [(".config", "gh/hosts.yml"), (".Config", "GCloud/x.json"), ("Library", "Keychains/k.db")]
)
async def test_a_name_that_is_secret_in_one_folder_is_so_when_that_is_the_workspace(folder, workspace, secret):
    root = folder.rename(folder.with_name(workspace))
    (root / secret).parent.mkdir()
    (root / secret).write_text("TOPSECRET")
    (root / "deep" / secret).parent.mkdir(parents=True)
    (root / "deep" / secret).write_text("OPEN")
    (folder.parent / "link").symlink_to(root)
    (root / "alias").symlink_to(Path(secret).parent)
    tools = WorkspaceTools(folder.parent / "link", allow_write=True)
    for path in (secret, f"alias/{Path(secret).name}"):
        for tool, args in (("read_file", [path]), ("write_file", [path, "x"]), ("search_files", ["TOP", path])):
            with pytest.raises(PermissionError, match="may hold secrets"):
                await tools.call(tool, args, {})
    assert await tools.call("search_files", ["TOPSECRET|OPEN"], {}) == [f"deep/{secret}:1: OPEN"]


async def test_a_start_up_folder_is_closed_when_its_own_folder_is_the_workspace(folder):
    tools = WorkspaceTools(folder.rename(folder.with_name(".config")), allow_write=True)
    with pytest.raises(PermissionError, match="run code"):
        await tools.call("write_file", ["fish/config.fish", "x"], {})
    assert await tools.call("write_file", ["other/fish", "x"], {}) == "success"


@pytest.mark.parametrize("path", ["config/config.toml", "CONFIG/config.toml", "data/x", "cache/new/x"])
async def test_the_programs_own_folders_are_never_written(folder, monkeypatch, path):
    monkeypatch.setenv("CODEMODE_HOME", str(folder / ".cm"))
    (folder / "real/config").mkdir(parents=True)
    (folder / ".cm").symlink_to("real")
    (folder / "real/config/config.toml").write_text("old")
    tools = WorkspaceTools(folder, allow_write=True)
    for name in (f".cm/{path}", f"real/{path}"):
        for tool, args in (("write_file", [name, "x"]), ("move_file", ["notes.txt", f"{name}2"])):
            with pytest.raises(PermissionError, match="its own files"):
                await tools.call(tool, args, {})
    for tool, args in (("delete_file", []), ("move_file", ["free"])):
        with pytest.raises(PermissionError, match="its own files"):
            await tools.call(tool, [".cm/config/config.toml", *args], {})
    assert await tools.call("read_file", [".cm/config/config.toml"], {}) == "old"
    assert await tools.call("write_file", [".cm/other/x", "x"], {}) == "success"


async def test_the_programs_own_folder_as_the_workspace_is_never_written(folder, monkeypatch):
    monkeypatch.setenv("CODEMODE_HOME", str(folder))
    (folder / "config").mkdir()
    with pytest.raises(PermissionError, match="its own files"):
        await WorkspaceTools(folder / "config", allow_write=True).call("write_file", ["config.toml", "x"], {})
    assert closed_paths(folder / "config").protected == (str(folder / "config"),)


@pytest.mark.parametrize("path", [".git", ".git/hooks", ".GIT/hooks"])
async def test_nothing_is_written_in_a_workspace_within_a_repository(folder, path):
    async def yes(_):
        return True

    (folder / path).mkdir(parents=True)
    (folder / path / "old").write_text("x")
    (folder / "link").symlink_to(path)
    for root in (folder / path, folder / "link"):
        for tools in (WorkspaceTools(root, allow_write=True), WorkspaceTools(root, approve=yes)):
            calls = (
                ("write_file", ["hooks/x", "evil"]),
                ("move_file", ["old", "pre-commit"]),
                ("delete_file", ["old"]),
            )
            for tool, args in calls:
                with pytest.raises(PermissionError, match=r"lies in a \.git folder"):
                    await tools.call(tool, args, {})
    assert [one.name for one in (folder / path).iterdir()] == ["old"]


def test_decomposed_and_cased_spellings_get_one_verdict():
    for name in (".git", ".GIT", ".Git"):
        assert write_guard([name, "hooks", "x"]) is Guard.DENY
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert is_secret([unicodedata.normalize(form, ".énv".replace("é", "e"))])
    assert write_guard(["tests", "conftest.py"]) is Guard.ASK
    assert write_guard([".gitattributes"]) is Guard.ASK
    assert write_guard(["Tests", "ConfTest.PY"]) is Guard.ASK
    assert write_guard(["src", "app.py"]) is Guard.OPEN


_NAMES = st.sampled_from(["a", "b", "up", "out", "abs", "loop", "..", ".", "", "f.txt", "etc", "/"])


@settings(max_examples=200, deadline=None)
@given(st.lists(_NAMES, min_size=1, max_size=7))
def test_no_path_ever_leads_out(tmp_path_factory, parts):
    root = _maze(tmp_path_factory)
    workspace = Workspace(root)
    path = "/".join(parts)
    try:
        with workspace.find(path) as place:
            if place.info is None:
                return
            real = os.path.realpath(f"/proc/self/fd/{place.parent}" if os.path.isdir("/proc/self/fd") else root)
            assert real == str(root) or real.startswith(f"{root}/")
            assert not os.path.islink(os.path.join(real, place.name))
    except (OSError, ValueError):
        return


def _maze(factory) -> Path:
    base = Path(factory.getbasetemp()) / "maze"
    root = base / "root"
    if root.exists():
        return root
    (root / "a" / "b").mkdir(parents=True)
    (base / "f.txt").write_text("out")
    (root / "f.txt").write_text("in")
    (root / "a" / "f.txt").write_text("in")
    for place in (root, root / "a", root / "a" / "b"):
        (place / "up").symlink_to("..")
        (place / "out").symlink_to("../../..")
        (place / "abs").symlink_to(root / "a")
        (place / "loop").symlink_to("loop")
        (place / "etc").symlink_to("/etc")
    return root


@pytest.mark.parametrize("path", ["\ud800", "a/" * 500_000, "/a" * 500_000])
@pytest.mark.parametrize("tool", ["read_file", "search_files", "write_file"])
async def test_what_no_path_can_be_is_said_at_once(folder, path, tool):
    tools = WorkspaceTools(folder, allow_write=True)
    with pytest.raises((ValueError, OSError), match=r"lone surrogate|too long a name") as error:
        await tools.call(tool, ["x", path] if tool == "search_files" else [path + "x", "1"][: 1 + (tool[0] == "w")], {})
    assert type(error.value) in (ValueError, OSError)


async def test_what_is_too_deep_to_be_reached_again_is_not_made(writing, folder, tmp_path):
    (folder / "near").symlink_to("d")
    for path in ("d/" * 201 + "x", "near/" + "d/" * 200 + "x"):
        with pytest.raises(OSError, match=r"^(d|near)/.{,80}… leads through more than 200 folders$"):
            await writing.call("write_file", [path, "1"], {})
        (folder / "d").mkdir(exist_ok=True)
    assert list((folder / "d").iterdir()) == []
    deep = "d/" * 200 + "x"
    await writing.call("write_file", [deep, "1"], {})
    assert await writing.call("read_file", [deep], {}) == "1"
    undo(tmp_path / "journal", Workspace(folder))
    assert not (folder / "d/d").exists()


async def test_a_folder_called_head_is_a_folder_like_any_other(folder):
    (folder / "components/Head").mkdir(parents=True)
    tools = WorkspaceTools(folder, allow_write=True)
    await tools.call("write_file", ["components/Head/index.tsx", "x"], {})
    await tools.call("write_file", ["new/head/a.txt", "x"], {})
    (folder / "components/HEAD").write_text("ref: refs/heads/x\n")
    closed = closed_paths(folder)
    assert str(folder / "components/HEAD") in closed.protected
    assert not [path for path in (*closed.protected, *closed.secrets) if "/Head" in path or "new/" in path]


async def test_a_link_says_where_it_leads(folder):
    (folder / "notes/latest.md").symlink_to("todo.md")
    (folder / "alias").symlink_to(folder / "notes")
    tools = WorkspaceTools(folder)
    assert "link" not in await tools.call("file_info", ["notes/todo.md"], {})
    latest = await tools.call("file_info", ["notes/latest.md"], {})
    assert (latest["link"], latest["lines"], latest["kind"]) == ("todo.md", 2, "file")
    assert (await tools.call("file_info", ["alias"], {}))["link"] == "notes"
    assert "link" not in await tools.call("file_info", ["alias/todo.md"], {})


def test_a_folder_that_cannot_be_listed_is_closed_whole(folder, monkeypatch):
    (folder / "d").mkdir()
    scandir = os.scandir

    def refused(path):
        if str(path).endswith("/d"):
            raise PermissionError
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refused)
    assert str(folder / "d") in closed_paths(folder).secrets

    def gone(path):
        if str(path).endswith("/d"):
            (folder / "d").rmdir()
        return scandir(path)

    monkeypatch.setattr(os, "scandir", gone)
    assert not closed_paths(folder).secrets
