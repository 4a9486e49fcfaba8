"""Random changes under which a table row stays in its class, and new rows made of real ones by them."""
