"""How a picture's values stand for light: display = linear ** (1 / GAMMA), an sRGB-like curve."""

GAMMA = 2.2
