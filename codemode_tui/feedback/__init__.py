"""From feedback to training data: examples, gates, redaction, splits that never move, files that trainers accept."""
