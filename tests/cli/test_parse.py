"""`codemode parse`: a result for whatever comes in."""

from __future__ import annotations

import errno
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from codemode_tui.cli import sources
from codemode_tui.cli.sources import lines_of
from codemode_tui.corpus import rows
from codemode_tui.corpus.rows import read_lines
from codemode_tui.errors import UsageError

FIELDS = {"decision", "dialect", "text", "code", "warnings"}


def test_every_line_has_a_result_with_the_same_fields(codemode):
    lines = ['{"raw": "hi", "id": 7}', "no JSON", '{"raw": null}', "[]", "{}", '{"raw": "\\ud800"}']
    lines.append('{"raw": "", "id": [NaN, -Infinity, "NaN"]}')
    result = codemode("parse", "--jsonl", stdin="".join(f"{line}\n" for line in lines))
    found = [json.loads(line) for line in result.out.splitlines()]
    assert (result.code, len(found)) == (0, len(lines))
    assert all(set(row) >= FIELDS for row in found)
    assert [row["decision"] for row in found] == ["direct", None, None, None, None, "direct", "direct"]
    assert ["error" in row for row in found] == [False, True, True, True, True, False, False]
    assert found[0]["id"] == 7
    assert found[-1]["id"] == [None, None, "NaN"]


def test_a_byte_order_mark_is_no_text(codemode):
    assert codemode("parse", "--json", stdin="\ufeffhi").json["text"] == "hi"
    assert json.loads(codemode("parse", "--jsonl", stdin='\ufeff{"raw": "hi"}\r\n').out)["text"] == "hi"


def test_for_people_each_warning_has_a_line(codemode):
    result = codemode("parse", stdin="<tool_call>\nprint(1)\n</tool_call>\nmore")
    assert result.out.splitlines() == [
        "decision: tool", "dialect: bare", "code: print(1)", "warning: code without <function=…>",
        "warning: text after the call was left out",
    ]  # fmt: skip


def test_one_document_or_many_lines_and_an_input_that_can_be_read(codemode, tmp_path):
    assert "exclude each other" in codemode("parse", "--json", "--jsonl").error
    assert codemode("parse", "").error == "the name of the file is empty; name a readable file"
    with (tmp_path / "written-to").open("wb") as stream:
        done = subprocess.run(
            [sys.executable, "-m", "codemode_tui", "parse", "--json"], stdin=stream, capture_output=True, text=True
        )
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "standard input cannot be read: bad file descriptor; name a readable file" in done.stderr


def test_a_file_that_fails_while_it_is_read_is_named(monkeypatch):
    """And nothing is said of the output, which has no part in it."""

    class Torn(io.BytesIO):
        def readline(self, size):
            raise OSError(errno.EIO, "Input/output error")  # names no file

    monkeypatch.setattr("pathlib.Path.open", lambda *_: Torn())
    with pytest.raises(UsageError, match=r"a\.txt cannot be read: input/output error"):
        list(lines_of("a.txt"))


@pytest.mark.parametrize(
    "read", [sources.read_source, lambda name: [*lines_of(name)], lambda name: [*read_lines(Path(name))]]
)
def test_input_without_an_end_is_refused_before_it_fills_the_memory(monkeypatch, read):
    monkeypatch.setattr(sources, "MOST", 1 << 20)
    monkeypatch.setattr(rows, "LONGEST", 1 << 20)
    with pytest.raises(UsageError, match=r"/dev/zero.* is longer than 1 MB"):
        read("/dev/zero")


def test_of_a_pipe_that_does_not_wait_all_is_read(monkeypatch):
    read, write = os.pipe()
    os.set_blocking(read, False)  # as Node's are
    parts = [b"why ", b"not"]

    class Late(io.FileIO):
        def readinto(self, buffer):
            if os.get_blocking(read) and parts:  # what comes only while somebody waits for it
                os.write(write, parts.pop(0))
                if not parts:
                    os.close(write)
            return super().readinto(buffer)

    with io.TextIOWrapper(io.BufferedReader(Late(read))) as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        assert sources.read_bytes("-") == b"why not" and not os.get_blocking(read)
