"""Several exports as one: rows verbatim, splits as they were, nothing in two splits."""

from __future__ import annotations

import json
import shutil

import pytest
from feedback.conftest import FakeConsumer
from feedback.histories import OPTIONS, History, call, ran
from feedback.test_export import TEST, TRAIN, VALID
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from codemode_tui.corpus.near import leaked
from codemode_tui.errors import UsageError
from codemode_tui.feedback import merging
from codemode_tui.feedback.example import row_id
from codemode_tui.feedback.merging import Options, merge
from codemode_tui.feedback.splits import hashed
from codemode_tui.feedback.writing import Refused

MERGE = Options(OPTIONS.model, 1024)


@pytest.fixture
def merged(quick, monkeypatch, tmp_path):
    """``merged(a, b)`` puts exports together; returns the manifest and the files."""
    monkeypatch.setattr(merging, "Consumer", FakeConsumer)

    def run(*exports, options=MERGE):
        out = tmp_path / f"merged-{len(list(tmp_path.iterdir()))}"
        table = merge([one.out for one in exports], options, out)
        return table, {str(f.relative_to(out)): f.read_bytes() for f in sorted(out.rglob("*")) if f.is_file()}, out

    return run


def history(*asked, first=1):
    found = History(first)
    for query, wrong, right in asked:
        found.add(query, wrong, rating=-1, fixes={0: right})
    return found


def other(split, start=2000):
    """A question of this split that is like no other one here."""
    return next(q for q in (f"{i} {chr(97 + i % 26) * 30} {i * 7}" for i in range(start, start + 999))
                if hashed(q) == split)  # fmt: skip


def test_rows_keep_their_bytes_and_their_splits(exported, merged):
    one = exported(history((TRAIN, "5", "3"), (VALID, "5", "3"), (TEST, "5", "3")))
    two = exported(history((other("train"), "6", "4"), (other("valid"), "6", "4")))
    table, files, _ = merged(one, two)
    assert table["quarantine"] == {} and table["leak"] == 0 and table["rows"] == {"train": 2, "valid": 2, "test": 1}
    for file, about in table["files"].items():
        lines = files[file].splitlines()
        assert sorted(lines) == sorted(two.bytes.get(file, b"").splitlines() + one.bytes.get(file, b"").splitlines())
        assert about["rows"] == len(lines)
    assert set(files) == {"manifest.json", "README.md", *table["files"]}


def test_the_same_exports_give_the_same_bytes_wherever_they_are(exported, merged, tmp_path):
    one, two = exported(history((TRAIN, "5", "3"))), exported(history((VALID, "6", "4")))
    _, files, _ = merged(one, two)
    shutil.move(one.out, tmp_path / "elsewhere")
    one.out = tmp_path / "elsewhere"
    assert merged(one, two)[1] == files


def test_a_merged_export_can_be_merged_again(exported, merged):
    one, two, three = (exported(history((query, "5", "3"))) for query in (TRAIN, VALID, TEST))
    _, _, out = merged(one, two)
    again = exported(History())
    again.out = out
    _, all_files, _ = merged(again, three)
    _, at_once, _ = merged(one, two, three)
    skipped = {"manifest.json"}  # it names what was merged
    assert {k: v for k, v in all_files.items() if k not in skipped} == {
        k: v for k, v in at_once.items() if k not in skipped
    }


def test_rows_that_both_have_stand_once(exported, merged):
    one, two = exported(history((TRAIN, "5", "3"))), exported(history((TRAIN, "5", "3"), (VALID, "5", "3")))
    table, files, _ = merged(one, two)
    assert table["quarantine"] == {"duplicate": 5}  # one row in each format, and two that are rated
    assert len(files["mlx-sft/train.jsonl"].splitlines()) == 1


def pair(low, high):
    """Two questions that are nearly the same, of these two splits by their hashes."""
    stems = (f"please count every single line in the report number {i} of the archive" for i in range(3000))
    return next(
        (stem, f"{stem}{end}") for stem in stems for end in "?!." if (hashed(stem), hashed(stem + end)) == (low, high)
    )


@pytest.mark.parametrize(("low", "high"), [("train", "test"), ("test", "train"), ("valid", "test"), ("train", "valid")])
def test_a_question_that_an_earlier_export_has_in_another_split_is_left_out(exported, merged, low, high):
    first, second = pair(low, high)
    one, two = exported(history((first, "5", "3"))), exported(history((second, "5", "3"), (other("train"), "5", "3")))
    table, _, _ = merged(one, two)
    assert table["leak"] == 0 and table["rows"] == {"train": 1 + (low == "train")} | (
        {low: 1} if low != "train" else {}
    )
    assert set(table["quarantine"]) == {"split_conflict"}
    assert {(q["export"], q["reason"]) for q in table["quarantined"]} == {(2, "split_conflict")}
    # The other way round the other one counts.
    assert merged(two, one)[0]["rows"].get(high)


