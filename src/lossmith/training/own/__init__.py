"""Training a person's own module on their own dataset, under any loss.

The module and the dataset are torch's; the losses, links, decision rules and rows of evidence are those of a table.
"""
