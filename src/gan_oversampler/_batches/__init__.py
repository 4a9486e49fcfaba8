"""What batches with fresh rows are made of: which rows stand in each, how they are read, deformed and handed over."""
