"""What a training leaves behind, and whether it went well."""
