"""Muon for the matrices of a network, AdamW for the rest."""
import torch
import torch.nn as nn


def rows(x, weight):
    """A layer's weight or its gradient as [out, in * taps], in the order that the weight's memory has: of the weight itself that is a view."""
    return x.flatten(1) if weight.is_contiguous() else x.permute(0, 2, 3, 1).flatten(1)


def orthogonal(g, steps=5):
    """Five Newton-Schulz steps of Jordan et al. 2024 for g [rows, columns], whose singular values all come near 1.

    Each step multiplies X by a polynomial of X X^T from the left, so the steps are taken on that square matrix and meet the long one twice only.
    """
    a, b, c = 3.4445, -4.7750, 2.0315
    x = g if len(g) <= g.shape[1] else g.T
    x = x / x.norm().clamp(min=1e-7)
    square = x @ x.T
    polynomial = None
    for left in reversed(range(steps)):
        factor = c * square @ square + b * square
        factor.diagonal().add_(a)
        polynomial = factor if polynomial is None else factor @ polynomial
        if left:
            square = factor @ square @ factor
    x = polynomial @ x
    return x if len(g) <= g.shape[1] else x.T


class Muon(torch.optim.Optimizer):
    """Jordan et al. 2024, with steps scaled to the size of AdamW's (Liu et al. 2025). torch.optim.Muon takes its steps in bfloat16 and on the long matrices: on
    a core of a CPU that is 3.6 times as slow, two fifths of a training step."""

    def __init__(self, params, lr, weight_decay, momentum=0.95):
        super().__init__(params, {"lr": lr, "weight_decay": weight_decay, "momentum": momentum})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            lr, momentum = group["lr"], group["momentum"]
            for p in group["params"]:
                if p.grad is None:
                    continue
                buffer = self.state[p].setdefault("momentum_buffer", torch.zeros_like(p))
                buffer.lerp_(p.grad, 1 - momentum)
                update = orthogonal(p.grad.lerp(buffer, momentum))
                p.mul_(1 - lr * group["weight_decay"]).add_(update, alpha=-0.2 * lr * max(p.shape) ** 0.5)


class Optimiser:
    """Muon moves all directions of a matrix by the same amount, where AdamW follows the few that its gradients share; one learning rate serves both. AdamW
    keeps what is no matrix of features: biases, norms, embeddings, transposed convolutions, and layers that end in pixels or taps.
    """

    def __init__(self, model, lr, betas=(0.9, 0.99), weight_decay=1e-4):
        self.model = model
        self.matrices = [m.weight for n, m in model.named_modules() if isinstance(m, (nn.Conv2d, nn.Linear)) and m.weight.requires_grad
                         and not n.endswith("conv_out") and not n.startswith("timestep_predictor")]
        known = {id(p) for p in self.matrices}
        others = [p for p in model.parameters() if p.requires_grad and id(p) not in known]
        self.views = [nn.Parameter(rows(p.data, p)) for p in self.matrices]
        assert all(p.data_ptr() == v.data_ptr() for p, v in zip(self.matrices, self.views)), "a matrix is no view of its weight"
        self.parts = [Muon(self.views, lr, weight_decay),
                      torch.optim.AdamW(others, lr=lr, betas=betas, weight_decay=weight_decay)]

    def zero_grad(self):
        self.model.zero_grad(set_to_none=True)

    def step(self, lr):
        for weight, view in zip(self.matrices, self.views):
            view.grad = None if weight.grad is None else rows(weight.grad, weight)
        for part in self.parts:
            for group in part.param_groups:
                group["lr"] = lr
            part.step()

    def state_dict(self):
        return [part.state_dict() for part in self.parts]

    def load_state_dict(self, states):
        for part, state in zip(self.parts, states):
            part.load_state_dict(state)
