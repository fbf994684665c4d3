"""Learning rates as shares of the full one."""
import math

LEAST = 0.02                       # of a rate that has run out


def cosine(left):
    """Half a cosine. left: what is left of the run, 1 to 0"""
    return LEAST + (1 - LEAST) * 0.5 * (1 - math.cos(left * math.pi))


def constant(left):
    """The trunk's: it never ends by itself."""
    return 1.0


def linear(left):
    """A branch's, which takes a trunk's weights to where the noise of the full rate is gone."""
    return LEAST + (1 - LEAST) * left


RATES = {"cosine": cosine, "constant": constant, "linear": linear}
