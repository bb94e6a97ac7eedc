"""Losses of networks that make things: GANs, autoencoders, perceptual distances."""
