"""The surfaces: parsers live here and nowhere else."""
