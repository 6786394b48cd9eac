"""The claim, measured: a few corrections teach what as many random examples do not (``python -m … .proof``)."""
