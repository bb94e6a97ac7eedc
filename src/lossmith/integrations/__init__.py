"""The recorder as a callback of other libraries, each imported when asked for.

One file for each library; none of them is needed by anything else.
"""