def test_two_people_disagree(exported, merged):
    one = exported(history((TRAIN, "I think so.", ran("print(3)"))))
    two = exported(history((TRAIN.upper(), "perhaps", "It is 3.")))
    table, files, _ = merged(one, two)
    assert set(table["quarantine"]) == {"contradiction"} and "mlx-sft/train.jsonl" not in files
    approved, rejected = History(), History()
    approved.add(TRAIN, "It is 5.")
    rejected.add(TRAIN, "It is 5.", rating=-1, fixes={0: "It is 3."})
    table, files, _ = merged(exported(approved), exported(rejected))
    assert set(table["quarantine"]) == {"rejected_text"}
    assert b"It is 3." in files["mlx-sft/train.jsonl"] and b"5." not in files["mlx-sft/train.jsonl"]


def test_what_the_suite_asks_and_what_is_too_long_is_left_out(exported, merged):
    one = exported(history((TRAIN, "5", "3"), (other("train"), "5", "long " * 300)))
    table, files, _ = merged(one, options=Options(OPTIONS.model, 100, protected=(TRAIN,)))
    assert set(table["quarantine"]) == {"protected", "over_long"}
    assert not any(b"long long" in data for data in files.values())  # no pair has it, either


def test_a_thumbs_down_stays_a_to_do(exported, merged):
    open_one = History()
    open_one.add(TRAIN, "5", rating=-1)
    alone = exported(open_one)
    table, files, _ = merged(alone, exported(history((VALID, "5", "3"), first=2)))
    assert len(files["needs_correction.jsonl"].splitlines()) == 1
    before = alone.manifest["files"]["needs_correction.jsonl"]["tokens"]
    assert table["files"]["needs_correction.jsonl"]["tokens"] == before > 0
    assert merged(alone, alone)[0]["files"]["needs_correction.jsonl"]["tokens"] == before
    assert table["kto"] == {"desirable": 0, "undesirable": 1, "ratio": None, "desirable_weight": None,
                            "note": "only rejected answers: choose a low learning rate"}  # fmt: skip


def test_a_to_do_about_which_more_was_said_between_two_exports_stands_once(exported, merged):
    early, late = History(), History()
    early.add(TRAIN, "5", rating=-1, reasons=("wrong_answer",))
    late.add(TRAIN, "5", rating=-1, comment="off by one")
    late.add(other("train"), "5", rating=-1)
    one, two = exported(early), exported(late)
    for exports, said in (((one, two), ["wrong_answer"]), ((two, one), [])):
        table, files, _ = merged(*exports)
        rows = {row["turn"]: row for row in map(json.loads, files["needs_correction.jsonl"].splitlines())}
        assert len(rows) == table["files"]["needs_correction.jsonl"]["rows"] == 2
        assert rows[f"{1:032x}"]["reasons"] == said and table["quarantine"]["duplicate"] > 0


