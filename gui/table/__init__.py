"""What the table of runs shows: columns, order, selection, sizes."""
