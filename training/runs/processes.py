"""Several processes that learn from their own pictures and go on from the mean of their weights (torch.distributed with gloo)."""
import os

import torch
import torch.distributed as dist


class Processes:
    """count and rank, from the environment that torchrun or the campaign sets; alone without it."""

    def __init__(self):
        self.count, self.rank = int(os.environ.get("WORLD_SIZE", 1)), int(os.environ.get("RANK", 0))
        if self.count > 1:
            dist.init_process_group("gloo")

    @property
    def leads(self):
        return self.rank == 0

    def mean(self, values):
        """The mean of numbers over the processes."""
        if self.count == 1:
            return values
        together = torch.tensor(values, dtype=torch.float64)
        dist.all_reduce(together)
        return (together / self.count).tolist()

    def share(self, parameters):
        """All take the mean of their weights."""
        if self.count == 1:
            return
        flat = torch.cat([p.detach().flatten() for p in parameters])
        dist.all_reduce(flat)
        flat /= self.count
        for p, mean in zip(parameters, flat.split([p.numel() for p in parameters])):
            p.data.copy_(mean.view_as(p))
