"""What a training step is given."""
import queue
import threading
from dataclasses import dataclass, fields

import torch


@dataclass
class Batch:
    """B pictures of side x side pixels in 0..1, and what is known of them.

    sharp and seen [B, 3, side, side]; frames [B]: the n that were averaged, 1 where nothing moves, 0 where it is not known; true [B, m*m, side/s, side/s]: the
    kernels, where known [B] says that they are. maps: what M finds at each scale in the whole picture that the batch was cut from, timesteps [B]: what T makes of them; None where they are still to be found.
    """
    sharp: torch.Tensor
    seen: torch.Tensor
    frames: torch.Tensor
    true: torch.Tensor | None = None
    known: torch.Tensor | None = None
    maps: list | None = None
    timesteps: torch.Tensor | None = None

    def to(self, device):
        moved = lambda x: [moved(y) for y in x] if isinstance(x, list) else x if x is None else x.to(device)
        return Batch(*(moved(getattr(self, field.name)) for field in fields(self)))


def middle(x, pixels, stride=1):
    """Without `pixels` on each side, of something with a value every `stride` pixels."""
    n = pixels // stride
    return x[..., n:x.shape[-2] - n, n:x.shape[-1] - n]


def prefetch(make, depth=4):
    """Batches made one thread ahead of the network. A failure there is raised here."""
    ready = queue.Queue(depth)

    def work():
        while True:
            try:
                ready.put(make())
            except Exception as error:
                ready.put(error)
                return

    def take():
        batch = ready.get()
        if isinstance(batch, Exception):
            raise batch
        return batch

    threading.Thread(target=work, daemon=True).start()
    return take
