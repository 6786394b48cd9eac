"""`codemode config`, and what a wrong settings file says of itself."""

from __future__ import annotations

import os
import tomllib

import pytest

from codemode_tui import config, locations
from codemode_tui.config import RENAMED, schema, settings_from
from codemode_tui.config_file import set_value
from codemode_tui.errors import ConfigError
from codemode_tui.settings import ModelSettings


@pytest.fixture
def file(codemode):
    folder = codemode.home / "config"
    folder.mkdir(parents=True)
    return folder / "config.toml"


def test_every_action_prints_one_json_document(codemode, file):
    assert codemode("config", "path", "--json").json == {"path": str(file)}
    assert codemode("config", "show", "--json").json["sandbox"]["timeout"] == 60.0
    assert "sandbox" in str(codemode("config", "schema", "--json").json)
    changed = codemode("config", "set", "sandbox.timeout", "5", "--json").json
    assert (changed["key"], changed["value"]) == ("sandbox.timeout", 5)
    assert tomllib.loads(codemode("config", "show").out)["sandbox"]["timeout"] == 5.0


def test_the_schema_is_closed_where_the_loader_is_and_knows_the_older_names():
    groups = schema()["$defs"]
    assert all(table["additionalProperties"] is False for table in groups.values())
    assert groups["McpServer"]["properties"]["env"]["additionalProperties"] == {"type": "string"}
    for old, new in RENAMED.items():
        (group, before), (_, now) = old.split("."), new.split(".")
        known = groups[groups["Settings"]["properties"][group]["$ref"].rpartition("/")[2]]["properties"]
        assert known[before] == {**known[now], "deprecated": True}


def test_each_group_of_the_contract_is_there(codemode, file):
    groups = {"model", "engine", "sampling", "sandbox", "tools", "feedback", "export", "ui", "keys", "mcp"}
    file.write_text("".join(f"[{group}]\n" for group in sorted(groups)))
    assert groups <= codemode("config", "show", "--json").json.keys()
    assert codemode("config", "set", "feedback.tries", "5").code == 0
    for key, value in (("export.max_seq_length", "1"), ("feedback.tries", "0"), ("feedback.nope", "1")):
        assert key in codemode("config", "set", key, value).error


def test_set_leaves_comments_order_and_links_alone(codemode, file, tmp_path):
    real = tmp_path / "dotfiles.toml"
    real.write_text('# mine\n[ui]\ntheme = "x"  # dark\n\n[sampling]  # how\n# warm\ntemp = 0.5 # was 0.7\n')
    file.symlink_to(real)
    for key, value in (("sampling.temp", "0.25"), ("ui.reduced_motion", "true"), ("tools.retries", "1")):
        assert codemode("config", "set", key, value).code == 0
    assert real.read_text() == (
        '# mine\n[ui]\nreduced_motion = true\ntheme = "x"  # dark\n\n'
        "[sampling]  # how\n# warm\ntemp = 0.25 # was 0.7\n\n[tools]\nretries = 1\n"
    )
    assert file.is_symlink()


