"""What the records say: figures first, then advice, reports and plots."""
