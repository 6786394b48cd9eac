"""What happened, durably: sessions, turns, generations, runs and feedback in one SQLite file."""
