"""Built-in functions, keywords, modules, errors, commands and tools; and pairs that people mix up."""

from __future__ import annotations

from codemode_tui.bundled.recipe.fact_tables import concepts, pairs

BUILTINS = concepts("words_of_code.txt")
VERSUS = pairs("versus.txt")
