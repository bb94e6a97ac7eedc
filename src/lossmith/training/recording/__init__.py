"""What a training loop writes down: one folder for each run, with curves and what goes on inside the network.

`Recorder` gathers, `RunFolder` writes, and each other file measures one thing.
"""
