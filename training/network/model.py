"""The FideDiff graph in PyTorch: the twin that the Swift engine is checked against, and what train.py trains.

U, C and the KL autoencoder are diffusers' own classes. M, T, F, the embedding c, the pixel-unshuffle autoencoder and
the one-step solution are the paper's (section 4, supplement C) and are written here. MODEL.md lists the choices made
where the paper is silent. Images are [B, 3, H, W] in 0..1.
"""
import json
import os

import torch
import torch.nn as nn
import torch.nn.functional as F
from diffusers import ControlNetModel, UNet2DConditionModel
from safetensors.torch import load_file, save_file

from training.network.autoencoders import build_vae

PARTS = ("unet", "controlnet", "vae", "fidediff")


def load_config(path):
    """config.json of a model folder, or a file of training/config."""
    if os.path.isdir(path):
        path = os.path.join(path, "config.json")
    with open(path) as f:
        return json.load(f)


def kernel_stride(kernel_estimator):
    """Pixels along one side of a position of the kernel map, from that part of a configuration."""
    return kernel_estimator["unshuffle"] * (1 if "pixels" in kernel_estimator["inputs"] else 4)


def alphas_cumprod(steps=1000, start=0.00085, end=0.012):
    """abar_t of Stable Diffusion: scaled-linear betas. [1000]"""
    betas = torch.linspace(start ** 0.5, end ** 0.5, steps, dtype=torch.float64) ** 2
    return torch.cumprod(1 - betas, 0).float()


class PixelNorm(nn.Module):
    """Normalises each position over its channels, so that a tile and the whole picture agree. Stands where diffusers has a GroupNorm."""

    def __init__(self, channels, eps):
        super().__init__()
        self.weight, self.bias, self.eps = nn.Parameter(torch.ones(channels)), nn.Parameter(torch.zeros(channels)), eps

    def forward(self, x):
        return F.layer_norm(x.permute(0, 2, 3, 1), self.weight.shape, self.weight, self.bias, self.eps).permute(0, 3, 1, 2)


def replace_group_norms(module):
    for name, child in module.named_children():
        if isinstance(child, nn.GroupNorm):
            setattr(module, name, PixelNorm(child.num_channels, child.eps))
        else:
            replace_group_norms(child)


def half_plane(dense, reach):
    """Lags (u, v), row by row: v = 0 with u >= 0, then the rows below, (0, 0) first."""
    return [(u, v) for v in range(reach + 1) for u in range(-reach, reach + 1)
            if (v > 0 or u >= 0) and (max(abs(u), v) <= dense or (u % 2 == 0 and v % 2 == 0))]


