"""Rows of an imported set: those that are looked for, in the order that was asked for."""

import json

import pytest
from support.fakes import call

from codemode_tui.feedback.choosing import Wanted, chosen
from codemode_tui.store.external import ExternalEvent, ExternalRow


def row(seq, query, answer, split="train", *events):
    said = [{"role": "user", "content": query}, {"role": "assistant", "content": answer}]
    line = json.dumps({"messages": said}).encode() if answer else b'{"messages": 7}'
    made = tuple(ExternalEvent(f"{seq}-{n}", n, "", "user", kind, body) for n, (kind, body) in enumerate(events))
    return ExternalRow(seq, "mine", f"{seq:064x}", split, query, line, 0, made)


ROWS = [
    row(1, "Who wrote Hamlet?", "Shakespeare.", "train", ("verify", {"ok": True, "how": "human"})),
    row(2, "Count the Äpfel", call("print(1)"), "valid"),
    row(3, "broken", '<tool_call>\n{"name": "execute_code", "arguments": 3}\n</tool_call>', "train"),
    row(4, "Alpha?", "Beta. " * 40, "test", ("drop", {})),
    row(5, "unreadable", "", "train"),
    row(6, "Who sings?", "Nobody.", "train", ("edit", {"line": '{"messages": []}'})),
]


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted(), [2, 3, 5, 1, 4, 6]),  # what nobody has reviewed comes first, however large the set
        (Wanted(state="none"), [2, 3, 5]),
        (Wanted(state="verified"), [1]),
        (Wanted(state="dropped"), [4]),
        (Wanted(state="corrected"), [6]),
        (Wanted(split="valid"), [2]),
        (Wanted(decision="tool"), [2]),
        (Wanted(decision="malformed"), [3]),
        (Wanted(decision="unreadable"), [5]),
        (Wanted(text="ÄPFEL"), [2]),
        (Wanted(text="shakes", split="train"), [1]),
        (Wanted(text="shakes", split="test"), []),
        (Wanted(sort="question"), [4, 3, 2, 5, 6, 1]),
        (Wanted(sort="longest", state="none"), [2, 3, 5]),
    ],
)
def test_rows_are_chosen_and_sorted(wanted, found):
    assert [one.seq for one in chosen(ROWS, wanted)] == found
