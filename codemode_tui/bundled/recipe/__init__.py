"""The recipe of the bundled model: data, tokenizer, pre-training, LoRA, fuse, 5 bits, card."""
