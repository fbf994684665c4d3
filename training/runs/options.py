"""Trains FideDiff in the paper's three stages (section 4.3), resumable and seeded.

  kernel      M and T: re-blur loss (Eq. 12), the true kernels where the generator knows them, the time loss
  foundation  U, E, D and c: L1 + EA-LPIPS + GAN (Eq. 9 to 11), every t of a trajectory to the same sharp picture (Eq. 7)
  control     F, C, M and T: L1 + EA-LPIPS + re-blur + time (Eq. 13); --freeze-foundation keeps the rest as the paper does.
              Without it everything learns: there is no pretrained prior here that freezing would protect.

Several processes (torchrun, or campaign.py) learn from their own pictures and every SHARE_EVERY steps go on from the mean of their weights.

A run lives in --out: state.pt (weights, their average, optimiser, step), config.json, progress.json and log.jsonl. The same command again resumes it. SIGTERM ends it at the
next step with everything saved; a loss that is not finite ends it with nothing saved and code 3.
"""
import argparse

from training.data.pool_reader import STILL
from training.folders import configuration
from training.losses.losses import LAMBDA_LPIPS, LOSSES
from training.runs.rates import RATES
from training.runs.run import PARTS


def arguments(words=None):
    """The options of a run, from the command line or from `words`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--stage", choices=PARTS, required=True)
    add("--config", default=configuration("default"))
    add("--init", help="model folder or state.pt whose averaged weights to start from")
    add("--go-on-from", metavar="STATE", help="another run's state.pt: its weights, their average and its optimiser")
    add("--shards", help="folder of shards by kind with M's maps (training.data.shards, training.data.maps)")
    add("--pool", help="instead: folder of shards that training.data.pool made")
    add("--data", help="instead: a folder laid out as ../shared/data, or packed by pack.py; blur is then made on the device as it is needed")
    add("--out", required=True)
    add("--steps", type=int, default=None, help="stop after so many")
    add("--seconds", type=float, default=None, help="stop after so many seconds of training in all calls; on a CPU the processor's own")
    add("--rate", choices=RATES, default="cosine", help="of learning, over the steps or the seconds, whichever run out first")
    add("--batch", type=int, default=8)
    add("--patch", type=int, default=192)
    add("--context", type=int, default=64, help="pixels around a patch that M and the smaller scale also see, as in use they see far more than a patch")
    add("--loss", choices=LOSSES, default="psnr", help="of the picture: the paper's L1, or what PSNR measures")
    add("--lr", type=float, default=4e-4)
    add("--warmup", type=int, default=200)
    add("--average", type=float, default=0.999, help="decay of the average of the weights")
    add("--lpips-from", type=int, default=None, help="step at which EA-LPIPS joins (default: never)")
    add("--lpips-weight", type=float, default=LAMBDA_LPIPS, help="of EA-LPIPS beside the loss of the picture")
    add("--lpips-every", type=int, default=1, help="steps from one EA-LPIPS to the next, each weighed as many times")
    add("--gan-from", type=int, default=None, help="step at which the discriminator joins (default: never)")
    add("--freeze-foundation", action="store_true")
    add("--kernels", help="state.pt of the run to take M and T from, instead of --init's")
    add("--freeze-kernels", action="store_true", help="control stage: M and T stay as they are, a quarter of the time is saved")
    add("--predicted-t", type=float, default=0.0, help="control stage: share of patches that get T's timestep instead of the true one")
    add("--still", type=float, default=STILL, help="of a pool: share of patches that are sharp and are to stay as they are")
    add("--seed", type=int, default=0)
    add("--save-every", type=int, default=500)
    add("--log-every", type=int, default=100)
    add("--export-every", type=float, help="seconds from one model folder of the averaged weights, OUT/weights, to the next (default: never)")
    add("--threads", type=int, default=2)
    add("--device", default="cpu")
    add("--bf16", action="store_true", help="the network runs in bfloat16, losses and weights stay in float32")
    args = parser.parse_args(words)
    if sum(x is not None for x in (args.shards, args.pool, args.data)) != 1:
        parser.error("give one of --shards, --pool and --data")
    if args.rate != "constant" and not (args.steps or args.seconds):
        parser.error(f"a {args.rate} rate runs out over --steps or --seconds: give one of them, or --rate constant")
    return args
