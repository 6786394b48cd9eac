"""Whatever way somebody laid out their settings, one edit says the new value and keeps every comment."""

from __future__ import annotations

import os
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codemode_tui import config_file
from codemode_tui.config import dotted, merged, read_table
from codemode_tui.config_file import edited, migrate, removed, set_value, unset, write
from codemode_tui.config_places import numbered, places
from codemode_tui.errors import ConfigError

GROUPS = {"sampling": ("temp", "top_p", "seed"), "ui": ("theme", "reduced_motion"), "tools": ("retries",)}
VALUES = st.one_of(
    st.integers(-9, 9), st.booleans(), st.sampled_from(["x", 'quo"te', "a # b", "ü", "[ui]", "temp = 1", "a\nb"]),
    st.lists(st.sampled_from(["a", "#b", "]"]), max_size=3),
)  # fmt: skip


def test_a_name_that_is_none_is_not_called_a_group_and_the_nearest_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv("CODEMODE_HOME", str(tmp_path))
    for change in (unset, lambda key: set_value(key, "1")):
        for key, words in (("nosuch", "no such key"), ("ui.thme", "no such key"), ("sampling", "names a group")):
            with pytest.raises(ConfigError, match=words) as caught:
                change(key)
            assert (caught.value.hint == "did you mean ui.theme?") == (key == "ui.thme")


def test_a_file_that_is_no_text_has_no_line_to_mend(tmp_path):
    (tmp_path / "config.toml").write_bytes(b"\xff")
    with pytest.raises(ConfigError) as caught:
        read_table(tmp_path / "config.toml")
    assert caught.value.hint == "save it as UTF-8"


def written(value, spread):
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        items = [written(one, False) for one in value]
        return (
            "[\n  # in a list\n" + "".join(f"  {one},\n" for one in items) + "]" if spread else f"[{', '.join(items)}]"
        )
    if isinstance(value, str):
        text = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"""{text}"""' if spread else '"' + text.replace("\n", "\\n") + '"'
    return str(value)


@st.composite
def files(draw):
    """A settings file in any layout, as its text and what it says."""
    table = {
        group: {name: draw(VALUES) for name in names if draw(st.booleans())}
        for group, names in GROUPS.items()
    }  # fmt: skip
    lines, below = ["# first"], []
    for group in draw(st.permutations(list(table))):
        values, layout = table[group], draw(st.sampled_from(["header", "dotted", "inline"]))
        spread = draw(st.booleans())
        shown = [(name, written(value, spread)) for name, value in values.items()]
        if layout == "dotted":
            lines += [f"{group}.{name} = {text}" + (" # d" if "\n" not in text else "") for name, text in shown]
        elif layout == "inline" and values:
            inner = ", ".join(f"{name} = {written(value, False)}" for name, value in values.items())
            lines.append(f"{group} = {{ {inner} }}  # i")
        elif values:
            below += ["", f"[ {group} ] # h", "# c"]
            below += [f'  "{name}"={text}' + (" # v" if "\n" not in text else "") for name, text in shown]
    return "\n".join([*lines, *below]) + "\n", {group: values for group, values in table.items() if values}


def comments(text):
    return sorted(line.strip() for line in text.splitlines() if line.strip().startswith("# "))


@given(files(), st.sampled_from([(g, n) for g, names in GROUPS.items() for n in names]), VALUES)
def test_an_edit_says_the_new_value_and_keeps_the_comments(file, path, value):
    text, table = file
    group, name = path
    wanted = merged(table, {group: {name: value}})
    after = edited(text, path, value, wanted)
    assert tomllib.loads(after) == wanted
    own = [one for one in comments(text) if one != "# in a list"]
    assert [one for one in comments(after) if one != "# in a list"] == own


@given(files(), st.sampled_from([(g, n) for g, names in GROUPS.items() for n in names]))
def test_a_value_that_is_taken_away_is_gone_alone(file, path):
    text, table = file
    rest = {g: {n: v for n, v in values.items() if (g, n) != path} for g, values in table.items()}
    after = removed(text, path, rest)
    assert dict(dotted({g: v for g, v in tomllib.loads(after).items() if v})) == dict(
        dotted({g: v for g, v in rest.items() if v})
    )
    assert [one for one in comments(after) if one != "# in a list"] == [
        one for one in comments(text) if one != "# in a list"
    ]


