"""The jobs that the user asked for."""
