"""What two or more runs have in common, and what differs between them."""
