"""The user's rows: containers, image or table, encodings, counts and memory."""