class GradientAutocorrelation(nn.Module):
    """How far local gradients repeat themselves: a blur copies every edge along its path. [B, 205 or 410, H/c, W/c], c = `cell` pixels.

    Of the grey picture at the taps' scale, over windows of 5 x 5 cells, for lags (u, v) of a half plane: all up to DENSE, even ones up to REACH.
    Each lag is a mean over the pairs that lie inside the picture, over the gradient's energy; lag 0 becomes the logarithm of that energy.
    `compressed`: then the same of the gradients compressed to g / (abs(g) + KNEE), as a few strong edges make up the sums of the gradients themselves.
    """
    DENSE, REACH, WINDOW, KNEE = 6, 16, 5, 0.02
    LAGS = half_plane(DENSE, REACH)

    def __init__(self, cell, spacing, compressed):
        super().__init__()
        self.cell, self.spacing, self.compressed = cell, spacing, compressed

    def __len__(self):
        return (1 + self.compressed) * len(self.LAGS)

    def cell_products(self, x):
        """Sums over each cell of x * (x moved by each lag), zero outside. [B, C, H, W] -> [B, lags, H/n, W/n], summed over C"""
        b, c, h, w = x.shape
        n, r = self.cell // self.spacing, self.REACH
        rows, columns, groups = h // n, w // n, b * c * (h // n) * (w // n)
        cells = x.view(b, c, rows, n, columns, n).permute(0, 1, 2, 4, 3, 5).reshape(groups, 1, n, n)
        around = F.pad(x, (r, r, 0, r)).unfold(2, n + r, n).unfold(3, n + 2 * r, n).reshape(1, groups, n + r, n + 2 * r)
        sums = F.conv2d(around, cells, groups=groups).view(b, c, rows, columns, r + 1, 2 * r + 1).sum(1)
        u, v = zip(*self.LAGS)
        return sums[..., v, [r + i for i in u]].permute(0, 3, 1, 2)

    def window_sums(self, x):
        return F.avg_pool2d(x, self.WINDOW, 1, self.WINDOW // 2) * self.WINDOW ** 2

    @torch.no_grad()
    def forward(self, image):
        """Of the windows, and of the whole picture [B, 205 or 410]."""
        grey = F.avg_pool2d(image.mean(1, keepdim=True), self.spacing)
        gradient = torch.cat([F.pad(grey[..., 1:] - grey[..., :-1], (0, 1)), F.pad(grey[..., 1:, :] - grey[..., :-1, :], (0, 0, 0, 1))], 1)
        pairs = self.cell_products(torch.ones_like(grey[:1]))
        here, everywhere = [], []
        # A tenth, so that weak gradients come out about as large as they went in.
        for x in [gradient] + [gradient / (gradient.abs() + self.KNEE) / 10] * self.compressed:
            products = self.cell_products(x)
            here.append(self.normalised(self.window_sums(products), self.window_sums(pairs)))
            everywhere.append(self.normalised(*(y.sum((2, 3), keepdim=True) for y in (products, pairs)))[..., 0, 0])
        return torch.cat(here, 1), torch.cat(everywhere, 1)

    @staticmethod
    def normalised(products, pairs):
        means = products / pairs.clamp(min=1)
        energy = means[:, :1]
        return torch.cat([torch.log(energy + 1e-6) / 4, means[:, 1:] / (energy + 1e-5)], 1)


class KernelEstimator(nn.Module):
    """M: picture -> a kernel for every position, [B, m*m, H/s, W/s], softmax over the taps (supplement C); a position is s = `stride` pixels wide.

    Of `inputs`, pixels go through the paper's U-Net; the gradients' autocorrelation joins them in its centre, or is all that M sees: then the centre's
    cells are the positions. "compressed" adds the lags of compressed gradients.
    """

    def __init__(self, m, channels, unshuffle, tap_spacing, inputs):
        super().__init__()
        c1, c2, c3 = channels
        self.m, self.unshuffle, self.tap_spacing = m, unshuffle, tap_spacing
        self.pixels = "pixels" in inputs
        self.stride = kernel_stride({"unshuffle": unshuffle, "inputs": inputs})
        if self.pixels:
            self.conv_in = nn.Conv2d(3 * unshuffle ** 2, c1, 3, padding=1)
            self.encode1 = nn.Conv2d(c1, c2, 3, stride=2, padding=1)
            self.encode2 = nn.Conv2d(c2, c3, 3, stride=2, padding=1)
        self.center = nn.ModuleList(nn.Conv2d(c3, c3, 3, padding=1) for _ in range(5))
        if self.pixels:
            self.decode1 = nn.ConvTranspose2d(c3, c2, 2, stride=2)
            self.decode2 = nn.ConvTranspose2d(2 * c2, c1, 2, stride=2)
        else:
            self.decode1, self.decode2 = nn.Conv2d(c3, c2, 1), nn.Conv2d(c2, c1, 1)
        self.conv_out = nn.Conv2d(2 * c1 if self.pixels else c1, m * m, 1)
        if "autocorrelation" in inputs:
            self.lags = GradientAutocorrelation(4 * unshuffle, tap_spacing, "compressed" in inputs)
            self.autocorrelation = nn.Conv2d(len(self.lags), c3, 1)
            # A camera shakes everywhere at once: what the whole picture shows helps where there is little to see.
            self.context = nn.Linear(len(self.lags), 2 * c3)
            self.whole = nn.ModuleList(nn.Linear(2 * c3, c3) for _ in range(5))
        for layer in self.modules():  # ReLU all the way: PyTorch's default would lose a factor of 2.4 a layer
            if isinstance(layer, (nn.Conv2d, nn.ConvTranspose2d)) and layer is not self.conv_out:
                # Each output of a transposed convolution hears one position.
                fan_in = layer.weight[:, 0, 0, 0].numel() if isinstance(layer, nn.ConvTranspose2d) else layer.weight[0].numel()
                nn.init.normal_(layer.weight, std=(2 / fan_in) ** 0.5)
        for layer in self.center:     # born as the identity, as good as a residual block where nothing is negative
            nn.init.dirac_(layer.weight)
            layer.weight.data += 0.3 * torch.randn_like(layer.weight) * (2 / layer.weight[0].numel()) ** 0.5

    def logits(self, image):
        h, offsets = 0, [0] * 5
        if self.pixels:
            h0 = F.relu(self.conv_in(F.pixel_unshuffle(image * 2 - 1, self.unshuffle)))
            h1 = F.relu(self.encode1(h0))
            h = self.encode2(h1)
        if hasattr(self, "lags"):
            here, everywhere = self.lags(image)
            h, offsets = h + self.autocorrelation(here), self.offsets(everywhere)
        h = self.centre(h, offsets)
        if not self.pixels:
            return self.head(h)
        h = torch.cat([F.relu(self.decode1(h)), h1], 1)
        h = torch.cat([F.relu(self.decode2(h)), h0], 1)
        return self.conv_out(h)

    def offsets(self, everywhere):
        """What the whole picture's lags add to each convolution of the centre."""
        context = F.relu(self.context(everywhere))
        return [linear(context)[..., None, None] for linear in self.whole]

    def centre(self, h, offsets):
        h = F.relu(h)
        for conv, offset in zip(self.center, offsets):
            h = F.relu(conv(h) + offset)
        return h

    def head(self, h):
        return self.conv_out(F.relu(self.decode2(F.relu(self.decode1(h)))))

    def logits_of_lags(self, here, everywhere):
        """`logits` of a picture with these lags, where they are all that M sees. [B, m*m, H/s, W/s]"""
        return self.head(self.centre(self.autocorrelation(here), self.offsets(everywhere)))

    def forward(self, image):
        return self.logits(image).softmax(1)


class TimestepPredictor(nn.Module):
    """T: kernel map -> v in 0..1 (supplement A and C); with several `scales`, the map that M finds at each, side by side."""

    def __init__(self, m, width, hidden, scales):
        super().__init__()
        self.linear = nn.Linear(scales * m * m, width)
        # Taps sum to 1, so weights of the usual size would see next to nothing: begin with random mixes of the kernel's extents.
        y, x = torch.meshgrid(*[torch.linspace(-1, 1, m)] * 2, indexing="ij")
        extents = torch.stack([x.abs(), y.abs(), x ** 2, y ** 2, (x ** 2 + y ** 2).sqrt(), x * y]).flatten(1)
        self.linear.weight.data = (2 * torch.randn(width, len(extents)) @ (extents - extents.mean(1, keepdim=True))).repeat(1, scales)
        self.fc1 = nn.Linear(width * 64, hidden)
        self.fc2 = nn.Linear(hidden, 1)

    def forward(self, maps):
        # The linear layer and the average pool commute; pooling first is m*m/width times cheaper.
        h = torch.cat([F.adaptive_avg_pool2d(kernels, 8) for kernels in maps], 1).permute(0, 2, 3, 1)  # [B, 8, 8, scales*m*m]
        h = self.linear(h).permute(0, 3, 1, 2).flatten(1)          # [B, width*64]
        return torch.sigmoid(self.fc2(F.relu(self.fc1(h))))[:, 0]


def timestep_of(v):
    """The sigmoid's value -> t, not rounded: 0.15 is 80, 0.85 is 280."""
    return 80 + (v - 0.15) * 40 / 0.14


def rounded_timestep(v):
    return timestep_of(v).round().clamp(0, 999).long()


def told(t, config):
    """What U is told of pictures that T puts at t [B]: of those that T finds blurred no less than `least_timestep`, as T judges the mean over a picture."""
    return torch.where(t < config["sharp_below"], t, t.clamp(min=config["least_timestep"]))


def value_of(t):
    return 0.15 + (t - 80) * 0.14 / 40


class KernelFilter(nn.Module):
    """F: what ControlNet adds to z_in1, from z_in1 and the kernel map on the latent grid (section 4.2)."""

    def __init__(self, m, channels):
        super().__init__()
        self.z_in = nn.Conv2d(channels, channels, 3, padding=1)
        self.kernel_in = nn.Conv2d(m * m, channels, 1)
        self.weight = nn.Conv2d(2 * channels, channels, 3, padding=1)
        self.zero = nn.Conv2d(channels, channels, 1)
        nn.init.zeros_(self.zero.weight)
        nn.init.zeros_(self.zero.bias)

    def forward(self, z1, kernels):
        ratio = kernels.shape[-1] // z1.shape[-1]
        k = F.silu(self.kernel_in(F.avg_pool2d(kernels, ratio) if ratio > 1 else kernels))
        k = F.interpolate(k, size=z1.shape[-2:], mode="nearest")      # where a kernel spans several latent positions
        z2 = self.z_in(z1)
        return self.zero(self.weight(torch.cat([k, z2], 1)) * z2)


def build_unet(c):
    return UNet2DConditionModel(
        in_channels=c["in_channels"], out_channels=c["out_channels"], block_out_channels=c["block_out_channels"],
        layers_per_block=c["layers_per_block"], down_block_types=c["down_block_types"], mid_block_type=c["mid_block_type"],
        up_block_types=c["up_block_types"], only_cross_attention=c["only_cross_attention"], mid_block_only_cross_attention=False,
        attention_head_dim=c["attention_head_dim"], cross_attention_dim=c["cross_attention_dim"],
        norm_num_groups=c["norm_num_groups"], use_linear_projection=c["use_linear_projection"])


def build_controlnet(unet):
    # conditioning channels are irrelevant: F takes the place of the embedding.
    net = ControlNetModel.from_unet(unet, conditioning_embedding_out_channels=(4, 4), load_weights_from_unet=True)
    net.controlnet_cond_embedding = nn.Identity()
    return net


def guess(image, coarse):
    """A picture with what is coarse in it from its restored half-size picture. [B, 3, H, W], [B, 3, H/2, W/2]"""
    return image + F.interpolate(coarse - F.avg_pool2d(image, 2), scale_factor=2, mode="bicubic", align_corners=False)


class FideDiff(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        k, t, u = config["kernel_estimator"], config["timestep_predictor"], config["unet"]
        self.kernel_estimator = KernelEstimator(**k)
        self.timestep_predictor = TimestepPredictor(k["m"], t["width"], t["hidden"], config["scales"])
        self.filter = KernelFilter(k["m"], u["block_out_channels"][0])
        self.prompt_embedding = nn.Parameter(torch.randn(config["prompt_tokens"], u["cross_attention_dim"]))
        self.unet = build_unet(u)
        self.controlnet = build_controlnet(self.unet)
        self.vae = build_vae(config["vae"])
        if config["norm"] == "pixel":
            replace_group_norms(self.unet)
            replace_group_norms(self.controlnet)
        if config["prediction"] == "residual":  # an untrained network returns its input
            nn.init.zeros_(self.unet.conv_out.weight)
            nn.init.zeros_(self.unet.conv_out.bias)
        self.register_buffer("abar", alphas_cumprod(), persistent=False)

    def encode(self, image):
        x = image * 2 - 1
        return self.vae.encode(x) if self.config["vae"]["kind"] == "unshuffle" else self.vae.encode_mean(x)

    def decode(self, z):
        y = self.vae.decode(z) if self.config["vae"]["kind"] == "unshuffle" else self.vae.decode_mean(z)
        return (y + 1) / 2

    def kernel_maps(self, image, kernels=None):
        """M's map at each scale, the picture's own first (`kernels`, where it is known)."""
        maps = [self.kernel_estimator(image) if kernels is None else kernels]
        for _ in range(1, self.config["scales"]):
            image = F.avg_pool2d(image, 2)
            maps.append(self.kernel_estimator(image))
        return maps

    def solve(self, z_t, noise, t):
        """Eq. 3 for z_0; t [B] integer. With `residual`, U predicts what differs from the noise that would return z_t."""
        abar = self.abar[t].view(-1, 1, 1, 1)
        if self.config["prediction"] == "residual":
            return z_t - torch.sqrt((1 - abar) / abar) * noise
        return (z_t - torch.sqrt(1 - abar) * noise) / torch.sqrt(abar)

    def forward(self, image, t=None, kernels=None, control=True, coarse=None, record=None):
        """image [B, 3, H, W] -> restored, not clamped. t [B] or None for T's own; kernels to reuse M's map; coarse is what the picture at half its size
        was restored to, where there are several scales; record takes every stage."""
        record = {} if record is None else record
        if t is None:
            maps = self.kernel_maps(image, kernels)
            kernels, v = maps[0], self.timestep_predictor(maps)
            t = told(rounded_timestep(v), self.config)
            record["timestep_value"] = v
        elif kernels is None and control:
            kernels = self.kernel_estimator(image)
        enlarged = image
        if self.config["enlarge"] == 2:
            enlarged = F.interpolate(image, scale_factor=2, mode="bicubic", align_corners=False)
        z_t = z_in = self.encode(enlarged)
        if self.config["scales"] > 1:
            z_in = torch.cat([z_t, torch.zeros_like(z_t) if coarse is None else self.encode(guess(image, coarse)) - z_t], 1)
        c = self.prompt_embedding[None].expand(len(image), -1, -1)
        down = mid = None
        if control:
            z1 = self.controlnet.conv_in(z_in)
            added = self.filter(z1, kernels)
            down, mid = self.controlnet(z_in, t, encoder_hidden_states=c, controlnet_cond=added, return_dict=False)
            record.update(filter_in=z1, filter_out=added, control_mid=mid, **{f"control_{i}": d for i, d in enumerate(down)})
        noise = self.unet(z_in, t, encoder_hidden_states=c, down_block_additional_residuals=down,
                          mid_block_additional_residual=mid, return_dict=False)[0]
        z_0 = self.solve(z_t, noise, t)
        out = self.decode(z_0)
        if self.config["enlarge"] == 2:
            out = F.avg_pool2d(out, 2)
        record.update(image=image, kernels=kernels, timestep=t.float(), latent=z_t, noise=noise, latent_clean=z_0, output=out.clamp(0, 1))
        return out

    def part_tensors(self, part):
        """The tensors of one file of the model folder, by the names the engine asks for."""
        if part == "fidediff":
            own = {f"{p}.{n}": v for p in ("kernel_estimator", "timestep_predictor", "filter")
                   for n, v in getattr(self, p).state_dict().items()}
            return own | {"prompt_embedding": self.prompt_embedding}
        return getattr(self, part).state_dict()

    def save(self, folder, dtype=torch.float32):
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, "config.json"), "w") as f:
            json.dump(self.config, f, indent=2)
            f.write("\n")
        for part in PARTS:
            path = os.path.join(folder, self.config["files"][part])
            os.makedirs(os.path.dirname(path), exist_ok=True)
            save_file({n: v.detach().to(dtype).contiguous().cpu() for n, v in self.part_tensors(part).items()}, path)

    def load(self, folder):
        for part in PARTS:
            tensors = load_file(os.path.join(folder, self.config["files"][part]))
            if part == "fidediff":
                self.prompt_embedding.data.copy_(tensors.pop("prompt_embedding"))
                for p in ("kernel_estimator", "timestep_predictor", "filter"):
                    getattr(self, p).load_state_dict({n[len(p) + 1:]: v.float() for n, v in tensors.items() if n.startswith(p + ".")})
            else:
                getattr(self, part).load_state_dict({n: v.float() for n, v in tensors.items()})
        return self
