"""What the terminal shows, cell by cell, so that only what has changed is sent to it.

Textual knows which regions of the screen may have changed, and sends them whole, each piece with all of its colours.
Over a slow line that is a hundred times what has changed. Here the last screen is kept as cells; of each update the
cells that differ are sent, and rows that only moved are moved by the terminal itself.
"""
