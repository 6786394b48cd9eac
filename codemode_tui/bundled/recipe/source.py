"""The randomness of a conversation, and the words that its names are made of."""

from __future__ import annotations

import random

from codemode_tui.bundled.recipe.words import FAMOUS, HELD_FAMOUS, HELD_SHORT, HELD_WORDS, SHORT, WORDS


class Source(random.Random):
    """What training draws from."""

    words = WORDS
    short = SHORT
    famous = FAMOUS
    letters = (1, 16)
    """Length of words that are only random letters."""
    named = ""
    """The file name before this one."""
    tidy = False
    """Whether names are words put together, as most are in life, and nothing odd."""


class HeldSource(Source):
    """What only measuring draws from: none of its words, famous names or lengths occur in training."""

    words = HELD_WORDS
    short = HELD_SHORT
    famous = HELD_FAMOUS
    letters = (17, 20)
