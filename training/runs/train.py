"""Trains FideDiff in the paper's three stages (section 4.3), resumable and seeded; `options.py` says how.

python -m training.runs.train --stage kernel|foundation|control --out RUN ...      --help lists the options
"""
import sys

from training.runs.options import arguments
from training.runs.run import NotFinite, Run

NOT_FINITE = 3                     # the exit code of a run whose loss is not finite


def main():
    run = Run(arguments())
    try:
        run.train()
    except NotFinite as error:
        print(f"{error}: stopped, and the last state saved stays as it was", file=sys.stderr, flush=True)
        sys.exit(NOT_FINITE)


if __name__ == "__main__":
    main()
