"""The user's rows: containers, images told from tables, encodings, counts and memory."""
