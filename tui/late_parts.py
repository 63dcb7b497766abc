"""Parts of libraries that the first screen does without: left out while the app starts, and there when it has.

Python's asyncio imports OpenSSL for TLS, Textual every widget that it has for one name. Owns nothing of what they
do; where one of them asks for more than is known here, it gets the real thing.
"""

import sys
from importlib import import_module, reload
from types import ModuleType

_TYPES = "textual.types"
# Those of asyncio that go on without ``ssl``, and look at it where somebody asks for TLS.
_LOOKING_AT_SSL = ("asyncio.base_events", "asyncio.selector_events", "asyncio.sslproto")


def import_asyncio() -> None:
    """Imports asyncio without TLS, which nothing in the app uses; `complete` adds it."""
    if "asyncio" in sys.modules or "ssl" in sys.modules:
        return
    sys.modules["ssl"] = None  # type: ignore[assignment]  # so importing it fails, as where Python was built without
    try:
        import_module("asyncio")
    finally:
        del sys.modules["ssl"]


def import_textual() -> None:
    """Imports Textual's app without the widgets that only its module of types knows."""
    if _TYPES in sys.modules:
        return
    stand_in = ModuleType(_TYPES)
    known = "IgnoreReturnCallbackType"  # all that Textual's app wants of it
    vars(stand_in)[known] = getattr(import_module("textual._types"), known)
    vars(stand_in)["__getattr__"] = _of_real_types
    sys.modules[_TYPES] = stand_in
    try:
        import_module("textual.app")
    finally:
        if sys.modules.get(_TYPES) is stand_in:
            del sys.modules[_TYPES]


def complete() -> None:
    """Gives asyncio its TLS. Takes some milliseconds, once; for a thread."""
    if getattr(import_module("asyncio.base_events"), "ssl", None) is not None:
        return
    ssl = import_module("ssl")
    for name in _LOOKING_AT_SSL:
        vars(import_module(name))["ssl"] = ssl
    reload(import_module("asyncio.sslproto"))  # what it makes of ``ssl`` when it is imported


def _of_real_types(name: str) -> object:
    if name.startswith("__"):  # importlib asks for them
        raise AttributeError(name)
    sys.modules.pop(_TYPES, None)
    return getattr(import_module(_TYPES), name)
