"""A suite file says what is wrong with it, all at once, or is read as the contract writes it."""

from __future__ import annotations

import errno

import pytest

from codemode_tui.errors import ConfigError, UsageError
from codemode_tui.training.dumping import dumps
from codemode_tui.training.loading import load_suite
from codemode_tui.training.suite import Case, Suite, select

CONTRACT = r"""
name = "example"
[[case]]
id = "count-lines"
group = "single"
query = "How many lines are in notes/todo.md?"
decision = "tool"
files = {"notes/todo.md" = "a\nb\nc\n"}
calls = ["read_file"]
stdout_regex = '\b3\b'
answer_contains = ["3"]
files_after = {"notes/todo.md" = "a\nb\nc\n"}
followup = []
"""


def written(folder, text, name="suite.toml"):
    file = folder / name
    file.write_text(text)
    return file


def complaint(folder, text):
    with pytest.raises(ConfigError) as caught:
        load_suite(written(folder, text))
    return caught.value.message


def test_the_example_of_the_contract_is_read(tmp_path):
    suite = load_suite(written(tmp_path, CONTRACT))
    (case,) = suite.cases
    assert (suite.name, case.id, case.group, case.decision) == ("example", "count-lines", "single", "tool")
    assert case.files == case.files_after == {"notes/todo.md": "a\nb\nc\n"}
    assert case.checks == ("decision", "calls", "stdout_regex", "answer_contains", "files_after")
    assert case.turns == (case,)


def test_a_mark_of_the_byte_order_is_no_mistake(tmp_path):
    assert load_suite(written(tmp_path, "\ufeff" + CONTRACT)).name == "example"


def test_a_followup_has_the_same_fields(tmp_path):
    text = (
        '[[case]]\nid = "a"\nquery = "one"\n'
        '[[case.followup]]\nid = "b"\ngroup = "multi"\nquery = "two"\ncalls = ["f|g"]\nfiles = {x = ""}\n'
        "followup = []\n"
    )
    (case,) = load_suite(written(tmp_path, text)).cases
    assert [turn.query for turn in case.turns] == ["one", "two"]
    assert (case.followup[0].calls, case.followup[0].files) == (("f|g",), {"x": ""})


def test_every_mistake_is_named_with_its_case_and_key(tmp_path):
    message = complaint(
        tmp_path,
        """
        author = "me"
        [[case]]
        id = "a"
        query = "one"
        decision = "both"
        stdout_regexp = "x"
        stdout_regex = "("
        calls = "read_file"
        [[case]]
        query = " "
        stdout_regex = "a{99999999999999999999}"
        files = {"../x" = "", "/etc/passwd" = "", "a" = "", "a/b" = ""}
        [[case]]
        id = "c"
        query = "three"
        decision = "direct - at $HOME"
        [[case.followup]]
        id = 4
        name = "d"
        answer_contains = [3]
        files = {"a.txt" = "", "b.txt" = 5}
        answer_regex = "("
        followup = [{query = "four"}]
        """,
    )
    assert str(tmp_path / "suite.toml") in message
    for part in (
        "author: no such key",
        "case 'a': decision: invalid enum value 'both'",
        "case 'a': stdout_regexp: no such key",
        "case 'a': stdout_regex: not a regular expression",
        "case 'a': calls: expected array, got str",
        "case 2: id: missing",
        "case 2: stdout_regex: not a regular expression",
        "case 2: query: is blank",
        "case 2: files: '../x' is no path inside the folder",
        "case 2: files: '/etc/passwd' is no path inside the folder",
        "case 2: files: 'a/b' lies inside 'a', which is a file",
        "case 'c': decision: invalid enum value 'direct - at $HOME'",
        "case 'c': followup[0].id: expected str, got int",
        "case 'c': followup[0].name: no such key",
        "case 'c': followup[0].query: missing",
        "case 'c': followup[0].answer_contains: item 1: expected str, got int",
        "case 'c': followup[0].files: 'b.txt': expected str, got int",
        "case 'c': followup[0].answer_regex: not a regular expression",
        "case 'c': followup[0].followup: a follow-up has none of its own",
    ):
        assert part in message, part


