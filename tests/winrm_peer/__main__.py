"""``python -m tests.winrm_peer``."""

import sys

from tests.winrm_peer.program import main

if __name__ == "__main__":
    sys.exit(main())
