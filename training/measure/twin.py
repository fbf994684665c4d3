"""Deblurs files with the PyTorch twin, whole pictures without tiles: what evaluate.py runs while there is no engine."""
import math
import os
import time

import numpy as np
import torch
from PIL import Image

from training.network.displacement import greatest_displacement
from training.network.model import FideDiff, load_config
from training.network.reblur import certificate
from training.network.views import restored


def alignment(config):
    """Sides must be a multiple of this, so that every level of U, of the autoencoder and of M divides evenly, at every scale."""
    vae, levels = config["vae"], len(config["unet"]["block_out_channels"])
    factor = vae["factor"] if vae["kind"] == "unshuffle" else 2 ** (len(vae["block_out_channels"]) - 1)
    return math.lcm(factor * 2 ** (levels - 1) // config["enlarge"], 4 * config["kernel_estimator"]["unshuffle"]) << config["scales"] - 1


def judged(config, timestep, image, output):
    """(T's timestep once U has said whether the picture is sharp, whether it is), as `Restoration.judged`. image and output [1, 3, H, W]"""
    sharp, unchanged = config["sharp_below"], False
    if timestep < config["doubtful_below"]:
        least = config["sharp_displacement" if timestep < sharp else "still_displacement"]
        unchanged = bool(greatest_displacement(image, output) < least)
        timestep = min(timestep, max(sharp - 1, 0)) if unchanged else max(timestep, sharp)
    return timestep, unchanged


class Twin:
    def __init__(self, folder):
        self.config = load_config(folder)
        self.model = FideDiff(self.config).eval().requires_grad_(False).load(folder)

    @classmethod
    def of(cls, model):
        """The twin of a network that is there already."""
        twin = cls.__new__(cls)
        twin.config, twin.model = model.config, model
        return twin

    @torch.no_grad()
    def deblur(self, samples):
        """[H, W, 3] uint8 -> the same of the restored picture, and what the engine says of it. Mirrored at right and bottom up to the alignment."""
        height, width = samples.shape[:2]
        step = alignment(self.config)
        padded = np.pad(samples, ((0, -height % step), (0, -width % step), (0, 0)), "symmetric")
        image, record = torch.from_numpy(padded).permute(2, 0, 1)[None].float() / 255, {}
        output = restored(self.model, image, record).clamp(0, 1)
        timestep, unchanged = judged(self.config, int(record["predicted_timestep"]), image, output)
        cut = lambda x: x[..., :height, :width]
        result = (cut(image) if unchanged else cut(output)).mul(255).round()
        psnr = certificate(record["kernels"], result / 255, cut(image), self.config)
        return result[0].byte().permute(1, 2, 0).numpy(), {"predicted_timestep": timestep, "unchanged": unchanged, "reblur_psnr": float(psnr)}

    def deblur_files(self, inputs, folder):
        """The objects that `fidediff deblur --json` would print, one a picture."""
        for path in inputs:
            begun = time.time()
            samples, said = self.deblur(np.asarray(Image.open(path).convert("RGB")))
            output = os.path.join(folder, os.path.splitext(os.path.basename(path))[0] + ".png")
            Image.fromarray(samples).save(output, compress_level=1)
            yield {"input": path, "output": output, "seconds": time.time() - begun} | said
