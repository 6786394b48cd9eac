"""SQLite: sessions, turns, runs, feedback, provenance. Append-only; every step recorded as it happens."""
