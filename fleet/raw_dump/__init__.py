"""What a Windows machine said, raw and without what tells whose it is: for fixtures, and for who mends Patchdeck."""
