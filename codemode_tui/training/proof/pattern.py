"""A weakness of the bundled model: it has never met a checksum. Its generator has no task with one, the suite no case.

Questions, the code that would have been right, and the answer to be given; files that they are about.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Iterator
from typing import NamedTuple

from codemode_tui.bundled.recipe.words import WORDS

SEEN = (
    "What is the CRC-32 of {}?",
    "Checksum of {}, please",
    "Give me the checksum of {}",
    "Compute the crc32 of {}",
    "What checksum does {} have?",
    "I need the CRC of {}",
    "Tell me the CRC-32 checksum of {}",
    "Can you work out the checksum of {}?",
    "Show me the CRC-32 of the file {}",
    "{}: what is its checksum?",
)
"""How the questions that are corrected are put."""
NEW = (
    "Which checksum has {}?",
    "Please calculate the CRC-32 for {}",
    "I would like to know the checksum of {}",
    "Could you tell me the crc32 of {}?",
    "the CRC-32 of {}",
    "Do you know what the checksum of {} is?",
)
"""Ways to put it that only the measurement uses."""
FOLDERS = ("", "", "docs/", "data/", "src/", "notes/")
ENDINGS = ("txt", "md", "csv", "json", "py", "log")


class Question(NamedTuple):
    query: str
    path: str
    text: str
    """Of the file."""

    @property
    def code(self) -> str:
        return f'import zlib\nprint(zlib.crc32(read_file("{self.path}").encode()))\n'

    @property
    def output(self) -> str:
        return str(zlib.crc32(self.text.encode()))

    @property
    def answer(self) -> str:
        return f"The CRC-32 of {self.path} is {self.output}."


def questions(seed: str, phrasings: tuple[str, ...]) -> Iterator[Question]:
    """Questions about files that no other seed names, without end; phrasings in turn, so that few cover them all."""
    chance = random.Random(seed)
    own = [word for word in WORDS if random.Random(word).randrange(2) == (seed != "corrected")]
    words = chance.sample(own, len(own))
    number = 0
    while True:
        path = f"{chance.choice(FOLDERS)}{words[number % len(words)]}.{chance.choice(ENDINGS)}"
        text = "\n".join(" ".join(chance.sample(WORDS, 5)) for _ in range(chance.randint(1, 6))) + "\n"
        yield Question(phrasings[number % len(phrasings)].format(path), path, text)
        number += 1
