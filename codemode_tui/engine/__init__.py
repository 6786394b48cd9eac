"""Tokens: the worker process on mlx-lm and its client. Nothing outside the worker imports mlx."""
