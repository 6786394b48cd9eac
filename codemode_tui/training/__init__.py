"""Evaluation: suites of cases, played against a model and graded by what its code did. Knows no screen."""
