"""Charts drawn with text: what of an answer is drawn, and the lines that show it. No screen."""
