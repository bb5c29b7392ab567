"""From the start of the program to its first window, and what is imported after that."""
