"""Training the same small network under any loss: the problem, the network, the engine, the predictor."""
