"""What a latent of so many channels can keep: squares of pixels, projected to their principal components and back.

python -m training.studies.latents --data DIR      a table: reconstruction PSNR of photographs held back, by pixels along a latent position's side and channels
"""
import argparse

import numpy as np

from training.data.listing import photographs, read_pixels

FACTORS, SHARES = (2, 4, 8), (1 / 16, 1 / 8, 1 / 4, 1 / 3, 1 / 2, 3 / 4)       # of the 3 f^2 numbers of a square
LEARNED = 150                                                                   # photographs


def squares(path, factor):
    """[N, 3 f^2] in 0..1"""
    picture = read_pixels(path) / 255
    h, w = (n // factor * factor for n in picture.shape[:2])
    return picture[:h, :w].reshape(h // factor, factor, w // factor, factor, 3).swapaxes(1, 2).reshape(-1, 3 * factor ** 2)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="../shared/data")
    args = parser.parse_args()
    learned, held_back = photographs(args.data)
    for factor in FACTORS:
        numbers = 3 * factor ** 2
        second, mean, count = np.zeros((numbers, numbers)), np.zeros(numbers), 0
        for path in learned[:LEARNED]:
            x = squares(path, factor)
            second, mean, count = second + x.T @ x, mean + x.sum(0), count + len(x)
        mean /= count
        components = np.linalg.eigh(second / count - np.outer(mean, mean))[1][:, ::-1]
        for channels in sorted({round(share * numbers) for share in SHARES}):
            kept = components[:, :channels]
            psnr = []
            for path in held_back:
                x = squares(path, factor) - mean
                psnr.append(-10 * np.log10(((x - x @ kept @ kept.T) ** 2).mean()))
            print(f"factor {factor}  channels {channels} of {numbers}: {np.mean(psnr):.1f} dB on average, {min(psnr):.1f} at the least", flush=True)
