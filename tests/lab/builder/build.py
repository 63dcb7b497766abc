"""Builds the layers that some machines stand on; run in namespaces of its own, so that no mount outlives it.

    unshare -m -p -f --kill-child --mount-proc python -m tests.lab.builder.build current pending …

Prints the folder of the generation on its last line.
"""

import shutil
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from tests.lab.builder import cache
from tests.lab.builder.arch_packages import write_arch_recipe
from tests.lab.builder.host import find_mirror
from tests.lab.builder.layers import BASE, Builder, Layer, layer_path
from tests.lab.builder.machines import SPECS
from tests.lab.builder.packages import build_pool
from tests.lab.builder.recipe import KEPT_AT
from tests.lab.builder.repositories import publish, serve
from tests.lab.builder.rpm_repositories import write_rpm_recipe
from tests.lab.builder.userlands import DNF_TOOLS, PACMAN_TOOLS, ZYPPER_TOOLS

# Only one process builds at a time, so that one address is enough; no lab that runs has it: `lab.NETS`.
_ADDRESS = "127.40.255.1"
_AT_ONCE = 3


def build(names: list[str]) -> Path:
    """The generation folder that holds the layers of the machines ``names``."""
    with cache.alone():
        generation = cache.generation_folder()
        _publish_repositories(generation)
        _build_layers(generation, names)
        return generation


def _publish_repositories(generation: Path) -> None:
    if (generation / "web").exists():
        return
    pool = generation / "pool"
    shutil.rmtree(generation, ignore_errors=True)
    pool.mkdir(parents=True)
    build_pool(pool)
    (generation / "mirror_hosts").write_text("\n".join(find_mirror().hosts))
    publish(generation / "web.partial", pool, pool / "lab.gpg")
    _publish_other_families(generation)
    (generation / "web.partial").rename(generation / "web")


def _publish_other_families(generation: Path) -> None:
    """What dnf, zypper and pacman install from: their own tools make it, in a machine that has them."""
    pool = generation / "pool"
    builder = _builder(generation)
    _build_each(builder, [BASE])
    _build_each(builder, [DNF_TOOLS, ZYPPER_TOOLS, PACMAN_TOOLS])
    builder.run_on(DNF_TOOLS, write_rpm_recipe(pool))
    builder.run_on(PACMAN_TOOLS, write_arch_recipe(pool))
    for folder in (pool / "web").iterdir():
        folder.rename(generation / "web.partial" / folder.name)


def _build_layers(generation: Path, names: list[str]) -> None:
    wanted = {layer.folder_name: layer for name in names for layer in SPECS[name].layer.lower}
    missing = [layer for layer in wanted.values() if not layer_path(layer, generation).exists()]
    if not missing:
        return
    server = serve(generation / "web", _ADDRESS)
    for depth in sorted({len(layer.lower) for layer in missing}):
        _build_each(_builder(generation), [layer for layer in missing if len(layer.lower) == depth])
    server.shutdown()
    known = {layer.folder_name for spec in SPECS.values() for layer in spec.layer.lower}
    cache.remove_dead(generation, known)


def _builder(generation: Path) -> Builder:
    return Builder(generation, generation / "pool", _ADDRESS, find_mirror())


def _build_each(builder: Builder, layers: list[Layer]) -> None:
    """Build ``layers``, none of which stands on another, side by side: half of the time goes to waiting."""
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        for _ in threads.map(partial(_build_one, builder), layers):
            pass


def _build_one(builder: Builder, layer: Layer) -> None:
    began = time.monotonic()
    if builder.build(layer):
        print(f"built {layer.name} in {time.monotonic() - began:.1f} s", file=sys.stderr, flush=True)


if __name__ == "__main__":
    KEPT_AT.mkdir(parents=True, exist_ok=True)
    print(build(sys.argv[1:]))
