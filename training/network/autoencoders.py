"""E and D: pictures [B, 3, H, W] in -1..1 to latents and back. Twins of Sources/Engine/Model/{UnshuffleAutoencoder, KLAutoencoder}.swift."""
import torch.nn as nn
import torch.nn.functional as F
from diffusers import AutoencoderKL


class UnshuffleAutoencoder(nn.Module):
    """E and D that lose nothing: pixel-unshuffle and one convolution each, born as the identity."""

    def __init__(self, factor, latent_channels):
        super().__init__()
        self.factor = factor
        self.encoder, self.decoder = nn.Module(), nn.Module()
        self.encoder.conv = nn.Conv2d(3 * factor ** 2, latent_channels, 3, padding=1)
        self.decoder.conv = nn.Conv2d(latent_channels, 3 * factor ** 2, 3, padding=1)
        for conv in (self.encoder.conv, self.decoder.conv):
            nn.init.dirac_(conv.weight)
            nn.init.zeros_(conv.bias)

    def encode(self, x):
        return self.encoder.conv(F.pixel_unshuffle(x, self.factor))

    def decode(self, z):
        return F.pixel_shuffle(self.decoder.conv(z), self.factor)


class KLAutoencoder(AutoencoderKL):
    """diffusers' autoencoder with the mean of its posterior as the latent, scaled."""

    def encode_mean(self, x):
        return self.encode(x).latent_dist.mean * self.config.scaling_factor

    def decode_mean(self, z):
        return self.decode(z / self.config.scaling_factor).sample


def build_vae(c):
    if c["kind"] == "unshuffle":
        return UnshuffleAutoencoder(c["factor"], c["latent_channels"])
    n = len(c["block_out_channels"])
    return KLAutoencoder(
        in_channels=3, out_channels=3, down_block_types=["DownEncoderBlock2D"] * n, up_block_types=["UpDecoderBlock2D"] * n,
        block_out_channels=c["block_out_channels"], layers_per_block=c["layers_per_block"], latent_channels=c["latent_channels"],
        norm_num_groups=c["norm_num_groups"], scaling_factor=c["scaling_factor"])