EDITS = {
    "an inline table": (
        "# a\nsampling = {temp = 0.5}  # warm\nui.theme = 'x' # dark\n", "sampling.top_k", "3",
        "# a\nsampling = { temp = 0.5, top_k = 3 }  # warm\nui.theme = 'x' # dark\n",
    ),
    "a dotted key": ("# a\nui.theme = 'x' # b\n", "ui.theme", "dusk", '# a\nui.theme = "codemode-dusk" # b\n'),
    "a comment with quotes, and a mark of the byte order": (
        "\ufeff[ui]\ntheme = 'a # b'  # \"mine\" # it's\n", "ui.theme", "dusk",
        "[ui]\ntheme = \"codemode-dusk\"  # \"mine\" # it's\n",
    ),
    "beside a dotted key": (
        "ui.theme = 'x' # b\n# c\n[tools]\n", "ui.reduced_motion", "true",
        "ui.theme = 'x' # b\nui.reduced_motion = true\n# c\n[tools]\n",
    ),
    "a value of several lines": (
        "[mcp.servers.docs]  # d\ncommand = 'x'\nargs = [ # e\n  'a',\n  'temp = 3',\n]\n# f\n",
        "mcp.servers.docs.args", "['b']", "[mcp.servers.docs]  # d\ncommand = 'x'\nargs = [\"b\"]\n# f\n",
    ),
    "the same name elsewhere": (
        "[sampling]\nseed = 1 # s\n\n[keys]\nprompt.send = 'ctrl+s' # k\n", "keys.prompt.send", "ctrl+j",
        "[sampling]\nseed = 1 # s\n\n[keys]\nprompt.send = \"ctrl+j\" # k\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", EDITS)
def test_set_follows_the_layout_of_the_file(codemode, file, name):
    before, key, value, after = EDITS[name]
    file.write_text(before)
    assert codemode("config", "set", key, value).code == 0
    assert file.read_text() == after


def test_unset_takes_one_line_away(codemode, file):
    file.write_text("[sampling]\ntemp = 0.5 # warm\n# c\ntop_k = 3\n[keys]\nprompt.send = 'ctrl+s'\n")
    assert codemode("config", "unset", "sampling.temp").code == 0
    assert codemode("config", "unset", "keys.prompt.send").code == 0
    assert file.read_text() == "[sampling]\n# c\ntop_k = 3\n[keys]\n"
    assert codemode("config", "unset", "sampling.nope").code == 2


@pytest.mark.parametrize(
    ("before", "key", "after"),
    [
        ("# a\n\n[keys.prompt]\nsend = 'ctrl+x' # b\n", "keys.prompt.send", "# a\n"),
        ("[keys]\nprompt = { send = 'ctrl+x' }\n# a\n", "keys.prompt.send", "[keys]\n# a\n"),
        ("[mcp.servers.a]\ncommand = 'x'\n# a\n", "mcp.servers.a.command", "# a\n"),
        ("[mcp.servers]\n[mcp.servers.a]\ncommand = 'x'\n# a\n", "mcp.servers.a.command", "# a\n"),
        (
            "[mcp.servers.a] # a\ncommand = 'x'\n\n[mcp.servers.a.tools]\nread = 'deny'\n[ui]\n",
            "mcp.servers.a.tools.read", "[mcp.servers.a] # a\ncommand = 'x'\n[ui]\n",
        ),
    ],
)  # fmt: skip
def test_unset_leaves_no_empty_table_that_would_be_refused(codemode, file, before, key, after):
    file.write_text(before)
    assert codemode("config", "unset", key).code == 0
    assert file.read_text() == after
    assert codemode("config", "show").code == 0


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("model.default", "a\udcff", "its value is not UTF-8"),
        ("mcp.servers.a.env.\udcff", "b", "the key is not UTF-8"),
        ("sampling.temp", "[" * 5000, "sampling.temp"),
        ("sandbox.timeout", "5\nmemory_mb = 70", "sandbox.timeout"),
        ("sandbox.timeout", "5\n[ui]", "sandbox.timeout"),
    ],
    ids=["value", "key", "too deep", "a value and a key", "a value and a table"],
)
def test_set_refuses_what_toml_cannot_hold(codemode, file, key, value, said):
    result = codemode("config", "set", key, value)
    assert result.code == 2 and said in result.error and "unexpected" not in result.error
    assert not file.exists()


def test_errors_name_the_line(codemode, file):
    file.write_text('# mine\n[ui]\ntheme = 3\n\n[keys]\nquit = "ctrl+q"\nno.such = "f9"\nhelp = "ctl+h"\n')
    error = codemode("config", "show").error
    assert "line 3: ui.theme" in error and "line 7: keys.no.such" in error and "line 8: keys.help: no such key" in error


def test_older_names_are_read_and_migrated(codemode, file):
    file.write_text("[sampling]\n# warm\ntemperature = 0.5 # t\n[sandbox]\nmemory = 128\n")
    shown = codemode("config", "show", "--json").json
    assert (shown["sampling"]["temp"], shown["sandbox"]["memory_mb"]) == (0.5, 128)
    assert codemode("config", "migrate", "--json").json["renamed"] == [
        ["sampling.temperature", "sampling.temp"], ["sandbox.memory", "sandbox.memory_mb"],
    ]  # fmt: skip
    assert file.read_text() == "[sampling]\n# warm\ntemp = 0.5 # t\n[sandbox]\nmemory_mb = 128\n"
    file.write_text("[sampling]\ntemperature = 0.5\ntemp = 0.6\n")
    assert "line 2: sampling.temperature: is called sampling.temp" in codemode("config", "show").error


