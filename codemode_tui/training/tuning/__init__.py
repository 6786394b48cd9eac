"""From rows to a better model: what is learnt from, the run, fusing, the gate, and promotion. Knows no mlx."""