@pytest.mark.parametrize("formats", [OPTIONS.formats, ("trl-dpo",)])
def test_a_to_do_that_another_export_has_done_is_none_any_more(exported, merged, formats):
    before, after, both = History(), History(), History()
    before.add(TRAIN, "5", rating=-1)
    after.add(TRAIN, "5", rating=-1, fixes={0: "3"})
    both.add(TRAIN, ran("print(5)"), "5", rating=-1, fixes={0: ran("print(3)", "error"), 1: "4"})
    todo, done, half = (exported(one, options=replace(OPTIONS, formats=formats)) for one in (before, after, both))
    for exports in ((todo, done), (done, todo)):
        table, files, _ = merged(*exports)
        assert "needs_correction.jsonl" not in files and table["quarantine"]["corrected"] == 1
    for exports in ((todo, half), (half, half), (todo, exported(history((VALID, "5", "3"), first=2)))):
        assert "needs_correction.jsonl" in merged(*exports)[1]


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda d: (d / "manifest.json").unlink(), "is no export"),
        (lambda d: (d / "manifest.json").write_text('{"kind": "codemode-export"'), "is no export"),
        (lambda d: claim(d, max_seq_length="x"), "is no export"),
        (lambda d: claim(d, provenance=[]), "is no export"),
        (lambda d: claim(d, redaction={"e-mail address": "x"}), "is no export"),
        (lambda d: (d / "manifest.json").write_text("[" * 100_000), "is no export"),
        (lambda d: (d / "mlx-sft/train.jsonl").unlink(), r": mlx-sft/train\.jsonl: is missing$"),
        (lambda d: (d / "mlx-sft/train.jsonl").open("ab").write(b"x"), "is not what"),
        (lambda d: forge(d, b'{"torn'), "mlx-sft/train.jsonl row 1"),
        (lambda d: forge(d, b'{"messages": [], "id": "x", "meta": "{}"}\n'), "its id is not the hash"),
        (lambda d: forge(d, spoken(meta={"source": ["x"], "profile": "p"})), "row 1: its meta is not what .* source"),
        (lambda d: forge(d, spoken(meta={"step": "1"})), "row 1: its meta is not what .* step"),
    ],
)  # fmt: skip
def test_a_damaged_export_is_named_and_nothing_is_written(exported, merged, tmp_path, damage, said):
    one, two = exported(history((VALID, "5", "3"))), exported(history((TRAIN, "5", "3")))
    damage(two.out)
    before = sorted(tmp_path.iterdir())
    with pytest.raises(UsageError, match=said) as caught:
        merged(one, two)
    assert str(two.out) in caught.value.message and sorted(tmp_path.iterdir()) == before


def claim(folder, **values):
    """A manifest that says something else."""
    table = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps({**table, **values}))


def spoken(*questions, meta=()):
    """A row of these questions, each with an answer."""
    said = [{"role": role, "content": text} for asked in questions or (TRAIN,)
            for role, text in (("user", asked), ("assistant", f"Well, {asked}"))]  # fmt: skip
    taught = {"messages": [{"role": "system", "content": "s"}, *said]}
    row = {**taught, "id": row_id(taught), "meta": json.dumps(dict(meta))}
    return json.dumps(row).encode() + b"\n"


def forge(folder, data, split="train"):
    """A file that the manifest agrees with."""
    import hashlib

    (folder / f"mlx-sft/{split}.jsonl").write_bytes(data)
    table = json.loads((folder / "manifest.json").read_text())
    table["files"][f"mlx-sft/{split}.jsonl"]["sha256"] = hashlib.sha256(data).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(table))


@pytest.mark.parametrize(("last", "left"), [("Go on", {}), ("And now the one below it", {"split_conflict": 1})])
def test_a_nod_in_two_conversations_is_no_question_that_both_have(exported, merged, last, left):
    one = exported(history((TRAIN, "5", "3"), (VALID, "5", "3")))
    forge(one.out, spoken("What does a washing machine do?", last))
    forge(one.out, spoken("Explain a table of contents to me", last), "valid")
    assert merged(one)[0]["quarantine"] == left


def test_what_the_trainer_refuses_is_not_published(exported, merged, quick, monkeypatch, tmp_path):
    one = exported(history((TRAIN, "5", "3")))
    monkeypatch.setattr(FakeConsumer, "refuses", "train row 1: no")
    with pytest.raises(Refused, match="train row 1"):
        merged(one)
    assert not list(tmp_path.glob("merged-*"))


_ASKED = st.lists(
    st.tuples(st.integers(0, 12), st.sampled_from(["", "?", "!", " now"]), st.sampled_from(["3", call("print(3)")])),
    max_size=6,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_ASKED, min_size=1, max_size=3))
def test_no_row_moves_and_nothing_leaks(exported, merged, people):
    exports = []
    for asked in people:
        found = History()
        for number, end, answer in asked:
            found.add(f"how many lines does the file number {number * 37} in the folder have{end}", answer)
        exports.append(exported(found))
    table, files, _ = merged(*exports)
    before = {(file, line) for one in exports for file, data in one.bytes.items() if file.endswith("l")
              for line in data.splitlines()}  # fmt: skip
    after = {(file, line) for file, data in files.items() if file.endswith("l") for line in data.splitlines()}
    assert after <= before and table["leak"] == 0
    first = {(file, line) for file, line in before if line in exports[0].bytes.get(file, b"").splitlines()}
    lost = {tuple(q[k] for k in ("file", "id")) for q in table["quarantined"]}
    assert all((file, json.loads(line)["id"]) in lost for file, line in first - after)

    def questions(split):
        data = files.get(f"mlx-sft/{split}.jsonl", b"")
        return [json.loads(line)["messages"][1]["content"] for line in data.splitlines()]

    assert not leaked(questions("valid") + questions("test"), questions("train"))