def test_a_project_may_not_loosen_by_an_older_name(codemode, file):
    (codemode.workspace / ".codemode.toml").write_text("[sandbox]\nmemory = 9999\n")
    assert "line 2: sandbox.memory: a project may only tighten" in codemode("config", "show").error
    (codemode.workspace / ".codemode.toml").unlink()
    file.write_text('[sampling]\ntemp = "x"\n[sandbox]\nmemory = "x"\n')
    error = codemode("config", "show").error
    assert "line 2: sampling.temp: expected" in error and "line 4: sandbox.memory: expected" in error


BAD = {
    "nope.x": "1", "sampling.nope": "1", "sampling.temp": "nan", "sandbox.timeout": "inf", "sampling.seed": "-1",
    "sampling.max_tokens": "99999999999999999999", "keys.nope": "ctrl+x", "ui": "3", "keys.quit": "[3]",
    "sampling.top_p": "1" + 400 * "0", "keys.thumbs-down": "a", "keys.stop": "ctrl+b,space",
}  # fmt: skip


@pytest.mark.parametrize("key", BAD)
def test_set_refuses_what_the_settings_do_not_know(codemode, file, key):
    file.write_text("# mine\n")
    result = codemode("config", "set", key, BAD[key])
    assert result.code == 2
    assert (key in result.error or "nope: no such group" in result.error) and result.out == ""
    assert file.read_text() == "# mine\n" and [one.name for one in file.parent.iterdir()] == ["config.toml"]


def test_what_a_setting_may_be_is_said_in_words(codemode, file):
    result = codemode("config", "set", "sampling.temp", "hot")
    assert "not set to hot: sampling.temp: expected a number from 0 to 5, got text; " in result.error
    assert "sampling.seed: expected a whole number, got text" in codemode("config", "set", "sampling.seed", "x").error


def test_set_takes_themes_that_there_are_by_either_name(codemode, file):
    result = codemode("config", "set", "ui.theme", "nope")
    assert result.code == 2 and "codemode-light" in result.error and not file.exists()
    assert codemode("config", "set", "ui.theme", "light").code == 0
    assert 'theme = "codemode-light"' in file.read_text()


