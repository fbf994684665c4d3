"""Training that needs nobody: a trunk at a constant rate, branches that decay from it, and a row of figures for each.

python -m training.runs.campaign --hours N       in the background: `make campaign`
python -m training.runs.campaign --status        one screen: is it running, the last rows, what to do next
python -m training.runs.campaign --stop          ends it with everything saved

Shards are made beside the training, and the oldest go. After LEG minutes of trunk a branch takes its weights to a small rate, is measured on the held-back pictures by
kind (training.measure.heldback), and the best is kept as a candidate folder. SIGTERM ends all within a minute; the same command goes on from whatever is on the disk.
Where there is no trunk yet it begins with the shipped weights and warms up.

All of it lies in --folder: campaign.log, campaign.csv, curve.svg, state.json, shards/, trunk/, branch/, chosen/, candidate/.
"""
import argparse
import os
import signal
import sys
import time

from training.folders import DATA, HELDBACK, RUNS, WEIGHTS
from training.machine import share
from training.runs.status import running, status
from training.runs.trunk import RECIPE, Campaign, Stopped

LEG = 90 * 60                      # seconds of trunk between two branches, of one process
BRANCH = 18 * 60                   # seconds of a branch, a fifth of a leg
FEW_SHARDS, MANY_SHARDS = 4, 24    # to begin with, and at most
SHARD_EVERY = 15 * 60              # seconds from one new shard to the next while the trunk learns
CHAINS = 400                       # of a shard: about 1 GB with M's maps


def step_back():
    """Lets everything else on the machine go first: the lowest priority within its session, and of the session."""
    os.nice(19)
    share(19)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--hours", type=float, default=24)
    add("--folder", default=os.path.join(RUNS, "campaign"))
    add("--data", default=DATA)
    add("--heldback", default=HELDBACK)
    add("--init", default=WEIGHTS, help="weights to begin with where there is no trunk")
    add("--mixture", help="of the kinds in new shards, as training.data.shards takes it")
    add("--processes", type=int, default=min(2, os.cpu_count()))
    add("--leg", type=float, default=LEG, help="seconds of trunk between two branches, of one process")
    add("--branch", type=float, default=BRANCH, help="seconds of a branch")
    add("--shards", type=int, default=MANY_SHARDS, help="at most so many, the oldest go")
    add("--first-shards", type=int, default=FEW_SHARDS, help="made before the trunk begins")
    add("--shard-every", type=float, default=SHARD_EVERY, help="seconds from one new shard to the next")
    add("--chains", type=int, default=CHAINS, help="of a shard")
    add("--every", type=int, default=1, help="of the held-back pictures of each kind, every n-th is measured")
    add("--recipe", help=f"options of training.runs.train instead of: {' '.join(RECIPE)}")
    add("--keep-priority", action="store_true", help="stay at the priority that it was started with, for tests")
    add("--status", action="store_true")
    add("--stop", action="store_true")
    args = parser.parse_args()
    pid = running(args.folder)
    if args.status:
        print(status(args.folder))
        return
    if args.stop:
        if not pid:
            sys.exit(f"no campaign runs in {args.folder}")
        os.kill(pid, signal.SIGTERM)
        while running(args.folder):
            time.sleep(0.5)
        return
    if pid:
        sys.exit(f"a campaign runs in {args.folder} already, process {pid}: --status shows it, --stop ends it")
    os.makedirs(args.folder, exist_ok=True)
    with open(os.path.join(args.folder, "pid"), "w") as f:
        f.write(str(os.getpid()))

    def terminated(*_):
        raise Stopped("SIGTERM")
    signal.signal(signal.SIGTERM, terminated)
    signal.signal(signal.SIGINT, terminated)
    if not args.keep_priority:
        step_back()
    campaign = Campaign(args)
    try:
        campaign.run()
    except Stopped as reason:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        campaign.end(campaign.children)
        campaign.drop_old_shards()  # one may have become whole since the last look
        campaign.keep()
        campaign.say(f"ends: {reason}")
    finally:
        campaign.end(campaign.children)
        os.remove(os.path.join(args.folder, "pid"))


if __name__ == "__main__":
    main()
