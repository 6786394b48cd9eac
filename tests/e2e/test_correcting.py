"""A thumbs-down becomes a verified pair in a real terminal, with the real model, sandbox and store."""

from __future__ import annotations

from support.terminal import QUESTION, settled

from codemode_tui.store.store import Store, wait


def test_wrong_decision_to_verified_pair_in_four_keys_and_the_answer_after_it(start, home):
    terminal = start()
    terminal.wait("Ask about", "ready")
    terminal.type(f"/direct {QUESTION}\r")
    terminal.wait("DIRECT", "tokens", "ready")
    terminal.type("\x07")
    terminal.wait("should run")
    terminal.type("1")
    terminal.wait("run this code?")
    terminal.answer("y")
    terminal.wait("y accept")
    terminal.wait_for_keys()
    terminal.type("y")
    terminal.wait("accepted · verified", "y accept", "lines.")
    terminal.wait_for_keys()
    terminal.type("y")
    terminal.until(lambda text: text.count("accepted · verified") == 2)
    (turn,) = settled(home)
    assert [(one.origin, one.step, one.decision) for one in turn.corrections] == [
        ("fix_tool", 0, "tool"), ("fix_tool", 1, "direct"),
    ]  # fmt: skip
    store = Store.open(home / "data/codemode.db")
    standing = wait(store.standing(turn.id))
    store.close()
    assert standing.state == "verified" and set(standing.proofs.values()) == {"run", "human"}
    terminal.type("\x11")
    assert terminal.end() == 0 and terminal.sane

    review = start("review", rows=60)
    review.wait("1 of 1", QUESTION, "accepted · verified")
