"""The providers: one folder each, found by name, all alike."""
