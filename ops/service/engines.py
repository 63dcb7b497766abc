"""What works on a run in the service: the engine, and the ways to the machines that it needs."""

import asyncio
from dataclasses import dataclass, replace

from fleet.deployments.runs import Run
from ops.assess import options_of
from ops.config import Settings
from ops.credentials.finding import HomeSecrets
from ops.deployments.engine import RunEngine
from ops.deployments.reaching import reached_machines
from ops.service.duty import Post
from ops.service.runs import EngineMaker


@dataclass(frozen=True, slots=True)
class _ReachingEngine:
    """The engine of a run; keys and their configuration are read anew for each run."""

    post: Post
    run_id: str
    stop: asyncio.Event
    settings: Settings

    async def run(self) -> Run:
        """See `ops.service.runs.Engine`."""
        home = self.post.home
        options = replace(options_of(self.settings), secrets=HomeSecrets(home))
        async with reached_machines(home, options, self.run_id, self.post.clock) as make_worker:
            engine = RunEngine(
                home,
                self.run_id,
                make_worker,
                self.post.clock,
                self.stop,
                settings=self.settings,
                token=self.post.token,
            )
            return await engine.run()


def engine_maker(post: Post) -> EngineMaker:
    """Makes the engines of runs."""
    return lambda run_id, stop, settings: _ReachingEngine(post, run_id, stop, settings)
