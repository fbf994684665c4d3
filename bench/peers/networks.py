"""The parts of a network as PyTorch modules, their inputs, and where they lie on disk.

networks.py MODEL PART WxH WORK INPUTS    writes the model (unless shipped), the part's inputs and the part as ONNX beside them; prints the model's folder
"""
import os
import sys

import torch
import torch.nn as nn
from safetensors.torch import load_file, save_file

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", ".."))
from training.network.autoencoders import build_vae  # noqa: E402
from training.network.model import FideDiff, build_controlnet, build_unet, load_config, replace_group_norms  # noqa: E402
from training.network.views import restored  # noqa: E402
from training.parity.random_weights import build_random  # noqa: E402

from parts import INPUTS, onnx_path  # noqa: E402


class Encoder(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.vae, self.plain = build_vae(config["vae"]), config["vae"]["kind"] == "unshuffle"

    def forward(self, image):
        return self.vae.encode(image) if self.plain else self.vae.encode_mean(image)


class Decoder(Encoder):
    def forward(self, latent):
        return self.vae.decode(latent) if self.plain else self.vae.decode_mean(latent)


class UNet(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.unet = build_unet(config["unet"])
        self.prompt = nn.Parameter(torch.zeros(1, config["prompt_tokens"], config["unet"]["cross_attention_dim"]))

    def forward(self, latent, timestep):
        return self.unet(latent, timestep, encoder_hidden_states=self.prompt, return_dict=False)[0]


class ControlNet(nn.Module):
    def __init__(self, config):
        super().__init__()
        with torch.device("meta"):      # a UNet with values would count as a peer's memory
            net = build_controlnet(build_unet(config["unet"]))
        self.controlnet = net.to_empty(device="cpu")
        self.prompt = nn.Parameter(torch.zeros(1, config["prompt_tokens"], config["unet"]["cross_attention_dim"]))

    def forward(self, latent, timestep, filtered):
        down, middle = self.controlnet(latent, timestep, encoder_hidden_states=self.prompt, controlnet_cond=filtered, return_dict=False)
        return (*down, middle)


class Whole(nn.Module):
    """From picture to picture, M and T included."""

    def __init__(self, config):
        super().__init__()
        self.model = FideDiff(config)

    def forward(self, image):
        return restored(self.model, image).clamp(0, 1)


MODULES = {"encoder": (Encoder, "vae"), "decoder": (Decoder, "vae"), "unet": (UNet, "unet"), "controlnet": (ControlNet, "controlnet"), "whole": (Whole, None)}


def load_part(folder, part):
    """Only this part of a model folder, in float32."""
    config = load_config(folder)
    kind, file = MODULES[part]
    module = kind(config)
    if part == "whole":
        module.model.load(folder)
    else:
        if config["norm"] == "pixel":
            replace_group_norms(module)
        getattr(module, file).load_state_dict({n: v.float() for n, v in load_file(os.path.join(folder, config["files"][file])).items()})
        if hasattr(module, "prompt"):
            module.prompt.data = load_file(os.path.join(folder, config["files"]["fidediff"]))["prompt_embedding"].float()[None]
    return module.eval().requires_grad_(False)


def model_folder(name, work):
    """The shipped weights for `default`; else random ones of the configuration, written to `work` once. One view: more are the same again."""
    root = os.path.join(HERE, "..", "..")
    folder = os.path.join(work, name)
    if not os.path.exists(os.path.join(folder, "config.json")):
        with torch.no_grad():
            if name == "default":
                shipped = os.path.join(root, "weights", "default")
                FideDiff(load_config(shipped) | {"views": 1}).load(shipped).save(folder, torch.float16)
            else:
                build_random(load_config(os.path.join(root, "training", "config", name + ".json")), 20).save(folder, torch.float16)
    return folder


def write_inputs(folder, part, height, width, path):
    """Inputs of a part for a picture of this size inside the network (a latent's is 1/factor of it), by a fixed seed."""
    config, generator = load_config(folder), torch.Generator().manual_seed(5)
    vae, u = config["vae"], config["unet"]
    factor = vae["factor"] if vae["kind"] == "unshuffle" else 2 ** (len(vae["block_out_channels"]) - 1)
    latent = lambda channels: torch.randn(channels, height // factor, width // factor, generator=generator)
    image = torch.rand(3, height, width, generator=generator)
    tensors = {"image": image if part == "whole" else image * 2 - 1, "latent": latent(u["out_channels" if part == "decoder" else "in_channels"]), "timestep": torch.tensor([123.0]),
               "filtered": latent(u["block_out_channels"][0])}
    save_file({n: tensors[n] for n in INPUTS[part]}, path)


def read_inputs(part, path):
    """With a batch of one, as the modules take them."""
    tensors = load_file(path)
    return tuple(tensors[n].long() if n == "timestep" else tensors[n][None] for n in INPUTS[part])


if __name__ == "__main__":
    name, part, size, work, inputs = sys.argv[1:]
    width, height = map(int, size.split("x"))
    folder = model_folder(name, work)
    write_inputs(folder, part, height, width, inputs)
    with torch.no_grad():
        torch.onnx.export(load_part(folder, part), read_inputs(part, inputs), onnx_path(inputs), dynamo=True, external_data=True)
    print(folder)
