"""A run: one of the paper's three stages (section 4.3) over its steps. `options.py` has what it is told, `train.py` the command."""
import copy
import json
import math
import os
import shutil
import signal
import time

import torch
import torch.nn.functional as F

from training.data.batch import Batch, middle, prefetch
from training.data.blur import timestep_of_frames
from training.data.generator import Generator, read_frames, read_photographs
from training.data.patches import Patches
from training.data.pool_reader import Pool
from training.losses.losses import LAMBDA_GAN, LAMBDA_KERNEL, LAMBDA_REBLUR, LAMBDA_TIME, LOSSES, kernel_loss, reblur_loss, time_loss
from training.network import fast
from training.network.model import FideDiff, load_config, rounded_timestep, told
from training.network.weights import averaged, widened
from training.runs.optimiser import Optimiser
from training.runs.processes import Processes
from training.runs.rates import RATES

SHARES = {"kernel": {"synthetic": 0.9, "gopro240": 0.05, "pairs": 0.05}}          # only synthetic pictures come with true kernels
SHARES["foundation"] = SHARES["control"] = {"synthetic": 0.75, "gopro240": 0.1, "pairs": 0.15}
SHARE_EVERY = 10                   # steps from one mean over the processes to the next
LOOK_EVERY = 2                     # steps from one look at whether a process is to end to the next
UNKNOWN_T = 200                    # of a pair whose number of frames is not known
PARTS = {"kernel": ("kernel_estimator", "timestep_predictor"), "foundation": ("unet", "vae", "prompt_embedding"),
         "control": ("filter", "controlnet", "kernel_estimator", "timestep_predictor")}


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
