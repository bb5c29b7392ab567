"""What is done to runs, how it is asked for, told, and taken back."""
