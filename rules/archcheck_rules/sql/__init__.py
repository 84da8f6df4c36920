"""Rules of the built-in pack about sql."""
