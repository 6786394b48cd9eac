"""What the model knows of Python by heart: subjects with a short, correct answer."""

from __future__ import annotations

from codemode_tui.bundled.recipe.fact_tables import concepts

NOUNS = concepts("python_concepts.txt")
