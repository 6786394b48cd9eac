"""The macOS profile of ``run_command``, by an evaluator: what is closed is closed whatever its path looks like."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.sbpl import READS, WRITES, allowed, parse

from codemode_tui.sandbox.command_profile import CommandView, command_view
from codemode_tui.sandbox.seatbelt_command import name_regex, seatbelt_arguments
from codemode_tui.tools.closed import closed_paths
from codemode_tui.tools.protected import Guard, is_secret, write_guard

from .test_seatbelt import names

VIEW = CommandView(("/opt/homebrew/bin", "/opt/homebrew/Cellar"), (), "/opt/homebrew/bin")


class Profile:
    """The profile of a command in a folder, as it is there now."""

    def __init__(
        self, folder: Path, *, write: bool = True, view: CommandView = VIEW, scratch: str = "/scratch"
    ) -> None:
        argv = seatbelt_arguments(view, folder, write, closed_paths(folder.resolve()), scratch)
        self.text = argv[2]
        self.parameters = dict(item[2:].split("=", 1) for item in argv[3:])
        assert all(item.startswith("-D") for item in argv[3:])

    def reads(self, path: str | Path) -> bool:
        verdicts = {allowed(self.text, self.parameters, operation, str(path)) for operation in READS}
        return any(verdicts)

    def writes(self, path: str | Path) -> bool:
        return any(allowed(self.text, self.parameters, operation, str(path)) for operation in WRITES)

    def may(self, operation: str, path: str | Path = "") -> bool:
        return allowed(self.text, self.parameters, operation, str(path))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path.resolve() / "work"
    made.mkdir()
    return made


@pytest.mark.parametrize("write", [False, True])
def test_commands_read_the_workspace_and_write_it_only_when_granted(folder, write):
    profile = Profile(folder, write=write)
    assert profile.reads(folder / "notes.txt") and profile.writes(folder / "notes.txt") is write
    assert profile.reads("/bin/sh") and profile.reads("/opt/homebrew/Cellar/x") and profile.writes("/scratch/x")
    assert profile.reads("/private/var/select/sh"), "/bin/sh asks which shell it is"
    for path in (
        "/Users/ann/.ssh/id_rsa", "/etc/master.passwd", "/private/etc/master.passwd", folder.parent / "x",
        f"{folder}x", "/private/var/run/docker.sock", "/opt/homebrew/var/x", "/opt/homebrew/etc/x", "/dev/tty",
        "/Users/ann/Library/Keychains/x", "/private/tmp/x",
    ):  # fmt: skip
        assert not profile.reads(path) and not profile.writes(path), path
    for operation in ("network-outbound", "network-bind", "mach-lookup", "iokit-open", "appleevent-send", "file-link"):
        assert not profile.may(operation), operation
    assert not profile.may("file-clone", folder / "notes.txt") and not profile.may("ipc-posix-shm-read-data", "/psm_1")
    for path in ("/opt/homebrew/bin/x", "/bin/sh", "/usr/bin/git"):
        assert not profile.writes(path), path


def test_closed_names_are_closed_before_they_exist_in_any_folder_and_any_case(folder):
    profile = Profile(folder)
    for name in (
        ".git/hooks/x", ".git/hooks", ".git/config", ".git/commondir", "a/b/.git/config", ".GIT/Hooks/x", ".git",
        "a/.git", ".bashrc", ".zshenv", ".ZSHRC", "x/.profile", ".vscode/tasks.json", ".codemode.toml", "x.pth",
        "Library/LaunchAgents/x.plist", ".config/fish/config.fish", "sitecustomize.py", ".env", "k.pem", ".ssh/config",
    ):  # fmt: skip
        assert not profile.writes(folder / name), name
    for name in (
        ".env",
        ".ENV",
        "a/.env.local",
        "id_rsa",
        "k.Pem",
        ".ssh/known_hosts",
        ".aws/credentials",
        ".config/gh/x",
    ):
        assert not profile.reads(folder / name), name
        assert profile.may("file-read-metadata", folder / name), "what can be listed can be looked at"
    for name in (".git/index.lock", ".git/objects/ab/cd", ".git/HEAD", ".env.example", "env.py", "bashrc", "x/config"):
        assert profile.writes(folder / name) and profile.reads(folder / name), name


def test_a_folder_above_something_closed_keeps_its_name(folder):
    (folder / "conf/deep").mkdir(parents=True)
    (folder / "a/.config/gh").mkdir(parents=True)
    (folder / "conf/deep/prod").write_text("secret")
    (folder / ".env").symlink_to("conf/deep/prod")
    (folder / "rc").write_text("")
    (folder / ".bashrc").symlink_to("rc")
    os.link(folder / "conf/deep/prod", folder / "copy")
    profile = Profile(folder)
    for name in ("conf/deep/prod", "copy"):
        assert not profile.reads(folder / name) and not profile.writes(folder / name), name
    assert not profile.writes(folder / "rc") and profile.reads(folder / "rc")
    for name in ("conf", "conf/deep", "a/.config"):
        assert not profile.may("file-write-unlink", folder / name), name
        assert profile.may("file-write-create", folder / name / "x")


def test_nothing_that_holds_something_closed_can_be_moved_to_where_nothing_is_closed(folder):
    """The folder of temporary files lies on the same disk, so a folder can be renamed into it as a whole."""
    for name in ("conf/deep/.env", "vendor/lib/.git/hooks/x", "app/.vscode/tasks.json", "keys/old/.ssh/id", "src/a.py"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    (folder / "linked").mkdir()
    (folder / "linked/.bashrc").symlink_to("../rc")
    profile = Profile(folder)
    for name in (".", "conf", "conf/deep", "vendor", "vendor/lib", "vendor/lib/.git", "app", "keys/old", "linked"):
        assert not profile.may("file-write-unlink", folder / name), name
    for name in ("src", "src/a.py", "vendor/lib/.git/objects", "node_modules/x"):
        assert profile.may("file-write-unlink", folder / name), name
    for name in ("conf", "vendor/lib"):
        assert profile.writes(folder / name / "new"), name


@pytest.mark.parametrize("write", [False, True])
def test_programs_of_a_mac_find_what_they_need_to_start(folder, write):
    profile = Profile(folder, write=write)
    for path in (
        "/Library/Preferences/com.apple.dt.Xcode.plist", "/Library/Java/JavaVirtualMachines/x", "/Library/Ruby/Gems/x",
        "/Library/Developer/Toolchains/x",
    ):  # fmt: skip
        assert profile.reads(path) and not profile.writes(path), path
    for path in ("/Library/Preferences/x.plist", "/Library/Keychains/x", "/Library/Developer/x"):
        assert not profile.reads(path), path
    for path in ("/dev/stderr", "/dev/stdout", "/dev/fd/2"):
        assert profile.may("file-write-data", path) and profile.may("file-read-metadata", path), path
        assert not profile.may("file-write-unlink", path)
    assert profile.may("ipc-posix-sem") and profile.may("sysctl-read", "kern.sysv.semmni")
    assert profile.may("ipc-posix-shm-write-create", "/__KMP_REGISTERED_LIB_7")


def test_a_hard_link_to_a_secret_is_the_secret(folder):
    (folder / ".env").write_text("secret")
    os.link(folder / ".env", folder / "copy.txt")
    assert not Profile(folder).reads(folder / "copy.txt")


def test_a_workspace_below_a_closed_name_is_not_closed_itself(tmp_path):
    folder = tmp_path.resolve() / ".config/nvim/x.pem"
    folder.mkdir(parents=True)
    profile = Profile(folder)
    assert profile.writes(folder / "init.lua") and profile.reads(folder / "init.lua")
    assert not profile.writes(folder / ".bashrc")


def test_a_workspace_behind_a_link_is_named_as_the_kernel_sees_it(tmp_path):
    root = tmp_path.resolve()
    (root / "private/tmp/w").mkdir(parents=True)
    (root / "tmp").symlink_to("private/tmp")
    (root / "private/tmp/w/.npmrc").symlink_to("token")
    (root / "private/tmp/w/token").write_text("secret")
    profile = Profile(root / "tmp/w")
    assert profile.writes(root / "private/tmp/w/x") and not profile.reads(root / "private/tmp/w/token")
    assert not profile.reads(root / "private/tmp/other")


def test_links_on_the_search_path_may_be_followed(tmp_path):
    root = tmp_path.resolve()
    (root / "dotfiles/bin").mkdir(parents=True)
    (root / "home").mkdir()
    (root / "home/bin").symlink_to("../dotfiles/bin")
    view = command_view(str(root / "home/bin"), root / "home")
    (root / "w").mkdir()
    profile = Profile(root / "w", view=view)
    assert profile.may("file-read-metadata", root / "home/bin") and profile.reads(root / "dotfiles/bin/tool")
    assert not profile.reads(root / "dotfiles/secret")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(names, names)
def test_no_name_becomes_profile_text_or_opens_anything(tmp_path_factory, name, secret):
    root = tmp_path_factory.mktemp("mac").resolve()
    folder = root / f"w{name}"
    folder.mkdir()
    (folder / f"s{secret}").write_text("secret")
    (folder / ".env").symlink_to(f"s{secret}")
    profile = Profile(folder, view=CommandView((f"/opt/p{name}",), (), "/usr/bin"))
    plain = root / "plain"
    plain.mkdir()
    (plain / "s").write_text("secret")
    (plain / ".env").symlink_to("s")
    assert len(parse(profile.text)) in range(len(parse(Profile(plain).text)) - 2, len(parse(Profile(plain).text)) + 2)
    for path in (root, f"{folder}x", root / "other", f"/opt/p{name}x", "/Users/ann/.ssh/id_rsa"):
        assert not profile.reads(path) and not profile.writes(path), path
    assert not profile.reads(folder / f"s{secret}") and not profile.writes(folder / f"s{secret}")
    assert not profile.writes(folder / ".git/hooks/x")


_components = st.sampled_from(
    [".git", "hooks", "config", "a", "b.txt", ".env", ".env.example", ".env.local", ".ssh", "x.pem", ".bashrc",
     ".config", "gh", "nvim", ".vscode", "x.pth", "modules", "HEADER", ".ENV", ".Git", "prod.env", "id_rsa.pub",
     "gh.blocked-2", ".ssh~", "y.key.bak"]
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300, deadline=None)
@given(st.lists(_components, min_size=1, max_size=3))
def test_the_profile_says_of_a_name_what_the_tools_say(tmp_path_factory, parts):
    global _profile
    if _profile is None:
        _profile = Profile(tmp_path_factory.mktemp("w").resolve())
    path = "/".join((_profile.parameters["WORKSPACE"], *parts))
    spared = any(part.startswith(".env.example") for part in parts)
    assert _profile.reads(path) is (not is_secret(parts)) or spared
    # Inside a repository git itself must write; the tools never do.
    if ".git" not in [part.lower() for part in parts] and not spared:
        assert _profile.writes(path) is (write_guard(parts) is not Guard.DENY)


_profile: Profile | None = None


def test_a_name_is_matched_as_a_whole():
    assert name_regex(".env.*") == "/[.][eE][nN][vV][.][^/]*($|/)"
    assert name_regex("id_rsa*") == "/[iI][dD][_][rR][sS][aA][^/]*($|/)"


def test_on_a_mac_homebrew_shows_programs_and_no_settings(tmp_path):
    root = tmp_path.resolve()
    for name in ("bin", "lib", "Cellar/tool/1.2/bin", "Cellar/tool/1.2/lib", "opt", "etc/openssl@3/private", "var"):
        (root / "opt/homebrew" / name).mkdir(parents=True)
    (root / "opt/homebrew/etc/openssl@3/openssl.cnf").touch()
    (root / "opt/homebrew/bin/tool").symlink_to("../Cellar/tool/1.2/bin/tool")
    (root / "w").mkdir()
    view = command_view(str(root / "opt/homebrew/bin"), root / "home", mac=True)
    shown = {os.path.relpath(path, root / "opt/homebrew") for path in view.read if path.startswith(str(root))}
    assert shown == {"bin", "lib", "Cellar", "opt", "etc/openssl@3/openssl.cnf"}, "each once, however many formulas"
    profile = Profile(root / "w", view=view)
    assert profile.reads(root / "opt/homebrew/etc/openssl@3/openssl.cnf"), "else its Node does not start"
    assert not profile.reads(root / "opt/homebrew/etc/openssl@3/private/key")
    assert not {"/usr", "/opt", "/etc"} & set(view.read)


@pytest.mark.parametrize(
    ("chosen", "shown", "sdk"),
    [
        ("Applications/Xcode-16.2.app/Contents/Developer", "Applications/Xcode-16.2.app/Contents", True),
        ("Library/Developer/CommandLineTools", "Library/Developer/CommandLineTools", False),
    ],
)
def test_apples_own_tools_are_those_that_were_chosen_and_come_before_those_that_look_for_them(
    tmp_path, chosen, shown, sdk
):
    root = tmp_path.resolve()
    developer = root / chosen
    (developer / "usr/bin").mkdir(parents=True)
    (root / "private/var/db").mkdir(parents=True)
    (root / "private/var/db/xcode_select_link").symlink_to(developer)
    if sdk:
        (developer / "Platforms/MacOSX.platform/Developer/SDKs/MacOSX.sdk").mkdir(parents=True)
    view = command_view("/usr/bin:/bin", root / "home", mac=True, root=str(root))
    assert view.path.split(":") == [str(developer / "usr/bin"), "/usr/bin", "/bin"] and str(root / shown) in view.read
    assert bool(view.variables.get("SDKROOT", "").startswith(str(developer))) is sdk


def test_the_pythons_of_uv_are_shown_whatever_the_search_path(tmp_path):
    home = tmp_path.resolve()
    (home / ".local/share/uv/python/cpython-3.12/bin").mkdir(parents=True)
    (home / ".local/share/uv/credentials").mkdir()
    for mac in (False, True):
        view = command_view("/usr/bin", home, mac=mac)
        assert [path for path in view.read if path.startswith(str(home))] == [str(home / ".local/share/uv/python")]


def test_on_a_mac_the_systems_own_programs_bring_no_folder_beside_them():
    view = command_view("/bin:/sbin", Path("/Users/me"), mac=True)
    assert not {"/opt", "/lib", "/lib64"} & {os.path.normpath(path) for path in view.read}