WRONG = {
    "every kind of mistake": (
        'sandbox = 3\nfoo.bar = 2\n[ui]\nnope = "x"\n[keys]\nno.such = "x"\nquit = 3\n[tools]\nretries = 99\n',
        ("sandbox", "foo", "ui.nope", "keys.no.such", "keys.quit", "tools.retries"),
    ),
    "no TOML": ("a = [\n", ("not valid TOML",)),
    "too deep": ("a = " + "[" * 5000, ("not valid TOML",)),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_file_is_named_with_every_bad_key(codemode, file, name):
    text, words = WRONG[name]
    file.write_text(text)
    for command in (("ask", "hi"), ("config", "show"), ("model", "info"), ("config", "set", "sampling.temp", "1")):
        result = codemode(*command)
        assert result.code == 2
        assert str(file) in result.error and all(word in result.error for word in words if command[1] != "set")
        assert file.read_text() == text


def test_a_folder_in_the_file_s_place_is_said_so(codemode, file):
    file.mkdir()
    assert f"{file} cannot be read: is a directory" in codemode("config", "show").error


def test_a_pipe_in_the_file_s_place_is_not_waited_for(codemode, file):
    os.mkfifo(file)
    for command in (("config", "show"), ("config", "set", "sampling.temp", "1")):
        result = codemode(*command)
        assert (result.code, f"{file} is a pipe, not a file" in result.error) == (2, True)


def test_dotted_keys_of_the_key_map_need_no_quotes(codemode, file):
    file.write_text('[keys]\nprompt.send = "ctrl+s"\nquit = "f10"\n')
    assert codemode("config", "show", "--json").json["keys"] == {"prompt.send": "ctrl+s", "quit": "f10"}


def test_a_key_may_be_taken_away_but_one_must_lead_out(codemode, file):
    assert codemode("config", "set", "keys.quit", "").code == 0
    assert codemode("config", "show", "--json").json["keys"] == {"quit": ""}
    result = codemode("config", "set", "keys.interrupt", "")
    assert result.code == 2 and "keys.quit: empty, as is keys.interrupt" in result.error
    assert file.read_text() == '[keys]\nquit = ""\n'


@pytest.mark.parametrize("keys", [",", " ", " , ,"])
def test_commas_and_blanks_are_no_key_that_leads_out(keys):
    with pytest.raises(ConfigError, match=r"keys\.quit: empty"):
        settings_from({"keys": {"quit": keys, "interrupt": ""}}, "here")
    assert settings_from({"keys": {"quit": "f10,,ctrl+q, "}}, "here").keys == {"quit": "f10,ctrl+q"}


@pytest.mark.parametrize("make", [os.mkdir, os.mkfifo, lambda own: own.symlink_to("nowhere")])
def test_what_stands_in_the_place_of_a_project_s_file_is_not_passed_over(tmp_path, make):
    make(tmp_path / config.PROJECT_FILE)
    with pytest.raises(ConfigError, match=r"\.codemode\.toml is not a file"):
        config.load_settings(tmp_path / "none.toml", tmp_path)


def test_a_project_only_tightens_and_every_refusal_is_named(codemode, file):
    project = codemode.workspace / ".codemode.toml"
    project.write_text(
        'ui.theme = "x"\nkeys.quit = "x"\nnope = 1\n[sandbox]\nbackend = "landlock"\ntimeout = 61\nmemory_mb = "much"\n'
    )
    result = codemode("ask", "hi", "--no-store")
    assert result.code == 2
    assert str(project) in result.error
    for key in ("ui:", "keys:", "nope:", "sandbox.backend", "sandbox.timeout", "sandbox.memory_mb"):
        assert key in result.error
    project.write_text("[sandbox]\ntimeout = 1.5\n[tools]\nretries = 0\n")
    here = codemode("config", "show", "--json").json
    assert (here["sandbox"]["timeout"], here["tools"]["retries"]) == (1.5, 0)


def test_hidden_characters_of_a_project_are_shown_escaped_and_still_toml(codemode, file):
    hidden = "a\u009b31mRED\u202eevil\u200b\U000e0041"
    (codemode.workspace / ".codemode.toml").write_text(f'[model]\ndefault = "{hidden}"\n')
    shown = codemode("config", "show").out
    assert not {"\u009b", "\u202e", "\u200b", "\U000e0041"} & set(shown)
    assert tomllib.loads(shown)["model"]["default"] == hidden


def test_a_profile_belongs_to_the_model_that_it_was_set_for(codemode, file):
    file.write_text('[model]\ndefault = "bundled"\nprofile = "phase22"\n')
    project = codemode.workspace / ".codemode.toml"
    project.write_text('[model]\ndefault = "some/other"\n')
    here = codemode("config", "show", "--json").json["model"]
    assert (here["default"], here.get("profile")) == ("some/other", None)
    project.write_text('[model]\ndefault = "bundled"\n')
    assert codemode("config", "show", "--json").json["model"]["profile"] == "phase22"
    project.write_text('[model]\ndefault = "some/other"\nprofile = "bundled"\n')
    assert codemode("config", "show", "--json").json["model"]["profile"] == "bundled"


def test_a_path_of_a_project_s_model_is_one_of_that_project(tmp_path, monkeypatch):
    for folder in ("project/mine", "project/team/mine", "else/mine"):
        (tmp_path / folder).mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "else")
    own = tmp_path / "project" / config.PROJECT_FILE

    def default(named: str) -> str | None:
        own.write_text(f'[model]\ndefault = "{named}"\n')
        return config.load_settings(tmp_path / "none.toml", own.parent).model.default

    here, there = str(tmp_path / "project" / "mine"), str(tmp_path / "project" / "team" / "mine")
    for named, found in (
        ("./mine", here), ("mine", here), ("team/mine", there), ("../project/mine", here), (here, here),
        ("./none", str(tmp_path / "project" / "none")), ("../else/mine", str(tmp_path / "else" / "mine")),
        ("some/other", "some/other"), ("bundled", "bundled"), ("", ""), ("~/mine", "~/mine"),
    ):  # fmt: skip
        assert default(named) == found


