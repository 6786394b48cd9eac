"""The turn: a conversation is an asynchronous stream of frozen events. Knows no screen and no mlx."""
