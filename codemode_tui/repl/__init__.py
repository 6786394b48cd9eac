"""`codemode repl`: the conversation in the terminal's own scrollback."""
