"""Rules on training steps, a file each: faults outside the loss."""
