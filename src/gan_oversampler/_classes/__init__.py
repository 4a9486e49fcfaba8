"""One class at a time: its task, its training, what was learned of it, and how good that is."""
