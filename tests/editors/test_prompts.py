"""What an editor sends as a prompt, as the question that the model reads."""

from __future__ import annotations

import pytest

acp = pytest.importorskip("acp", reason="the extra `acp` is not installed")

from codemode_tui.acp.prompts import query  # noqa: E402


def test_files_of_the_workspace_are_paths_and_others_are_quoted(tmp_path):
    link = acp.resource_link_block("a b.txt", f"file://{tmp_path}/a%20b.txt")
    outside = acp.resource_block(acp.embedded_text_resource("file:///elsewhere/x.md", "```\nx"))
    assert query([acp.text_block("Sum"), link, acp.text_block("please")], tmp_path) == "Sum a b.txt please"
    assert query([acp.text_block("Read"), outside], tmp_path).endswith("file:///elsewhere/x.md\n````\n```\nx\n````")


def test_a_part_of_a_file_is_named_and_what_is_selected_is_quoted(tmp_path):
    uri = f"file://{tmp_path}/notes.txt"
    selected = acp.resource_block(acp.embedded_text_resource(f"{uri}#L2:2", "b\n"))
    assert query([acp.text_block("Explain"), selected], tmp_path) == (
        "Explain notes.txt (line 2)\n\nnotes.txt (line 2)\n```\nb\n```"
    )
    whole = acp.resource_block(acp.embedded_text_resource(uri, "a\nb\n"))
    assert query([acp.text_block("Explain"), whole], tmp_path) == "Explain notes.txt"
    for part, named in {
        "?symbol=foo#L2:3": "foo, lines 2 to 3", "#L2-L4": "lines 2 to 4", "#L7": "line 7", "#a%20b": "a b",
        "?a=b": "a=b",
    }.items():  # fmt: skip
        assert query([acp.resource_link_block("notes.txt", uri + part)], tmp_path) == f"notes.txt ({named})"


def test_what_is_no_uri_stays_as_it_is(tmp_path):
    assert query([acp.resource_link_block("x", "file://[bad/notes.txt")], tmp_path) == "file://[bad/notes.txt"


def test_a_path_runs_into_nothing_beside_it(tmp_path):
    def asked(*parts: str) -> str:
        """``/x`` is a file of the workspace."""
        blocks = [
            acp.resource_link_block(part, f"file://{tmp_path}{part}") if part[:1] == "/" else acp.text_block(part)
            for part in parts
        ]
        return query(blocks, tmp_path)

    assert asked("compare", "/a.txt", "/.gitignore") == "compare a.txt .gitignore"
    assert (
        asked("compare", "/_a(.txt", "", "/(b).txt", "with (", "/c.txt", ").")
        == "compare _a(.txt (b).txt with (c.txt)."
    )
    assert asked("/a.txt", ", ", "/b.txt", "- which?") == "a.txt, b.txt - which?"
    assert asked('read "', "/a.txt", '", then "b"', "/c.txt", "\nand @", "/d.txt", ":3") == (
        'read "a.txt", then "b" c.txt\nand @d.txt:3'
    )
