"""The run store and all that can be done to a run on this machine: no Qt, no network."""
