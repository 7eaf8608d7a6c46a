"""Measurements of the app's speed; they print figures and never fail a test."""
