"""`data audit`: what a set of training rows really holds. Counted from the rows, never estimated."""
