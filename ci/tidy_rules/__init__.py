"""ci/tidy's rules: one module per concern, registered where they are defined."""