@pytest.mark.parametrize("sign", ["\u2028", "\u2029", "\x85"])
def test_a_sign_that_ends_lines_elsewhere_ends_none_in_toml(sign, tmp_path, monkeypatch):
    text = f'# one{sign}two\n[ui]\ntheme = "a{sign}b"  # mine\n\n[sampling]\ntemperature = 0.5\n'
    said = tomllib.loads(text)
    assert [(place.key, place.first) for place in places(text) if not place.header] == [
        ("ui.theme", 2), ("sampling.temperature", 5),
    ]  # fmt: skip
    after = edited(text, ("ui", "reduced_motion"), True, merged(said, {"ui": {"reduced_motion": True}}))
    assert after == text.replace("[ui]\n", "[ui]\nreduced_motion = true\n")
    after = removed(text, ("sampling", "temperature"), {**said, "sampling": {}})
    assert after == text.replace("temperature = 0.5\n", "")
    monkeypatch.setenv("CODEMODE_HOME", str(tmp_path))
    (tmp_path / "config").mkdir()
    (tmp_path / "config/config.toml").write_text(text, "utf-8")
    assert migrate() == [("sampling.temperature", "sampling.temp")]
    assert (tmp_path / "config/config.toml").read_text("utf-8") == text.replace("temperature", "temp")


@given(files())
def test_every_key_is_found_on_its_line(file):
    text, table = file
    lines = text.splitlines()
    for place in places(text):
        assert place.key.rpartition(".")[2] in lines[place.first]
    found = {place.key for place in places(text)}
    for group, values in table.items():
        assert group in found or all(f"{group}.{name}" in found for name in values)


@given(st.text(max_size=200))
def test_no_text_breaks_the_search_for_lines(text):
    places(text)


def test_problems_come_in_the_order_of_the_file(tmp_path):
    file = tmp_path / "config.toml"
    file.write_text("[a]\nx = 1\ny = [\n  1,\n]\n[b]\nz = { q = 1 }\n")
    problems = ["b.z.q: three", "a.missing: last", "c: none", "a.y: two", "a.x: one"]
    assert numbered(file, problems) == [
        "line 1: a.missing: last", "line 2: a.x: one", "line 3: a.y: two", "line 7: b.z.q: three", "c: none",
    ]  # fmt: skip
    assert numbered(tmp_path / "none.toml", problems) == problems


SERVERS = """# my notes
[ui]
theme = "codemode-light"   # for the beamer

# work
[mcp.servers.a]
command = "x"

[mcp.servers.b]
# second
command = "y"
[mcp.servers.b.env]
E = "1"
# after
"""


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.setenv("CODEMODE_HOME", str(tmp_path))
    (tmp_path / "config").mkdir()
    return tmp_path / "config/config.toml"


def test_a_server_goes_with_its_own_comments_only(file):
    file.write_text(SERVERS)
    unset("mcp.servers.b")
    head = SERVERS.partition("\n[mcp.servers.b]")[0]
    assert file.read_text() == f"{head}# after\n"
    unset("mcp.servers.a")
    assert file.read_text() == f"{head.partition('[mcp')[0]}# after\n"
    file.write_text("# n\n[mcp.servers]\nb.command = 'y'\nb.url = 'z'\na.command = 'x' # x\n")
    unset("mcp.servers.b")
    assert file.read_text() == "# n\n[mcp.servers]\na.command = 'x' # x\n"


def test_a_server_that_is_set_anew_leaves_the_comments_of_the_others(file):
    file.write_text(SERVERS)
    set_value("mcp.servers.b", '{ command = "z" }')
    head = SERVERS.partition("\n[mcp.servers.b]")[0]
    assert file.read_text() == f'{head}# after\n\n[mcp.servers]\nb = {{ command = "z" }}\n'


def test_an_older_name_in_an_inline_table_is_migrated(file):
    file.write_text("# n\nsampling = { temperature = 0.5, seed = 1 } # x\n")
    assert migrate() == [("sampling.temperature", "sampling.temp")]
    text = file.read_text()
    assert tomllib.loads(text) == {"sampling": {"temp": 0.5, "seed": 1}}
    assert text.startswith("# n\n") and text.endswith("} # x\n")


