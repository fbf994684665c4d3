"""Trains FideDiff in the paper's three stages (section 4.3), resumable and seeded.

  kernel      M and T: re-blur loss (Eq. 12), the true kernels where the generator knows them, the time loss
  foundation  U, E, D and c: L1 + EA-LPIPS + GAN (Eq. 9 to 11), every t of a trajectory to the same clean picture (Eq. 7)
  control     F, C, M and T: L1 + EA-LPIPS + re-blur + time (Eq. 13); --freeze-foundation keeps the rest as the paper does.
              Without it everything learns: there is no pretrained prior here that freezing would protect.

Under torchrun each process learns from its own shards, and every SHARE_EVERY steps all go on from the mean of their weights.

A run lives in --out: state.pt (weights, their average, optimiser, step) and log.jsonl. The same command again resumes it.
"""
import argparse
import copy
import json
import os
import queue
import threading
import time

import torch
import torch.distributed as dist
import torch.nn.functional as F

from training.data.blur import timestep_of_frames
from training.data.generator import Generator, read_frames, read_photographs
from training.data.pool import STILL, Pool
from training.folders import configuration
from training.network import fast
from training.network.model import FideDiff, load_config, rounded_timestep, timestep_of, value_of
from training.network.reblur import reblur_target, reblurred
from training.runs.optimiser import Optimiser

SHARES = {"kernel": {"synthetic": 0.9, "gopro240": 0.05, "pairs": 0.05}}          # only synthetic pictures come with true kernels
SHARES["foundation"] = SHARES["control"] = {"synthetic": 0.75, "gopro240": 0.1, "pairs": 0.15}
LAMBDA_LPIPS, LAMBDA_GAN, LAMBDA_REBLUR, LAMBDA_TIME = 1.0, 5e-3, 0.1, 1.0     # supplement A
LAMBDA_KERNEL = 0.05                                                            # cross-entropy to the true kernels; ours
SHARE_EVERY = 10                                                                # steps from one mean over the processes to the next
UNKNOWN_T = 200                                                                 # of a pair whose number of frames is not known
PARTS = {"kernel": ("kernel_estimator", "timestep_predictor"), "foundation": ("unet", "vae", "prompt_embedding"),
         "control": ("filter", "controlnet", "kernel_estimator", "timestep_predictor")}


def reblur_loss(kernels, sharp, seen, config):
    return (reblurred(kernels, sharp, config) - reblur_target(seen, config)).abs().mean()


def kernel_loss(logits, true, known):
    """Cross-entropy to the true kernel map, over the pictures whose kernels the generator knows."""
    if not known.any():
        return logits.sum() * 0
    return -(true[known] * logits[known].log_softmax(1)).sum(1).mean()


def time_loss(v, frames):
    known = frames > 0
    if not known.any():
        return v.sum() * 0
    target = value_of(timestep_of_frames(frames[known]).float()).clamp(0, 1)
    return F.mse_loss(v[known], target)


def uncertain(t):
    """t as T would tell it: half of the time about right, else off by T's own error. U must not rely on six exact values that it will never be given."""
    spread = torch.where(torch.rand(len(t), device=t.device) < 0.5, 10.0, 60.0)
    return (t + spread * torch.randn(len(t), device=t.device)).round().clamp(0, 400).long()


def prefetch(make, depth=4):
    """Batches made one thread ahead of the network."""
    ready = queue.Queue(depth)

    def work():
        while True:
            ready.put(make())
    threading.Thread(target=work, daemon=True).start()
    return ready.get


def half(args):
    return torch.autocast(args.device, torch.bfloat16, enabled=args.bf16)


def psnr_loss(out, clean):
    """A tenth of the mean logarithm of each picture's squared error. What is above 40 dB counts for little, or sharp pictures would drown the others."""
    return 0.1 * torch.log((out - clean).square().flatten(1).mean(1) + 1e-4).mean()


LOSSES = {"l1": F.l1_loss, "psnr": psnr_loss}


def psnr(a, b):
    return -10 * torch.log10(((a - b) ** 2).mean((1, 2, 3)).clamp(min=1e-9))


def middle(x, pixels, stride=1):
    """Without `pixels` on each side, of something with a value every `stride` pixels."""
    n = pixels // stride
    return x[..., n:x.shape[-2] - n, n:x.shape[-1] - n]