def test_a_folder_that_is_set_is_found_from_any_folder(tmp_path, monkeypatch):
    (tmp_path / "mine").mkdir()
    monkeypatch.setenv("CODEMODE_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    assert set_value("model.default", "./mine") == str(tmp_path / "mine")
    assert config.load_settings(locations.config_file()).model.default == str(tmp_path / "mine")
    for name in ("bundled", "some/other", "openai:http://127.0.0.1:1/v1", "~/mine"):
        assert set_value("model.default", name) == name


@pytest.mark.parametrize(
    ("default", "project", "kept"),
    [
        (None, "bundled", True), ("MINE", "./mine", True), ("bundled", "./bundled", False), (None, "./mine", False),
        ("MINE", "bundled", False), ("MINE", "a\\u0000b", False),
    ],
)  # fmt: skip
def test_the_same_model_keeps_its_profile_however_it_is_spelled(tmp_path, default, project, kept):
    mine = str(tmp_path / "mine")
    for name in ("mine", "bundled"):
        (tmp_path / name).mkdir()
    file = tmp_path / "config.toml"
    named = f'default = "{default.replace("MINE", mine)}"\n' if default else ""
    file.write_text(f'[model]\nprofile = "phase22"\n{named}')
    (tmp_path / config.PROJECT_FILE).write_text(f'[model]\ndefault = "{project}"\n')
    assert (config.load_settings(file, tmp_path).model.profile == "phase22") is kept


def test_a_profile_of_the_model_that_ships_is_no_other_s():
    settings = ModelSettings(profile="phase22")
    assert settings.profile_for(None) == settings.profile_for("bundled") == "phase22"
    assert settings.profile_for(str(locations.bundled_model())) == "phase22"
    assert settings.profile_for("some/other") is None and settings.profile_for("./bundled") is None


@pytest.mark.parametrize("value", ["nan", "inf", "1e9", "true", '"60"', "-1"])
def test_no_number_loosens_the_sandbox_of_a_project(codemode, file, value):
    (codemode.workspace / ".codemode.toml").write_text(f"[sandbox]\ntimeout = {value}\n")
    assert "sandbox.timeout" in codemode("config", "show").error


def test_the_settings_file_is_opened_in_an_editor_and_checked_afterwards(codemode, tmp_path):
    editor = tmp_path / "my editor"
    editor.write_text('#!/bin/sh\nprintf "[ui]\\ntheme = 3\\n" > "$1"\n')
    editor.chmod(0o755)
    codemode.env["VISUAL"] = f"'{editor}'"
    wrong = codemode("config", "edit")
    assert wrong.code == 2 and "ui.theme" in wrong.error
    codemode.env["VISUAL"] = "true"
    (codemode.home / "config" / "config.toml").write_text('[ui]\ntheme = "codemode-light"\n')
    assert codemode("config", "edit").code == 0
    editor.write_text("#!/bin/sh\necho noise; exit 0\n")
    (codemode.home / "config" / "config.toml").unlink()
    quiet = codemode("config", "edit", "--json")
    assert quiet.json == {"path": str(codemode.home / "config" / "config.toml")}
    codemode.env["VISUAL"] = "false"
    assert "the editor false ended with status 1" in codemode("config", "edit").error
    codemode.env["VISUAL"] = "vi '"
    assert "the editor failed: No closing quotation; set EDITOR" in codemode("config", "edit").error
    codemode.env["VISUAL"] = "/nowhere/editor"
    assert codemode("config", "edit").code == 2


def test_ctrl_c_belongs_to_the_editor(codemode, file, tmp_path):
    """Python would wait a quarter of a second and kill it, with what was written in it."""
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\nkill -INT $PPID\nsleep 1\nprintf "[tools]\\nretries = 1\\n" > "$1"\n')
    editor.chmod(0o755)
    codemode.env["VISUAL"] = str(editor)
    assert codemode("config", "edit").code == 0
    assert file.read_text() == "[tools]\nretries = 1\n"


def test_an_editor_of_blanks_is_none(codemode, file, tmp_path):
    file.write_text("#!/bin/sh\necho run >&2\n")
    file.chmod(0o755)
    vi = tmp_path / "bin/vi"
    vi.parent.mkdir()
    vi.write_text('#!/bin/sh\nprintf "" > "$1"\n')
    vi.chmod(0o755)
    codemode.env |= {"VISUAL": "", "EDITOR": " ", "PATH": f"{vi.parent}:{codemode.env['PATH']}"}
    result = codemode("config", "edit")
    assert (result.code, result.err, file.read_text()) == (0, "", "")
