"""Ways to make one number of many losses other than their mean."""