@pytest.mark.parametrize("there", ["temperature", "temp"])
@pytest.mark.parametrize("said", ["temperature", "temp"])
def test_a_setting_is_found_under_its_other_name(file, there, said):
    file.write_text(f"[sampling]\n{there} = 0.5 # t\n")
    set_value(f"sampling.{said}", "0.7")
    assert file.read_text() == f"[sampling]\n{there} = 0.7 # t\n"
    unset(f"sampling.{said}")
    assert file.read_text() == "[sampling]\n"


def test_below_a_header_a_new_key_is_written_like_its_neighbours(file):
    file.write_text('[mcp]\nservers.docs.command = "x" # c\n# d\n[mcp.servers.docs.env]\nA = "1"\n[ui] # u\n')
    set_value("mcp.servers.docs.args", '["b"]')
    set_value("mcp.servers.docs.env.B", "b")
    assert file.read_text() == (
        '[mcp]\nservers.docs.command = "x" # c\nservers.docs.args = ["b"]\n# d\n'
        '[mcp.servers.docs.env]\nB = "b"\nA = "1"\n[ui] # u\n'
    )


def test_an_older_name_is_not_written_anew(file):
    set_value("sandbox.memory", "256")
    assert file.read_text() == "[sandbox]\nmemory_mb = 256\n"


def test_text_needs_no_quotes_whatever_it_looks_like(file):
    file.write_text("[mcp.servers.docs]\ncommand = 'x'\n")
    set_value("model.default", "30")
    set_value("mcp.servers.docs.env.PORT", "8080")
    set_value("mcp.servers.docs.env.WHEN", "2026-01-02")
    set_value("mcp.servers.docs.cwd", "true")
    said = tomllib.loads(file.read_text())
    assert said["model"]["default"] == "30" and said["mcp"]["servers"]["docs"] == {
        "command": "x", "cwd": "true", "env": {"PORT": "8080", "WHEN": "2026-01-02"},
    }  # fmt: skip
    set_value("mcp.servers.docs.start_seconds", "3")
    for key in ("mcp.servers.docs.args", "mcp.servers.docs.policy", "ui.reduced_motion", "mcp.servers.docs.env"):
        with pytest.raises(ConfigError, match=key):
            set_value(key, "3")


def test_ends_of_lines_and_the_mode_of_the_file_stay(file):
    file.write_bytes(b"# mine\r\n[sampling]\r\ntemperature = 0.5\r\n")
    file.chmod(0o644)
    set_value("sampling.top_k", "3")
    migrate()
    unset("sampling.temp")
    assert file.read_bytes() == b"# mine\r\n[sampling]\r\ntop_k = 3\r\n"
    assert file.stat().st_mode & 0o777 == 0o644
    file.unlink()
    set_value("sampling.top_k", "3")
    assert file.stat().st_mode & 0o777 == 0o600


def test_of_several_changes_at_once_none_is_lost(file, monkeypatch):
    file.write_text("[sampling]\ntemperature = 0.5\ntop_k = 3\n")

    def slowly(*given):
        time.sleep(0.05)  # the others have read the file by now
        write(*given)

    monkeypatch.setattr(config_file, "write", slowly)
    changes = [
        *(partial(set_value, key, "1") for key in ("sampling.seed", "tools.retries", "feedback.tries")),
        partial(unset, "sampling.top_k"), migrate,
    ]  # fmt: skip
    with ThreadPoolExecutor(len(changes)) as pool:
        for one in [pool.submit(change) for change in changes]:
            one.result()
    assert tomllib.loads(file.read_text()) == {
        "sampling": {"temp": 0.5, "seed": 1}, "tools": {"retries": 1}, "feedback": {"tries": 1},
    }  # fmt: skip
    assert [one.name for one in file.parent.iterdir()] == ["config.toml"]


def test_what_is_no_file_is_not_replaced_by_one(file, tmp_path):
    os.mkfifo(tmp_path / "pipe")  # for a device, which only root can make
    file.symlink_to(tmp_path / "pipe")
    with pytest.raises(ConfigError, match="pipe is not a file"):
        write(file, "x")
    assert (tmp_path / "pipe").is_fifo()