@pytest.mark.parametrize(
    ("first", "more", "wrong"),
    [
        ('files = {"a" = "1"}', 'files = {"a/b" = "2"}', "files: 'a/b' has no place beside 'a' of files;"),
        ('files = {"a/b/c" = "1"}', 'files = {"a" = "2"}', "files: 'a' has no place beside 'a/b/c' of files;"),
        ('files = {"a" = "1"}\nfiles_after = {"a" = "2"}', 'files = {"a/b" = "2"}', "files: 'a/b' has no place"),
        ('files = {"a" = "1"}\nfiles_gone = ["a"]', 'files = {"a/b" = "2"}', ""),
        ('files = {"a" = "1"}\nfiles_after = {"c" = "1"}', 'files = {"a/b" = "2"}', ""),
        ('files = {"a" = "1"}\ncalls = ["move_file|run_command"]', 'files = {"a/b" = "2"}', ""),
        ('files = {"a" = "1", "a b/c" = "1"}', 'files = {"a" = "2", "ab/c" = "3"}', ""),
    ],
)
def test_files_of_a_followup_for_which_the_suite_itself_leaves_no_place(tmp_path, first, more, wrong):
    case = '[[case]]\nid = "x"\nquery = "one"\ndecision = "tool"\n'
    text = f'{case}{first}\n[[case.followup]]\nquery = "two"\n[[case.followup]]\nquery = "three"\n{more}\n'
    if wrong:
        assert f"case 'x': followup[1].{wrong}" in complaint(tmp_path, text)
    else:
        assert len(load_suite(written(tmp_path, text)).cases[0].turns) == 3


def test_a_case_that_checks_nothing_is_a_mistake(tmp_path):
    assert "case 'a': checks nothing" in complaint(tmp_path, '[[case]]\nid = "a"\nquery = "one"\n')


@pytest.mark.parametrize("checks", ["calls = []", "files_after = {}", "answer_contains = []\nfiles_gone = []"])
def test_a_check_of_nothing_is_none(tmp_path, checks):
    case = f'[[case]]\nid = "a"\nquery = "one"\n{checks}\n'
    assert "case 'a': checks nothing" in complaint(tmp_path, case)
    (beside,) = load_suite(written(tmp_path, case + 'decision = "tool"\n')).cases
    assert beside.checks == ("decision",)


@pytest.mark.parametrize("call", ["|", " ", "read_file|", "| |x"])
def test_a_call_of_no_name_which_no_code_makes_is_a_mistake(tmp_path, call):
    text = f'[[case]]\nid = "a"\nquery = "one"\ncalls = ["read_file", "{call}"]\n'
    assert f"case 'a': calls: {call!r} has a name that is blank" in complaint(tmp_path, text)
    assert load_suite(written(tmp_path, text.replace(f'"{call}"', '"f | g"'))).cases[0].calls == ("read_file", "f | g")


def test_ids_are_unique_within_a_file_and_over_files(tmp_path):
    case = '[[case]]\nid = "a"\nquery = "one"\ndecision = "tool"\n'
    assert "more than one case is called a" in complaint(tmp_path, case + case)
    folder = tmp_path / "both"
    folder.mkdir()
    written(folder, case, "1.toml"), written(folder, case, "2.toml")
    with pytest.raises(ConfigError, match="more than one case is called a"):
        load_suite(folder)


