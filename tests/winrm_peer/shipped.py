"""The machines of `patchdeck demo --live`: what is `tests` in an installation, so that nobody else's `tests` is found.

The wheel has this file as ``tests/__init__.py`` beside the peers, in a folder that nothing else is imported from.
"""
