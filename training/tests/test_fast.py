"""The C loops of a training step against PyTorch's own layers."""
import copy
import unittest

import torch
import torch.nn as nn
import torch.nn.functional as F

from training.folders import configuration
from training.network import fast
from training.network.model import FideDiff, PixelNorm, load_config


def error(found, wanted):
    """The largest difference, in parts of the largest value."""
    return ((found - wanted).abs().max() / wanted.abs().max()).item()


class WinogradTests(unittest.TestCase):
    def test_convolution_and_its_gradients_on_awkward_shapes(self):
        torch.manual_seed(0)
        for batch, into, out, height, width in [(1, 16, 16, 1, 1), (2, 48, 96, 5, 7), (3, 160, 48, 12, 10), (1, 32, 64, 40, 3), (2, 256, 96, 9, 33)]:
            with self.subTest(batch=batch, into=into, out=out, height=height, width=width):
                x = torch.randn(batch, into, height, width, requires_grad=True)
                weight = (torch.randn(out, into, 3, 3) / into ** 0.5).requires_grad_()
                bias = torch.randn(batch, out, requires_grad=True)
                dy = torch.randn(batch, out, height, width)
                wanted = F.conv2d(x, weight, padding=1) + bias[..., None, None]
                expected = torch.autograd.grad(wanted, (x, weight, bias), dy)
                found = fast.Winograd.apply(x, weight, bias)
                self.assertLess(error(found, wanted), 5e-5)
                for gradient, right in zip(torch.autograd.grad(found, (x, weight, bias), dy), expected):
                    self.assertLess(error(gradient, right), 5e-5)

    def test_norm_with_silu_and_its_gradients(self):
        torch.manual_seed(1)
        norm = PixelNorm(48, 1e-5)
        norm.weight.data.normal_(), norm.bias.data.normal_()
        x, dy = torch.randn(2, 48, 5, 3, requires_grad=True), torch.randn(2, 48, 5, 3)
        wanted = F.silu(norm(x))
        expected = torch.autograd.grad(wanted, (x, norm.weight, norm.bias), dy)
        found = fast.norm_silu(norm, x)
        self.assertLess(error(found, wanted), 1e-5)
        for gradient, right in zip(torch.autograd.grad(found, (x, norm.weight, norm.bias), dy), expected):
            self.assertLess(error(gradient, right), 1e-5)


class NetworkTests(unittest.TestCase):
    def test_accelerated_network_computes_the_same_and_learns_the_same(self):
        torch.manual_seed(2)
        plain = FideDiff(load_config(configuration("default"))).to(memory_format=torch.channels_last)
        nn.init.normal_(plain.unet.conv_out.weight, std=0.01)
        nn.init.normal_(plain.filter.zero.weight, std=0.01)
        fast_one = fast.accelerate(copy.deepcopy(plain))
        image, kernels, coarse = torch.rand(1, 3, 64, 64), torch.rand(1, 361, 4, 4).softmax(1), torch.rand(1, 3, 32, 32)
        outputs = []
        for model in (plain, fast_one):
            out = model(image, t=torch.tensor([120]), kernels=kernels, coarse=coarse)
            (out - image).square().mean().backward()
            outputs.append(out)
        self.assertLess((outputs[0] - outputs[1]).abs().max().item(), 1e-4)
        for (name, p), q in zip(plain.named_parameters(), fast_one.parameters()):
            self.assertEqual(p.grad is None, q.grad is None, name)
            if p.grad is not None and p.grad.abs().max() > 1e-9:
                self.assertLess(((p.grad - q.grad).norm() / p.grad.norm()).item(), 1e-3, name)


if __name__ == "__main__":
    unittest.main()
