"""The Agent Client Protocol: editors show the turn and ask the question. Needs the extra ``acp``."""