@torch.no_grad()
def validate(model, batches, control, config, context):
    """Figures on held-back patches, with T's own timestep as in use."""
    gain, kernel_error, cosine, reblur_psnr, ranks = [], [], [], [], []
    stride = model.kernel_estimator.stride
    for sharp, seen, frames, true, _ in batches:
        maps = model.kernel_maps(seen)
        kernels, v = maps[0], model.timestep_predictor(maps)
        t = rounded_timestep(v)
        patch, clean = middle(seen, context), middle(sharp, context)
        coarse = None
        if config["scales"] > 1:
            coarse = middle(model(F.avg_pool2d(seen, 2), t=t, kernels=maps[1], control=control), context // 2)
        out = model(patch, t=t, kernels=middle(kernels, context, stride), control=control, coarse=coarse).clamp(0, 1)
        blurred = psnr(patch, clean) < 38
        gain.append((psnr(out, clean) - psnr(patch, clean))[blurred])
        kernel_error.append((kernels - true).abs().sum(1).mean())
        cosine.append(F.cosine_similarity(kernels, true, dim=1).mean())
        reblur_psnr.append(psnr(reblurred(kernels, sharp, config), reblur_target(seen, config)))
        ranks.append((timestep_of(v) - timestep_of_frames(frames)).abs())
    return {"gain_db": torch.cat(gain).mean().item(), "kernel_l1": torch.stack(kernel_error).mean().item(),
            "kernel_cosine": torch.stack(cosine).mean().item(), "reblur_psnr": torch.cat(reblur_psnr).mean().item(),
            "t_error": torch.cat(ranks).mean().item()}


def shared(parameters, finished):
    """All processes take the mean of their weights. Whether all of them have finished"""
    flat = torch.cat([p.detach().flatten() for p in parameters] + [parameters[0].new_tensor([finished])])
    dist.all_reduce(flat)
    flat /= dist.get_world_size()
    for p, mean in zip(parameters, flat[:-1].split([p.numel() for p in parameters])):
        p.data.copy_(mean.view_as(p))
    return flat[-1].item() == 1


def averaged(path):
    """The averaged weights of a run's state.pt, or those of a model folder."""
    if os.path.isdir(path):
        return FideDiff(load_config(path)).load(path).state_dict()
    return torch.load(path, map_location="cpu", weights_only=True)["average"]


def widened(state, model):
    """Weights for a model whose layers may see more than they knew: nothing follows from it at first."""
    return {n: F.pad(state[n], (0, 0) * (p.dim() - 2) + (0, p.shape[1] - state[n].shape[1])) if p.dim() > 1 else state[n] for n, p in model.state_dict().items()}


def learning_rate(step, seconds, args):
    """Warm-up, then a half cosine over the steps or the seconds, whichever run out first."""
    warm = min(1.0, (step + 1) / args.warmup)
    left = max(0.0, 1 - max(step / args.steps, seconds / args.seconds if args.seconds else 0))
    return args.lr * warm * (0.02 + 0.98 * 0.5 * (1 - torch.cos(torch.tensor(left * torch.pi)).item()))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--stage", choices=PARTS, required=True)
    add("--config", default=configuration("default"))
    add("--init", help="model folder or state.pt to start from")
    add("--pool", help="folder of shards that pool.py made")
    add("--data", help="instead of a pool: a folder laid out as ../shared/data, or packed by pack.py; blur is then made on the device as it is needed")
    add("--out", required=True)
    add("--steps", type=int, default=10000)
    add("--batch", type=int, default=8)
    add("--patch", type=int, default=128)
    add("--context", type=int, default=64, help="pixels around a patch that M also sees, as in use it sees far more than a patch")
    add("--loss", choices=LOSSES, default="psnr", help="of the picture: the paper's L1, or what PSNR measures")
    add("--lr", type=float, default=4e-4)
    add("--warmup", type=int, default=200)
    add("--average", type=float, default=0.999, help="decay of the average of the weights")
    add("--lpips-from", type=int, default=None, help="step at which EA-LPIPS joins (default: never)")
    add("--lpips-weight", type=float, default=LAMBDA_LPIPS, help="of EA-LPIPS beside the loss of the picture")
    add("--gan-from", type=int, default=None, help="step at which the discriminator joins (default: never)")
    add("--freeze-foundation", action="store_true")
    add("--kernels", help="state.pt of the run to take M and T from, instead of --init's")
    add("--freeze-kernels", action="store_true", help="control stage: M and T stay as they are, a quarter of the time is saved")
    add("--predicted-t", type=float, default=0.0, help="control stage: share of patches that get T's timestep instead of the true one")
    add("--still", type=float, default=STILL, help="share of patches that are sharp and are to stay as they are")
    add("--seed", type=int, default=0)
    add("--save-every", type=int, default=500)
    add("--validate-every", type=int, default=500)
    add("--seconds", type=float, default=None, help="stop after this long, the learning rate having run out")
    add("--threads", type=int, default=2)
    add("--device", default="cpu")
    add("--bf16", action="store_true", help="the network runs in bfloat16, losses and weights stay in float32")
    args = parser.parse_args()
    if (args.pool is None) == (args.data is None):
        parser.error("give one of --pool and --data")

    processes, rank = int(os.environ.get("WORLD_SIZE", 1)), int(os.environ.get("RANK", 0))
    leads = rank == 0                                                           # and alone validates, logs and saves
    if processes > 1:
        dist.init_process_group("gloo")
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)                                                # the same weights to begin with
    os.makedirs(args.out, exist_ok=True)
    config, device = load_config(args.config), args.device
    model = FideDiff(config)
    state_path = os.path.join(args.out, "state.pt")
    resumed = torch.load(state_path, map_location="cpu", weights_only=True) if os.path.exists(state_path) else None
    if resumed:
        model.load_state_dict(resumed["model"])
    elif args.init:
        model.load_state_dict(widened(averaged(args.init), model))
    if args.kernels and not resumed:
        model.load_state_dict({n: v for n, v in averaged(args.kernels).items() if n.split(".")[0] in PARTS["kernel"]}, strict=False)
    if args.stage == "control" and not resumed and not model.filter.zero.weight.any():
        # C begins as the encoder it will steer (section 4.2)
        own = model.controlnet.state_dict()
        model.controlnet.load_state_dict({n: model.unet.state_dict().get(n, v) for n, v in own.items()})
    model = model.to(device, memory_format=torch.channels_last)
    if device == "cpu" and not args.bf16:
        fast.accelerate(model)
    average = copy.deepcopy(model).eval().requires_grad_(False)
    if resumed:
        average.load_state_dict(resumed["average"])

    parts = PARTS[args.stage]
    if args.freeze_kernels:
        parts = tuple(p for p in parts if p not in PARTS["kernel"])
    if args.stage == "control" and not args.freeze_foundation:
        parts = parts + PARTS["foundation"]
    trained = [p for n, p in model.named_parameters() if n.split(".")[0] in parts]
    for n, p in model.named_parameters():
        p.requires_grad_(n.split(".")[0] in parts)
    optimiser = Optimiser(model, args.lr)
    step = 0
    if resumed:
        optimiser.load_state_dict(resumed["optimiser"])
        step = resumed["step"]

    perceptual = discriminator = None
    if args.lpips_from is not None:
        from training.losses.perceptual import EALPIPS
        perceptual = EALPIPS().to(device).requires_grad_(False)
    if args.gan_from is not None:
        from training.losses.discriminator import Discriminator, discriminator_loss, generator_loss
        discriminator = Discriminator(model.unet).to(device)
        judge = torch.optim.AdamW(discriminator.parameters(), lr=args.lr / 2, betas=(0.5, 0.99))
        if resumed and "discriminator" in resumed:
            discriminator.load_state_dict(resumed["discriminator"])
            judge.load_state_dict(resumed["judge"])

    k, seed = config["kernel_estimator"], args.seed + step + 1000 * rank
    torch.manual_seed(seed)
    to = lambda batch: tuple(x.to(device) for x in batch)
    if args.pool:
        pool = Pool(args.pool, SHARES[args.stage], seed=seed, still=args.still, part=(rank, processes))
        held = Pool(args.pool, {"heldback": 1}, seed=1, plain=True)
    else:
        kept, held = read_photographs(args.data)
        pool = Generator(kept, *read_frames(args.data), device, SHARES[args.stage], seed=seed)
        held = Generator(held, [], [], device, {"synthetic": 1}, seed=1)
    side, stride = args.patch + 2 * args.context, model.kernel_estimator.stride
    held = [to(held.batch(16, side, k)) for _ in range(6)]
    make = lambda: pool.batch(args.batch, side, k, with_kernels=args.stage != "foundation" and not args.freeze_kernels)
    next_batch = prefetch(make) if args.pool else make
    control, clock = args.stage == "control", time.time()
    before = resumed["seconds"] if resumed else 0.0
    log = open(os.path.join(args.out, "log.jsonl") if leads else os.devnull, "a", buffering=1)
    terms = {}

    def save():
        state = {"model": model.state_dict(), "average": average.state_dict(), "optimiser": optimiser.state_dict(), "step": step,
                 "seconds": before + time.time() - clock, "stage": args.stage, "steps": args.steps, "seed": args.seed}
        if discriminator:
            state |= {"discriminator": discriminator.state_dict(), "judge": judge.state_dict()}
        torch.save(state, state_path + ".new")
        os.replace(state_path + ".new", state_path)

    def ended():
        finished = step >= args.steps or args.seconds is not None and time.time() - clock >= args.seconds
        if processes == 1:
            return finished
        return step % SHARE_EVERY == 0 and shared(trained + (list(discriminator.parameters()) if discriminator else []), finished)

    while not ended():
        sharp, seen, frames, true, known = to(next_batch())
        losses = {}
        maps = None
        if control and args.freeze_kernels:
            with torch.no_grad(), half(args):
                maps = [m.float() for m in model.kernel_maps(seen)]
        elif args.stage != "foundation":
            with half(args):
                logits = model.kernel_estimator.logits(seen).float()
            kernels = logits.softmax(1)
            with torch.no_grad(), half(args):
                maps = [kernels, *(m.float() for m in model.kernel_maps(seen, kernels)[1:])]
            losses["kernel"] = LAMBDA_KERNEL * kernel_loss(logits, true, known)
            losses["reblur"] = LAMBDA_REBLUR * reblur_loss(kernels, sharp, seen, config)
            # T learns from M but does not bend it, unlike the paper's Eq. 13: one picture tells n only roughly, and M has better supervision.
            losses["time"] = LAMBDA_TIME * time_loss(model.timestep_predictor([m.detach() for m in maps]), frames)
        if args.stage != "kernel":
            t = uncertain(torch.where(frames > 0, timestep_of_frames(frames), UNKNOWN_T))
            whole, whole_sharp = seen, sharp
            sharp, seen = middle(sharp, args.context), middle(seen, args.context)
            kernels = None
            if maps is not None:
                with torch.no_grad():
                    predicted = rounded_timestep(model.timestep_predictor(maps))
                # Where n is not known, and of a sharp picture, which is restored only if T is mistaken.
                use_predicted = (frames <= 1) | (torch.rand(len(frames), device=device) < args.predicted_t)
                t = torch.where(use_predicted, predicted, t)
                kernels = middle(maps[0], args.context, stride)
            record, coarse = {}, None
            if config["scales"] > 1:
                with half(args):
                    coarse = model(F.avg_pool2d(whole, 2), t=t, kernels=maps and maps[1], control=control).float()
                losses["coarse"] = LOSSES[args.loss](coarse, F.avg_pool2d(whole_sharp, 2))
                coarse = middle(coarse.detach(), args.context // 2)
            with half(args):
                out = model(seen, t=t, kernels=kernels, control=control, coarse=coarse, record=record).float()
            losses[args.loss] = LOSSES[args.loss](out, sharp)
            if perceptual is not None and step >= args.lpips_from:
                losses["lpips"] = args.lpips_weight * perceptual(out[::2].clamp(0, 1), sharp[::2]).mean()   # of all patches it takes a quarter of a step's time
            if discriminator is not None and step >= args.gan_from:
                losses["gan"] = LAMBDA_GAN * generator_loss(discriminator, record["latent_clean"])
        optimiser.zero_grad()
        sum(losses.values()).backward()
        losses["norm"] = torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimiser.step(learning_rate(step, time.time() - clock, args))
        if discriminator is not None and step >= args.gan_from:
            with torch.no_grad():
                real = model.encode(sharp)
            losses["judge"] = discriminator_loss(discriminator, real, record["latent_clean"].detach())
            judge.zero_grad(set_to_none=True)
            losses["judge"].backward()
            judge.step()
        with torch.no_grad():
            decay = min(args.average, (step + 1) / (step + 10))
            for a, p in zip(average.parameters(), model.parameters()):
                a.lerp_(p, 1 - decay)
        step += 1
        if leads:
            for name, value in losses.items():
                terms.setdefault(name, []).append(value.detach())
        if leads and (step % 100 == 0 or step == args.steps):
            line = {"step": step, "stage": args.stage, "seconds": round(before + time.time() - clock, 1)}
            line |= {n: round(torch.stack(v).mean().item(), 6) for n, v in terms.items()}
            terms = {}
            if step % args.validate_every == 0 or step == args.steps:
                line |= {n: round(v, 4) for n, v in validate(average, held, control, config, args.context).items()}
            print(json.dumps(line), file=log)
            print("  ".join(f"{n} {v}" for n, v in line.items()), flush=True)
        if leads and step % args.save_every == 0:
            save()
    if leads:
        save()


if __name__ == "__main__":
    main()
