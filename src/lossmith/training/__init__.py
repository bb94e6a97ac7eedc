"""Training the same small network under any loss.

Here are the problem, the network, the engine and the predictor.
"""
