"""Training in a process of its own (``python -m codemode_tui.engine.tuning WORK``): LoRA and fusing. mlx lives here."""
