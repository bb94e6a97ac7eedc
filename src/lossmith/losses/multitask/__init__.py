"""One number out of the losses of several tasks."""
