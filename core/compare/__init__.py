"""Several runs beside each other: what differs, which is best, and their curves."""
