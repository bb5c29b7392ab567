"""Qt models over core's values; nothing here draws."""
