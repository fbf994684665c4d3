"""What goes into each part of a network, by name; without PyTorch, whose memory would count as a peer's."""
INPUTS = {"encoder": ("image",), "decoder": ("latent",), "unet": ("latent", "timestep"), "controlnet": ("latent", "timestep", "filtered"), "whole": ("image",)}


def onnx_path(inputs):
    """Where the part lies whose inputs these are."""
    return inputs.removesuffix(".safetensors") + ".onnx"
