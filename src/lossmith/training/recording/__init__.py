"""What a training loop writes down: one folder for each run.

`Recorder` gathers, `RunFolder` writes, and each other file measures one thing.
"""
