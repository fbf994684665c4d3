"""The judge of latents (paper section 4.1): the UNet's encoder, then a few convolutions, tells z of a sharp picture from a restored z_0.

Judging happens at t = 0, as if the latent carried no blur any more, and under an embedding c of the judge's own.
"""
import copy

import torch
import torch.nn as nn
import torch.nn.functional as F


class Discriminator(nn.Module):
    """latent [B, C, h, w] -> logits [B, 1, h', w'], one for each patch at the encoder's coarsest grid; positive means real."""

    def __init__(self, unet, width=64):
        super().__init__()
        for part in ("conv_in", "time_proj", "time_embedding", "down_blocks", "mid_block"):
            setattr(self, part, copy.deepcopy(getattr(unet, part)))
        self.requires_grad_(True)
        self.prompt = nn.Parameter(torch.zeros(1, 1, unet.config.cross_attention_dim))
        channels = unet.config.block_out_channels[-1]
        self.head = nn.Sequential(
            nn.Conv2d(channels, width, 3, padding=1), nn.LeakyReLU(0.2),
            nn.Conv2d(width, width, 3, padding=1), nn.LeakyReLU(0.2),
            nn.Conv2d(width, 1, 1))

    def forward(self, latent):
        t = torch.zeros(len(latent), dtype=torch.long, device=latent.device)
        time = self.time_embedding(self.time_proj(t).to(latent.dtype))
        prompt = self.prompt.expand(len(latent), -1, -1)
        # A U of several scales sees something beside z, and zeros there at the smallest one.
        h = self.conv_in(F.pad(latent, (0, 0, 0, 0, 0, self.conv_in.in_channels - latent.shape[1])))
        for block in self.down_blocks:
            h = call(block, h, time, prompt)[0]
        return self.head(call(self.mid_block, h, time, prompt))


def call(block, h, time, prompt):
    if getattr(block, "has_cross_attention", False):
        return block(h, time, encoder_hidden_states=prompt)
    return block(h, time)


def generator_loss(discriminator, fake):
    """Eq. 10, non-saturating: -log D(z_0). The judge's own weights get no gradient from it."""
    wanted = [p.requires_grad for p in discriminator.parameters()]
    discriminator.requires_grad_(False)
    logits = discriminator(fake)
    for p, w in zip(discriminator.parameters(), wanted):
        p.requires_grad_(w)
    return F.softplus(-logits).mean()


def discriminator_loss(discriminator, real, fake):
    """Eq. 11, its second term read as log(1 - D(z_0)): printed, both terms would judge the real latent."""
    return F.softplus(-discriminator(real)).mean() + F.softplus(discriminator(fake.detach())).mean()
