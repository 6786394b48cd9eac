"""The shortcut of searching: what it skips can never have matched."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from codemode_tui.tools.helper import literal

_PATTERNS = st.lists(
    st.sampled_from(["a", "b", "ab", "x?", "a*", "(ab)", "[ab]", ".", "^", "$", "(?:a|b)", r"\b", r"\.", "é", "a{2}"]),
    max_size=6,
).map("".join)


@settings(max_examples=200, deadline=None)
@given(_PATTERNS, st.text(alphabet="abx.é ", max_size=12))
def test_a_match_always_contains_the_literal(pattern, text):
    try:
        regex = re.compile(pattern)
    except re.error:
        return
    if regex.search(text):
        assert literal(pattern) in text.encode()


def test_the_literal_is_found_where_there_is_one():
    assert literal("import asyncio") == b"import asyncio"
    assert literal(r"def \w+\(self") == b"(self"
    assert literal("(?i)todo") == b""
    assert literal("a|b") == b""
