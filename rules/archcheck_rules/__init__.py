"""The built-in rules of archcheck: one file, one rule, its reason, its examples and its check."""
