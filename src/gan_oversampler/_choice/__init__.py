"""AutoOverSampler: what it tries, how that is judged, and what it chooses."""