def test_a_folder_is_one_suite(tmp_path):
    for name in ("one", "two"):
        written(tmp_path, f'name = "mine"\n[[case]]\nid = "{name}"\nquery = "q"\ndecision = "tool"\n', f"{name}.toml")
    suite = load_suite(tmp_path)
    assert (suite.name, [case.id for case in suite.cases]) == ("mine", ["one", "two"])


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("[[case]\n", "not valid TOML"),
        ("", "no [[case]] in it"),
        ("case = 3", "case: expected [[case]] tables"),
        ("case = [3]", "case 1: expected a table"),
        ("name = 3", "name: expected a string, got int"),
        pytest.param("x = " + "[" * 10_000, "not valid TOML", id="too deep"),
        pytest.param("x = " + "1" * 5_000, "not valid TOML", id="too long a number"),
    ],
)
def test_what_is_no_suite_is_refused(tmp_path, text, part):
    assert part in complaint(tmp_path, text)


@pytest.mark.filterwarnings("error")
def test_a_regular_expression_that_python_warns_of_is_read_in_silence(tmp_path):
    case = "[[case]]\nid = 'a'\nquery = 'one'\nstdout_regex = '\\d[[a]'\n"
    assert load_suite(written(tmp_path, case)).cases[0].stdout_regex == r"\d[[a]"


def test_a_file_that_is_not_there_is_a_usage_error(tmp_path):
    with pytest.raises(UsageError, match="no suite at"):
        load_suite(tmp_path / "none.toml")
    with pytest.raises(UsageError, match="no suite at"):
        load_suite(tmp_path)


def test_a_folder_that_may_not_be_read_is_not_taken_for_an_empty_one(tmp_path, monkeypatch):
    written(tmp_path, CONTRACT)

    def closed(folder):
        raise PermissionError(errno.EACCES, "Permission denied", str(folder))

    monkeypatch.setattr("os.scandir", closed)
    monkeypatch.setattr("os.listdir", closed)
    with pytest.raises(PermissionError):
        load_suite(tmp_path)


def test_cases_are_chosen_by_group_and_id(tmp_path):
    suite = load_suite(written(tmp_path, CONTRACT + '[[case]]\nid = "b"\nquery = "two"\ndecision = "direct"\n'))
    assert [case.id for case in select(suite, ["single"]).cases] == ["count-lines"]
    assert [case.id for case in select(suite, ids=["b"]).cases] == ["b"]
    assert select(suite) == suite
    with pytest.raises(UsageError, match="no group 'x'; no case 'y'"):
        select(suite, ["x"], ["y"])
    with pytest.raises(UsageError, match="no case is in that group"):
        select(suite, ["single"], ["b"])


def test_a_suite_that_is_written_hides_nothing_and_is_read_as_it_was(tmp_path):
    odd = "a\u202eb\x9bc\udc80d\U000e0041\te\r\né"
    case = Case(id="a", query=odd, files={odd: odd}, decision="tool")
    text = dumps(Suite(name="x", cases=(case,)))
    assert not {"\u202e", "\x9b", "\udc80", "\U000e0041"} & set(text)
    (read,) = load_suite(written(tmp_path, text)).cases
    assert read.query == odd.replace("\udc80", "\ufffd") and [*read.files.items()] == [(read.query, read.query)]


def test_what_editors_and_file_systems_keep_beside_suites_is_no_suite(tmp_path):
    written(tmp_path, CONTRACT)
    written(tmp_path, "\0", "._suite.toml")
    (tmp_path / ".#suite.toml").symlink_to("me@host.123")
    (tmp_path / "gone.toml").symlink_to("nowhere")
    (tmp_path / "folder.toml").mkdir()
    assert [case.id for case in load_suite(tmp_path).cases] == ["count-lines"]
    assert load_suite(written(tmp_path, CONTRACT, ".mine.toml")).name == "example"  # named outright


def test_a_name_that_no_file_can_have_is_a_mistake(tmp_path):
    text = f'[[case]]\nid = "a"\nquery = "q"\ndecision = "tool"\nfiles = {{"x/{"é" * 128}" = ""}}\n'
    assert "case 'a': files: the name 'ééé" in complaint(tmp_path, text)
    assert load_suite(written(tmp_path, text.replace("é" * 128, "é" * 127))).cases
