"""Groups of machines: static lists, expressions over what is known of machines, or the rows of a saved query."""
