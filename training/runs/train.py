"""Trains FideDiff in the paper's three stages (section 4.3), resumable and seeded.

  kernel      M and T: re-blur loss (Eq. 12), the true kernels where the generator knows them, the time loss
  foundation  U, E, D and c: L1 + EA-LPIPS + GAN (Eq. 9 to 11), every t of a trajectory to the same clean picture (Eq. 7)
  control     F, C, M and T: L1 + EA-LPIPS + re-blur + time (Eq. 13); --freeze-foundation keeps the rest as the paper does.
              Without it everything learns: there is no pretrained prior here that freezing would protect.

Several processes (torchrun, or campaign.py) learn from their own pictures and every SHARE_EVERY steps go on from the mean of their weights.

A run lives in --out: state.pt (weights, their average, optimiser, step), config.json, progress.json and log.jsonl. The same command again resumes it. SIGTERM ends it at the
next step with everything saved; a loss that is not finite ends it with nothing saved and code 3.
"""
import argparse
import copy
import json
import math
import os
import shutil
import signal
import sys
import time

import torch
import torch.nn.functional as F

from training.data.batch import Batch, middle, prefetch
from training.data.blur import timestep_of_frames
from training.data.generator import Generator, read_frames, read_photographs
from training.data.patches import Patches
from training.data.pool import STILL, Pool
from training.folders import configuration
from training.losses.losses import LAMBDA_GAN, LAMBDA_KERNEL, LAMBDA_LPIPS, LAMBDA_REBLUR, LAMBDA_TIME, LOSSES, kernel_loss, reblur_loss, time_loss
from training.network import fast
from training.network.model import FideDiff, load_config, rounded_timestep, told
from training.runs.optimiser import Optimiser
from training.runs.processes import Processes
from training.runs.rates import RATES
from training.runs.weights import averaged, widened

SHARES = {"kernel": {"synthetic": 0.9, "gopro240": 0.05, "pairs": 0.05}}          # only synthetic pictures come with true kernels
SHARES["foundation"] = SHARES["control"] = {"synthetic": 0.75, "gopro240": 0.1, "pairs": 0.15}
SHARE_EVERY = 10                   # steps from one mean over the processes to the next
LOOK_EVERY = 2                     # steps from one look at whether a process is to end to the next
UNKNOWN_T = 200                    # of a pair whose number of frames is not known
PARTS = {"kernel": ("kernel_estimator", "timestep_predictor"), "foundation": ("unet", "vae", "prompt_embedding"),
         "control": ("filter", "controlnet", "kernel_estimator", "timestep_predictor")}
NOT_FINITE = 3                     # the exit code of a run whose loss is not finite


def uncertain(t):
    """t as T would tell it: half of the time about right, else off by T's own error. U must not rely on six exact values that it will never be given."""
    spread = torch.where(torch.rand(len(t), device=t.device) < 0.5, 10.0, 60.0)
    return (t + spread * torch.randn(len(t), device=t.device)).round().clamp(0, 400).long()


class NotFinite(ArithmeticError):
    pass


