"""Tables of what would be done: imported, transferred, labelled."""
