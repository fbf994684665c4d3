"""Where things lie, as absolute paths."""
import os

REPOSITORY = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
DATA = os.path.join(REPOSITORY, "..", "shared", "data")                  # photographs, laid out as training/README.md says
CACHE = os.path.join(REPOSITORY, "training", ".cache")                   # published backbones of LPIPS and DISTS
EXECUTABLE = os.path.join(REPOSITORY, ".build", "release", "fidediff")
RUNS = os.path.join(REPOSITORY, ".train")                               # runs and shards; git ignores it
HELDBACK = os.path.join(RUNS, "heldback")                                # pictures that choices are made by
WEIGHTS = os.path.join(REPOSITORY, "weights", "default")


def configuration(name):
    """The file of `training/config` that describes a network."""
    return os.path.join(REPOSITORY, "training", "config", name + ".json")
