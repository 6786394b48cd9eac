"""Examples for the gaps: only what has a missing pattern, is proven, and passes the gates."""

from __future__ import annotations

import itertools
import json

import msgspec
import pytest
from support.fakes import FakeEngine, call
from training.past import real

from codemode_tui.corpus.rows import read_row
from codemode_tui.errors import UsageError
from codemode_tui.protocol.profiles import load_profile
from codemode_tui.protocol.types import Message
from codemode_tui.sandbox.select import choose
from codemode_tui.sandbox.types import Limits
from codemode_tui.training.gaps import FORMULA, Target, Targets
from codemode_tui.training.targeted import (
    Prompt,
    Proposal,
    Wanted,
    answered,
    as_row,
    generated,
    proven,
    read_prompts,
    read_targets,
)
from codemode_tui.training.workbench import Bench

LOOP = "for f in glob_files('*.txt'):\n    print(read_file(f))"


def targets(avoid=(), **have):
    return Targets(1, FORMULA, {}, [Target(name, n, 3, 0, 0, 0.5, 0.1, 0.1, [], [], list(avoid))
                                    for name, n in have.items()])  # fmt: skip


def proposal(query, code, output="x", files=()):
    said = [Message("user", query), Message("assistant", call(code)), Message("tool", output),
            Message("assistant", "Done.")]  # fmt: skip
    return Proposal(tuple(said), tuple(files))


def test_only_what_has_a_missing_pattern_and_no_more_than_is_missing():
    wanted = Wanted(targets(**{"for": 1, "try": 3}), most=10)
    assert not wanted.fits(proposal("q", "print(1)"))
    for number in range(2):
        assert wanted.fits(proposal(f"q{number}", LOOP + f"\nprint({number})" * number))
        wanted.take(proposal(f"q{number}", LOOP + f"\nprint({number})" * number))
    assert wanted.done and not wanted.fits(proposal("q9", LOOP))
    assert wanted.found()["for"] == {"wanted": 2, "found": 2}


def test_the_same_question_and_the_same_tree_do_not_come_again():
    wanted = Wanted(targets(**{"for": -9}), most=50)
    assert wanted.fits(proposal("q", LOOP))
    wanted.take(proposal("q", LOOP))
    assert not wanted.fits(proposal(" Q ", LOOP + "\nprint(1)"))
    for name in ("r", "s"):
        wanted.take(proposal(name, LOOP.replace("txt", name)))
    assert not wanted.fits(proposal("t", LOOP.replace("txt", "md")))


def test_trees_that_there_are_enough_of_are_avoided():
    from codemode_tui.training.gaps import patterns

    assert not Wanted(targets(avoid=[patterns(LOOP)[1]], **{"for": 0}), 9).fits(proposal("q", LOOP))


async def test_a_proposal_is_proven_by_its_run():
    bench = Bench(await choose(), Limits())
    files = {"a.txt": "one"}
    assert await proven(proposal("q", LOOP, "one", [files]), bench)
    assert not await proven(proposal("q", LOOP, "two", [files]), bench)
    assert not await proven(proposal("q", "print(1 / 0)", "one", [files]), bench)
    assert await proven(proposal("q", "x = 1", "(no output)", [{}]), bench)


async def test_the_bundled_generator_makes_what_the_sandbox_confirms():
    wanted = Wanted(targets(**{"for": 2}), 9)
    found = next(one for one in itertools.islice(generated(3), 500) if wanted.fits(one))
    assert await proven(found, Bench(await choose(), Limits()))
    row = read_row(as_row(found, load_profile("bundled")))
    assert [turn.role for turn in row.turns][:4] == ["system", "user", "assistant", "tool"]


async def test_a_model_answers_prompts_over_their_files():
    engine = FakeEngine(call("print(read_file('a.txt'))"), "It says one.", call("print(nope)"), "Oh.", "No idea.")

    async def opened(folder):
        return real(engine, folder)

    prompts = [Prompt("Read a.txt", {"a.txt": "one"}), Prompt("Break"), Prompt("Read it", {"a" * 300: ""})]
    skipped, refused = [], []
    answers = answered(prompts, opened, lambda prompt, why: skipped.append((prompt.query, why)), refused.append)
    found = [one async for one in answers]
    assert refused == ["unverified"]
    ((query, why),) = skipped
    assert query == "Read it" and "too long" in why and "codemode-prompt-" not in why
    assert [one.query for one in found] == ["Read a.txt"]  # the name of the last one's file is too long
    assert [message.role for message in found[0].messages] == ["user", "assistant", "tool", "assistant"]
    said = json.loads(as_row(found[0], load_profile("bundled")))["messages"]
    assert said[3] == {"role": "user", "content": "<tool_response>\none\n</tool_response>"}


def test_prompts_are_lines_of_text_or_objects(tmp_path):
    file = tmp_path / "prompts"
    file.write_text('\ufeffHow many?\n\n{"query": "Read a", "files": {"a": "x"}}\r\n')
    assert read_prompts(file) == [Prompt("How many?"), Prompt("Read a", {"a": "x"})]
    wrong = (("", "holds no prompt"), ('x\n{"query"', "line 2"), ('{"q": 1}', "line 1"), ("caf\udce9", "line 1"),
             ('x\n{"query": " "}', "line 2: the question is blank"), ("\u00a0", "is blank"),
             ('{"query": "x", "files": {"../a": ""}}', "no path inside"),
             (f'{{"query": "x", "files": {{"{"a" * 256}": ""}}}}', "name 'aaa.* has more than 255 "))  # fmt: skip
    for text, said in wrong:
        file.write_text(text, errors="surrogateescape")
        with pytest.raises(UsageError, match=said):
            read_prompts(file)


def test_targets_that_are_none(tmp_path):
    with pytest.raises(UsageError, match=r"gone\.json"):
        read_targets(tmp_path / "gone.json")
    (tmp_path / "t.json").write_bytes(b"\xef\xbb\xbf" + msgspec.json.encode(targets(try_=1)))
    assert read_targets(tmp_path / "t.json") == targets(try_=1)
    (tmp_path / "t.json").write_text('{"version": 1')
    with pytest.raises(UsageError, match=r"t\.json"):
        read_targets(tmp_path / "t.json")
