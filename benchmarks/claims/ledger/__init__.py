"""One file is one claim; the folder is walked, nothing is registered."""
