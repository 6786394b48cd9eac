"""The built-in suite stays unknown to training: no question of the generator is one of its queries, nor nearly.

A conversation in which chance put one together ("show me what is in x.txt") is left out, here and before training.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import PurePosixPath

from codemode_tui.bundled.recipe.rows import Row
from codemode_tui.corpus.near import NearIndex, leaked

_NAMED = re.compile(r"""(['"`]).+?\1|[^\s?!,:;]*[\w)][._/\d-]+\w+|\d+""")


def queries() -> list[str]:
    """Every question of the built-in suite, as ``blanked`` leaves it."""
    from codemode_tui.training.loading import BUILTIN, load_suite

    return [blanked(turn.query) for case in load_suite(BUILTIN).cases for turn in case.turns]


def names() -> Iterator[tuple[str, str, set[str]]]:
    """Of every file of the suite: its path, its name, and the words of that."""
    from codemode_tui.training.loading import BUILTIN, load_suite

    for path in (path for case in load_suite(BUILTIN).cases for turn in case.turns for path in turn.files):
        name = PurePosixPath(path).name.casefold()
        yield path, name, set(re.findall(r"[^\W\d_]+", path.rpartition(".")[0].casefold()))


def blanked(text: str) -> str:
    """The words of a question; numbers, quoted text and what looks like a path are all one blank."""
    text = _NAMED.sub(" ☐ ", text.casefold())
    return " ".join(re.sub(r"[^\w\s☐]", "", text).split())


def found(questions: Iterable[str]) -> dict[str, str]:
    """Queries of the suite that ``questions`` hold, verbatim or nearly, names aside: query → question.

    Nearly: character 5-grams with a Jaccard similarity of 0.8 or more, as ``codemode data audit`` reckons.
    """
    return leaked(queries(), {blanked(question) for question in questions})


def free_of(forbidden: Iterable[str]) -> Callable[[Row], bool]:
    """Tells of a conversation whether none of its questions is, or resembles, one of ``forbidden`` (see ``queries``)."""
    index = NearIndex(forbidden)

    def is_free(row: Row) -> bool:
        asked = (blanked(text) for role, text in row.turns if role == "user")
        return not any(next(index.near(text), None) for text in asked)

    return is_free
