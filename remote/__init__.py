"""Runs on other machines over SSH: no Qt here."""
