"""Models that see, through the optional layer mlx-vlm: prompts with images become keys and values here, and
are decoded in the batch beside prompts of text."""
