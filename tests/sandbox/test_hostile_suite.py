"""Every attack in every backend that this machine has, as root and as somebody without rights.

Each must end as its table says, get hold of nothing, leave nothing behind, and reach no terminal.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest
from support.hostile import ALL
from support.hostile.arena import Arena, Unavailable

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="macOS: `codemode sandbox check` attacks there")

PLACES = [(backend, user) for backend in ("bwrap", "landlock", "monty") for user in ("self", "nobody")]
OWN = ("error", "timeout", "memory", "killed", "ok")
"""Monty lacks most of what the attacks use: it may end them in any way that gets them nothing."""


@pytest.fixture(scope="module", params=PLACES, ids=lambda place: "-".join(place))
def arena(request) -> Iterator[Arena]:
    try:
        made = Arena(*request.param)
    except Unavailable as reason:
        pytest.skip(str(reason))
    yield made
    made.close()


def test_there_are_enough_of_them():
    assert len(ALL) >= 42 + 40


@pytest.mark.parametrize("name", ALL)
def test_it_gets_nothing(arena, name):
    attack = ALL[name]
    seen = arena.attack(attack)
    assert seen["harm"] == []
    assert seen["control"] == []
    assert seen["terminal"] == ""
    assert seen["size"] < 700_000
    assert seen["status"] in (OWN if arena.name.startswith("monty") else attack.ends), seen
    assert "got" not in seen["stdout"] and "xyzzy" not in seen["stdout"]
    if attack.quiet and seen["status"] == "ok" and not arena.name.startswith("monty"):
        assert seen["stdout"] == "held\n"
