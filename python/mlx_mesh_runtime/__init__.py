"""One process that serves one loaded MLX model over standard input and output (see ../README.md)."""
