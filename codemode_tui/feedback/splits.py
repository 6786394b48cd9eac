"""Which split an example belongs to: decided once, by what came before it, and never again.

Examples stand in the order of the history, which only grows. One that resembles an earlier one has its
split; one that resembles examples of two splits belongs to none (a bridge); any other one is new, and its
split is a hash of its question. So nothing that comes later can move anything, and nothing stands nearly
the same in two splits.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

from codemode_tui.corpus.near import DENOMINATOR, NUMERATOR, grams, may_be_near, near, normalised
from codemode_tui.store.records import KeptSplit

Split = Literal["train", "valid", "test"]
SALT = "codemode-splits-1"
SHARES: tuple[tuple[Split, int], ...] = (("train", 80), ("valid", 10), ("test", 10))


class Place(NamedTuple):
    """One example, or several that belong together, in the order of the history."""

    session: str
    """Turns of one session share the split of its first question."""
    first: str
    """That question: what a new split is hashed from."""
    texts: tuple[str, ...]
    """The questions by which it resembles others, as they are exported; that first one first."""
    fixed: Split | None = None
    """Of an imported row: the split that its own set gave it."""
    kept: KeptSplit | None = None
    """Of a session: the split that it had before something that it resembled was purged."""
    nods: tuple[str, ...] = ()
    """Follow-ups of few words ("continue"), as they are exported: two conversations that have them are not alike."""
    edited: bool = False
    """An imported row as a reviewer wrote it: its own set knows nothing of these questions."""


class Splits(NamedTuple):
    found: tuple[Split | None, ...]
    """One for each place; None: a bridge, or an imported row that resembles an earlier one of another split."""
    groups: int
    """How many places were unlike everything before them."""
    homes: dict[str, Split | None]
    """The split of each session."""


def hashed(question: str) -> Split:
    """The split of a question that resembles none before it."""
    digest = hashlib.sha256((SALT + normalised(question)).encode("utf-8", "surrogatepass")).digest()
    at = int.from_bytes(digest[:8], "big") % 100
    for split, share in SHARES:
        if at < share:
            return split
        at -= share
    raise AssertionError("shares sum to 100")


def assign(places: Sequence[Place]) -> Splits:
    """The split of each place. Of a beginning of ``places`` it is the beginning of the result."""
    index = SplitIndex(text for place in places for text in keys(*place.texts, *place.nods))
    nodded = SplitIndex(text for place in places for text in keys(place.texts[0], *place.nods))
    homes: dict[str, Split | None] = {}
    found: list[Split | None] = []
    groups = 0
    for place in places:
        own, nods = keys(*place.texts), keys(*place.nods)
        if place.fixed is None and place.session not in homes:
            first = keys(place.texts[0])
            known = index.splits(first) | nodded.splits(first)
            groups += not known
            home = hashed(place.first) if not known else known.pop() if len(known) == 1 else None
            if place.kept is not None:
                home = None if place.kept == "none" else place.kept
            homes[place.session] = home
            if home is not None:
                index.add(first, home)
        home = place.fixed or homes[place.session]
        fits = home is not None and index.splits((*own, *nods)) <= {home}
        found.append(home if fits else None)
        # What its own set holds counts, exported or not: somebody may have trained with it.
        given = place.fixed is not None and not place.edited
        if home is not None and (fits or given):
            index.add(own, home)
            # What asks later as its first question what was a nod here is in its split; the first nod counts.
            if given or nodded.splits(nods) <= {home}:
                nodded.add(nods, home)
    return Splits(tuple(found), groups, homes)


def owed(places: Sequence[Place], gone: Container[str]) -> dict[str, KeptSplit]:
    """The sessions, beside those ``gone``, that would have another split without these.

    That is each whose split is not the hash of its question: it owes it to examples before it. And each that something
    would come to resemble which those gone have kept out of its split.
    """
    homes = assign(places).homes
    firsts = {place.session: place for place in reversed(places) if place.fixed is None and not place.kept}
    kept: dict[str, KeptSplit] = {
        session: homes[session] or "none"
        for session, place in firsts.items()
        if session not in gone and homes[session] != hashed(place.first)
    }
    stay = [place for place in places if place.fixed is not None or place.session not in gone]
    while moved := _moved(homes, [place._replace(kept=kept.get(place.session, place.kept)) for place in stay]):
        kept |= moved  # with them where they were, others may be where they were, or no longer
    return kept


def _moved(homes: dict[str, Split | None], places: Sequence[Place]) -> dict[str, KeptSplit]:
    now = assign(places).homes
    return {session: homes[session] or "none" for session, home in now.items() if home != homes[session]}


class SplitIndex:
    """Texts by split. Finds near ones by their rarest grams, as ``corpus.near`` does; grows as it is asked."""

    def __init__(self, texts: Iterable[str]) -> None:
        """``texts``: all that will ever be added or asked for; only how rare their grams are is kept."""
        self._rarity = Counter(gram for text in set(texts) for gram in grams(text))
        self._prefix = lru_cache(64)(self._rarest)  # each text is asked for several times in a row
        self._texts: dict[Split, dict[str, int]] = {split: {} for split, _ in SHARES}
        self._by_gram: dict[Split, defaultdict[str, list[tuple[str, int]]]] = {
            split: defaultdict(list) for split, _ in SHARES
        }

    def splits(self, texts: Iterable[str]) -> set[Split]:
        """The splits in which something resembles one of ``texts``."""
        return {split for text in texts for split in self._texts if self._holds(split, text)}

    def add(self, texts: Iterable[str], split: Split) -> None:
        for text in texts:
            if text not in self._texts[split]:
                self._texts[split][text] = len(_grams(text))
                for place, gram in enumerate(self._prefix(text)):
                    self._by_gram[split][gram].append((text, place))

    def _holds(self, split: Split, text: str) -> bool:
        """Ends at the first near text, so a thousand variants of one question cost no thousand squares."""
        known = self._texts[split]
        if text in known:
            return True
        own, seen = _grams(text), set[str]()
        for at, gram in enumerate(self._prefix(text)):
            for candidate, place in self._by_gram[split].get(gram, ()):
                if candidate not in seen:
                    seen.add(candidate)
                    if may_be_near(len(own), at, known[candidate], place) and near(own, _grams(candidate)):
                        return True
        return False

    def _rarest(self, text: str) -> list[str]:
        """As many of the rarest grams as a text may lack of a near one, and one more."""
        found = _grams(text)
        needed = -(-len(found) * NUMERATOR // DENOMINATOR)
        return sorted(found, key=lambda gram: (self._rarity[gram], gram))[: len(found) - needed + 1]


@lru_cache(1 << 14)
def _grams(text: str) -> frozenset[str]:
    return grams(text)


def keys(*texts: str) -> tuple[str, ...]:
    """Each text as it stands and normalised: neither case nor the letter hides that it is the same."""
    return tuple(dict.fromkeys(key for text in texts for key in (text, normalised(text))))
