"""Makes the sample data anew: ``python sample-data/generate.py [FOLDER]``; without FOLDER, what is committed here.

The same code and seed give the same rows. Everything in them is invented: see README.md beside this file.
"""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main() -> int:
    """Simulate the 90 days and write the home."""
    sys.path[:0] = [str(HERE), str(HERE.parent)]
    from generator.home import write_home
    from generator.simulation import simulate

    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    history = simulate()
    write_home(history, folder)
    print(f"{len(history.boxes)} machines, {len(history.batches)} scans, {len(history.runs)} runs in {folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
