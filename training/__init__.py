"""Trains, measures and checks FideDiff's weights. Run a module from the repository's folder: `python -m training.runs.train`."""
