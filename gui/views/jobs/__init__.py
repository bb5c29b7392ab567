"""The jobs below the runs."""
