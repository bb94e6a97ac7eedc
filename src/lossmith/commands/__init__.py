"""The verbs, one file each: a file dropped here is a command.

A file has the verb's name and a function `command`. At its top it imports only click and `lossmith.options`.
"""
