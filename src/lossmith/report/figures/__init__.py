"""One module per figure: the data first, the drawing second."""
