"""Which libraries compute."""

from importlib.metadata import version


def versions() -> dict[str, str]:
    return {"mlx": version("mlx"), "mlxLm": version("mlx-lm")}
