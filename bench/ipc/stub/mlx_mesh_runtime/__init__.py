"""Stands in for the runtime in the IPC benchmark: its own __main__, everything else from the real package."""

from pathlib import Path

__path__.append(str(Path(__file__).parents[4] / "python" / "mlx_mesh_runtime"))
