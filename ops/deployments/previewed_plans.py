"""The plans that were previewed, kept so that they can be required and approved, and to say what has drifted since."""

from pathlib import Path

from fleet.deployments.plan import Plan
from ops.deployments.folder import RunFolder
from ops.home import Home
from ops.state.documents import Codec

# Beside the folders of runs and scans; nobody requires a plan that is older than so many previews.
_FOLDER = "plans"
_PLANS_KEPT = 100


def keep_previewed(home: Home, plan: Plan) -> None:
    """Keep ``plan``, so that a run that requires it can say what has changed since."""
    folder = RunFolder(home.runs_dir / _FOLDER)
    folder.write_whole(folder.path / f"{plan.hash}.json", Codec(Plan).dump(plan).encode("ascii"))
    kept = sorted(folder.path.glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
    for path in kept[: max(0, len(kept) - _PLANS_KEPT)]:
        path.unlink(missing_ok=True)


def find_previewed(home: Home, plan_hash: str) -> Plan | None:
    """The plan that was previewed with that hash, None where it is not kept any more."""
    path: Path = home.runs_dir / _FOLDER / f"{plan_hash}.json"
    if not plan_hash.isalnum():
        return None
    try:
        return Codec(Plan).load(path.read_bytes())
    except (OSError, ValueError, KeyError, TypeError):
        return None
