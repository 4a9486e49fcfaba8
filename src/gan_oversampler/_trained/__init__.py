"""The state that a training leaves, and whether it went well."""
