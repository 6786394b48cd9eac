"""Near-duplicates of short texts: Jaccard similarity of their character 5-grams, at least 0.8. Exact.

Not every pair is compared. Two sets that share four fifths of their union must share one of the
first few grams in any fixed order of all grams ("prefix filtering", Chaudhuri et al. 2006); with
rare grams first, hardly any pair that is not near ever meets.
"""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator

GRAM = 5
NUMERATOR, DENOMINATOR = 4, 5
"""The threshold 0.8 as a fraction: no pair on the border depends on rounding."""


def normalised(text: str) -> str:
    """One spelling for questions that differ in case, width or space alone."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def grams(text: str) -> frozenset[str]:
    """All runs of five characters; a shorter text is one gram of its own."""
    return frozenset(text[at : at + GRAM] for at in range(max(1, len(text) - GRAM + 1)))


def near(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether two sets of grams have a Jaccard similarity of at least 0.8."""
    if min(len(one), len(other)) * DENOMINATOR < NUMERATOR * max(len(one), len(other)):
        return False
    shared = len(one & other)
    return shared * DENOMINATOR >= NUMERATOR * (len(one) + len(other) - shared)


def may_be_near(one: int, at: int, other: int, place: int) -> bool:
    """Whether two sets of these sizes can be near if, in the common order of all grams, the first that they share is
    the one at index ``at`` of the one and ``place`` of the other ("positional filtering", Xiao et al. 2008)."""
    most_shared = min(one - at, other - place)
    return most_shared * (NUMERATOR + DENOMINATOR) >= NUMERATOR * (one + other)


def leaked(queries: Iterable[str], known: Iterable[str]) -> dict[str, str]:
    """Those of ``queries`` that stand in ``known``, verbatim or nearly: query → what it resembles.

    ``known`` is read once and not kept, so it may be millions of generated training queries. A text
    that is the same is named rather than one that is only near.
    """
    index = NearIndex(queries)
    found: dict[str, str] = {}
    for text in known:
        if text in index:
            found[text] = text
        for query in index.near(text, without=found):
            found[query] = text
    return found


class NearIndex:
    """A set of texts that finds those which another text resembles."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._grams = {text: grams(text) for text in dict.fromkeys(texts)}
        self._count = Counter(gram for found in self._grams.values() for gram in found)
        self._texts: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
        for text, found in self._grams.items():
            for place, gram in enumerate(self._prefix(found)):
                self._texts[gram].append((text, place))

    def __contains__(self, text: object) -> bool:
        return text in self._grams

    def near(self, text: str, without: Container[str] = ()) -> Iterator[str]:
        """The texts of the index that ``text`` resembles, itself included; each once."""
        own = grams(text)
        seen: set[str] = set()
        for at, gram in enumerate(self._prefix(own)):
            for candidate, place in self._texts.get(gram, ()):
                if candidate in seen or candidate in without:
                    continue
                seen.add(candidate)
                other = self._grams[candidate]
                if may_be_near(len(own), at, len(other), place) and near(own, other):
                    yield candidate

    def _prefix(self, found: frozenset[str]) -> list[str]:
        """The rarest grams of a set: as many as it may lack of a near one, and one more."""
        needed = -(-len(found) * NUMERATOR // DENOMINATOR)
        return sorted(found, key=lambda gram: (self._count[gram], gram))[: len(found) - needed + 1]
