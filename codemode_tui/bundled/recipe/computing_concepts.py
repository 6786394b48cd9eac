"""What the model knows of programming at large: formats, git, tests, data structures, networks, its own kind."""

from __future__ import annotations

from codemode_tui.bundled.recipe.fact_tables import concepts

NOUNS = concepts("computing_concepts.txt")
