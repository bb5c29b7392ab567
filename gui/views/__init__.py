"""The parts a window is made of."""
