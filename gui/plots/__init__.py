"""Plots of runs, as data and as pictures; made on workers' threads."""
