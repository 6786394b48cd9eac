"""What there is to read: Markdown topics, with the tables of the program filled in."""
