"""Muon for the matrices of a network, AdamW for the rest."""
import torch
import torch.nn as nn


def rows(x, weight):
    """A layer's weight or its gradient as [out, in * taps], in the order that the weight's memory has: of the weight itself that is a view."""
    return x.flatten(1) if weight.is_contiguous() else x.permute(0, 2, 3, 1).flatten(1)


class Optimiser:
    """Muon (Jordan et al. 2024) moves all directions of a matrix by the same amount, where AdamW follows the few that its gradients share.

    Its steps are scaled to the size of AdamW's (Liu et al. 2025), so that one learning rate serves both. AdamW keeps what is no matrix of features:
    biases, norms, embeddings, transposed convolutions, and layers that end in pixels or taps.
    """

    def __init__(self, model, lr, betas=(0.9, 0.99), weight_decay=1e-4):
        self.model = model
        self.matrices = [m.weight for n, m in model.named_modules() if isinstance(m, (nn.Conv2d, nn.Linear)) and m.weight.requires_grad
                         and not n.endswith("conv_out") and not n.startswith("timestep_predictor")]
        known = {id(p) for p in self.matrices}
        others = [p for p in model.parameters() if p.requires_grad and id(p) not in known]
        self.views = [nn.Parameter(rows(p.data, p)) for p in self.matrices]
        assert all(p.data_ptr() == v.data_ptr() for p, v in zip(self.matrices, self.views)), "a matrix is no view of its weight"
        self.parts = [torch.optim.Muon(self.views, lr=lr, weight_decay=weight_decay, adjust_lr_fn="match_rms_adamw"),
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
