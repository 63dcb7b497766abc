"""Windows machines: asked in PowerShell 5.1, whichever way they are reached."""