class Run:
    """Weights, their average, an optimiser and pictures: `step` learns from a batch, `save` leaves all in the run's folder."""

    def __init__(self, args):
        self.args, self.processes = args, Processes()
        torch.set_num_threads(args.threads)
        torch.manual_seed(args.seed)                                                # the same weights to begin with
        os.makedirs(args.out, exist_ok=True)
        self.config, self.control = load_config(args.config), args.stage == "control"
        with open(os.path.join(args.out, "config.json"), "w") as f:
            json.dump(self.config, f, indent=2)
        self.state_path = os.path.join(args.out, "state.pt")
        begin = self.state_path if os.path.exists(self.state_path) else args.go_on_from
        state = torch.load(begin, map_location="cpu", weights_only=True) if begin else None
        self.own = begin == self.state_path                                         # else its seconds and steps are another run's
        self.build(state)
        self.open_data()
        self.ended, self.terms, self.clock = False, {}, time.process_time if args.device == "cpu" else time.time
        self.started, self.exported = self.clock(), time.time()
        self.log = open(os.path.join(args.out, "log.jsonl") if self.processes.leads else os.devnull, "a", buffering=1)

    # Weights

    def build(self, state):
        args = self.args
        model = FideDiff(self.config)
        if state:
            model.load_state_dict(state["model"])
        elif args.init:
            model.load_state_dict(widened(averaged(args.init), model))
        if args.kernels and not state:
            model.load_state_dict({n: v for n, v in averaged(args.kernels).items() if n.split(".")[0] in PARTS["kernel"]}, strict=False)
        if self.control and not state and not model.filter.zero.weight.any():
            # C begins as the encoder it will steer (section 4.2)
            own = model.controlnet.state_dict()
            model.controlnet.load_state_dict({n: model.unet.state_dict().get(n, v) for n, v in own.items()})
        self.model = model.to(args.device, memory_format=torch.channels_last)
        if args.device == "cpu" and not args.bf16:
            fast.accelerate(self.model)
        self.average = copy.deepcopy(self.model).eval().requires_grad_(False)
        if state:
            self.average.load_state_dict(state["average"])
        parts = PARTS[args.stage]
        if args.freeze_kernels:
            parts = tuple(p for p in parts if p not in PARTS["kernel"])
        if self.control and not args.freeze_foundation:
            parts = parts + PARTS["foundation"]
        for name, p in self.model.named_parameters():
            p.requires_grad_(name.split(".")[0] in parts)
        self.trained = [p for p in self.model.parameters() if p.requires_grad]
        self.optimiser = Optimiser(self.model, args.lr)
        self.steps, self.pictures, self.before = 0, 0, 0.0
        if state:
            self.optimiser.load_state_dict(state["optimiser"])
        if state and self.own:
            self.steps, self.pictures, self.before = state["step"], state.get("pictures", 0), state["seconds"]
        self.build_judges(state)

    def build_judges(self, state):
        args = self.args
        self.perceptual = self.discriminator = None
        if args.lpips_from is not None:
            from training.losses.perceptual import EALPIPS
            self.perceptual = EALPIPS().to(args.device).requires_grad_(False)
        if args.gan_from is not None:
            from training.losses.discriminator import Discriminator
            self.discriminator = Discriminator(self.model.unet).to(args.device)
            self.judge = torch.optim.AdamW(self.discriminator.parameters(), lr=args.lr / 2, betas=(0.5, 0.99))
            if state and "discriminator" in state:
                self.discriminator.load_state_dict(state["discriminator"])
                self.judge.load_state_dict(state["judge"])

    def shared_parameters(self):
        return self.trained + (list(self.discriminator.parameters()) if self.discriminator else [])

    # Pictures

    def open_data(self):
        args, rank = self.args, self.processes.rank
        kernels, side = self.config["kernel_estimator"], args.patch + 2 * args.context
        seed = args.seed + self.steps + 1000 * rank
        torch.manual_seed(seed)
        needs_kernels = args.stage != "foundation" and not args.freeze_kernels
        if args.shards:
            if needs_kernels:
                raise SystemExit("--shards has what M finds, not what it should: M learns from --pool or --data; give --freeze-kernels")
            patches = Patches(args.shards, side, kernels, seed, (rank, self.processes.count))
            self.next_batch = prefetch(lambda: patches.batch(args.batch))
        elif args.pool:
            pool = Pool(args.pool, SHARES[args.stage], seed=seed, still=args.still, part=(rank, self.processes.count))
            self.next_batch = prefetch(lambda: Batch(*pool.batch(args.batch, side, kernels, with_kernels=needs_kernels)))
        else:
            generator = Generator(read_photographs(args.data)[0], *read_frames(args.data), args.device, SHARES[args.stage], seed=seed)
            self.next_batch = prefetch(lambda: Batch(*generator.batch(args.batch, side, kernels, with_kernels=needs_kernels)), 2)

    # Learning

    def half(self):
        return torch.autocast(self.args.device, torch.bfloat16, enabled=self.args.bf16)

    def seconds(self):
        """Seconds of training behind the run, in all its calls: of the processor on a CPU, which neither a pause nor others' work adds to."""
        return self.before + self.clock() - self.started

    def left(self):
        """What is left of the run, 1 to 0."""
        done = self.steps / self.args.steps if self.args.steps else 0
        return max(0.0, 1 - max(done, self.seconds() / self.args.seconds if self.args.seconds else 0))

    def kernels_of(self, batch, losses):
        """M's maps at each scale, without a gradient; where M learns, its losses and T's."""
        args = self.args
        if batch.maps is not None:
            return batch.maps
        if self.control and args.freeze_kernels:
            with torch.no_grad(), self.half():
                return [m.float() for m in self.model.kernel_maps(batch.seen)]
        with self.half():
            logits = self.model.kernel_estimator.logits(batch.seen).float()
        kernels = logits.softmax(1)
        with torch.no_grad(), self.half():
            maps = [kernels.detach(), *(m.float() for m in self.model.kernel_maps(batch.seen, kernels)[1:])]
        losses["kernel"] = LAMBDA_KERNEL * kernel_loss(logits, batch.true, batch.known)
        losses["reblur"] = LAMBDA_REBLUR * reblur_loss(kernels, batch.sharp, batch.seen, self.config)
        # T learns from M but does not bend it, unlike the paper's Eq. 13: one picture tells n only roughly, and M has better supervision.
        losses["time"] = LAMBDA_TIME * time_loss(self.model.timestep_predictor(maps), batch.frames)
        return maps

    def timesteps(self, batch, maps):
        """The t that U is told: the true one, as uncertain as T is, or T's own."""
        frames = batch.frames
        t = uncertain(torch.where(frames > 0, timestep_of_frames(frames), UNKNOWN_T))
        if maps is None:
            return t
        predicted = batch.timesteps
        if predicted is None:
            with torch.no_grad():
                predicted = rounded_timestep(self.model.timestep_predictor(maps))
        predicted = told(predicted, self.config)
        # Where n is not known, and of a sharp picture, which is restored only if T is mistaken.
        use_predicted = (frames <= 1) | (torch.rand(len(frames), device=frames.device) < self.args.predicted_t)
        return torch.where(use_predicted, predicted, t)

    def restoration(self, batch, maps, losses):
        """U's picture of the middle of the batch, with the losses of the picture. Returns it, what it should be, and the latent."""
        args, record = self.args, {}
        t = self.timesteps(batch, maps)
        stride = self.model.kernel_estimator.stride
        sharp, seen = middle(batch.sharp, args.context), middle(batch.seen, args.context)
        kernels = None if maps is None else middle(maps[0], args.context, stride)
        coarse = None
        if self.config["scales"] > 1:
            with self.half():
                coarse = self.model(F.avg_pool2d(batch.seen, 2), t=t, kernels=maps and maps[1], control=self.control).float()
            losses["coarse"] = LOSSES[args.loss](coarse, F.avg_pool2d(batch.sharp, 2))
            coarse = middle(coarse.detach(), args.context // 2)
        with self.half():
            out = self.model(seen, t=t, kernels=kernels, control=self.control, coarse=coarse, record=record).float()
        losses[args.loss] = LOSSES[args.loss](out, sharp)
        if self.perceptual is not None and self.steps >= args.lpips_from and self.steps % args.lpips_every == 0:
            # Of half of the patches, at every so manieth step and weighed that much more: of all it would take a quarter of a step's time.
            losses["lpips"] = args.lpips_every * args.lpips_weight * self.perceptual(out[::2].clamp(0, 1), sharp[::2]).mean()
        return out, sharp, record["latent_clean"]

    def step(self):
        """Learns from one batch. Returns the losses; raises NotFinite where their sum is not."""
        args, losses = self.args, {}
        batch = self.next_batch().to(args.device)
        maps = self.kernels_of(batch, losses) if args.stage != "foundation" else None
        judges = self.discriminator is not None and self.steps >= args.gan_from
        if args.stage != "kernel":
            _, sharp, latent = self.restoration(batch, maps, losses)
            if judges:
                from training.losses.discriminator import generator_loss
                losses["gan"] = LAMBDA_GAN * generator_loss(self.discriminator, latent)
        total = sum(losses.values())
        if not math.isfinite(total.item()):
            raise NotFinite(f"the loss is {total.item()} at step {self.steps}")
        self.optimiser.zero_grad()
        total.backward()
        losses["norm"] = torch.nn.utils.clip_grad_norm_(self.trained, 1.0)
        warm = min(1.0, (self.steps + 1) / args.warmup) if args.warmup else 1.0
        self.optimiser.step(args.lr * warm * RATES[args.rate](self.left()))
        if judges:
            losses["judge"] = self.judged(sharp, latent)
        with torch.no_grad():
            decay = min(args.average, (self.steps + 1) / (self.steps + 10))
            for a, p in zip(self.average.parameters(), self.model.parameters()):
                a.lerp_(p, 1 - decay)
        self.steps += 1
        self.pictures += len(batch.seen) * self.processes.count
        return losses

    def judged(self, sharp, latent):
        """One step of the discriminator."""
        from training.losses.discriminator import discriminator_loss
        with torch.no_grad():
            real = self.model.encode(sharp)
        loss = discriminator_loss(self.discriminator, real, latent.detach())
        self.judge.zero_grad(set_to_none=True)
        loss.backward()
        self.judge.step()
        return loss

    # What is left of it

    def write_log(self, losses):
        for name, value in losses.items():
            self.terms.setdefault(name, []).append(value.detach())
        if self.steps % self.args.log_every == 0:
            line = {"step": self.steps, "stage": self.args.stage, "seconds": round(self.seconds(), 1), "pictures": self.pictures}
            line |= {n: round(torch.stack(v).mean().item(), 6) for n, v in self.terms.items()}
            self.terms = {}
            print(json.dumps(line), file=self.log)
            print("  ".join(f"{n} {v}" for n, v in line.items()), flush=True)

    def save(self):
        """state.pt and progress.json, each replaced as a whole."""
        if not self.processes.leads:
            return
        args = self.args
        progress = {"step": self.steps, "seconds": self.seconds(), "pictures": self.pictures, "stage": args.stage, "seed": args.seed, "rate": args.rate}
        state = progress | {"model": self.model.state_dict(), "average": self.average.state_dict(), "optimiser": self.optimiser.state_dict()}
        if self.discriminator:
            state |= {"discriminator": self.discriminator.state_dict(), "judge": self.judge.state_dict()}
        torch.save(state, self.state_path + ".new")
        os.replace(self.state_path + ".new", self.state_path)
        with open(os.path.join(args.out, "progress.json.new"), "w") as f:
            json.dump(progress, f)
        os.replace(f.name, os.path.join(args.out, "progress.json"))

    def export(self, folder):
        """The averaged weights as a model folder in f16, replaced as a whole."""
        self.average.save(folder + ".new", torch.float16)
        shutil.rmtree(folder, ignore_errors=True)
        os.rename(folder + ".new", folder)

    def finished(self):
        """Whether all processes end here. They look at it together, and now and then take the mean of their weights and of their clocks."""
        own = self.ended or self.left() == 0
        if self.processes.count == 1:
            return own
        done = False
        if self.steps % LOOK_EVERY == 0:
            now = self.seconds()
            any_done, mean_seconds = self.processes.mean([float(own), now])
            self.before += mean_seconds - now
            done = any_done > 0
        if done or self.steps % SHARE_EVERY == 0:
            self.processes.share(self.shared_parameters())
        return done

    def train(self):
        def end(*_):
            self.ended = True
        signal.signal(signal.SIGTERM, end)
        while not self.finished():
            losses = self.step()
            self.write_log(losses)
            if self.steps % self.args.save_every == 0:
                self.save()
            if self.args.export_every and time.time() - self.exported > self.args.export_every:
                self.export(os.path.join(self.args.out, "weights"))
                self.exported = time.time()
        self.save()
        if self.args.export_every:
            self.export(os.path.join(self.args.out, "weights"))


def arguments(words=None):
    """The options of a run, from the command line or from `words`."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--stage", choices=PARTS, required=True)
    add("--config", default=configuration("default"))
    add("--init", help="model folder or state.pt whose averaged weights to start from")
    add("--go-on-from", metavar="STATE", help="another run's state.pt: its weights, their average and its optimiser")
    add("--shards", help="folder of shards by kind with M's maps (training.data.shards, training.data.maps)")
    add("--pool", help="instead: folder of shards that pool.py made")
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


def main():
    run = Run(arguments())
    try:
        run.train()
    except NotFinite as error:
        print(f"{error}: stopped, and the last state saved stays as it was", file=sys.stderr, flush=True)
        sys.exit(NOT_FINITE)


if __name__ == "__main__":
    main()
