"""How far a restoration moved what is in a picture, the twin of `Displacement`."""
CELL = 512          # pixels along one side of a cell, or somewhat more


def edges(length):
    """Where cells begin and end along a side."""
    cells = max(length // CELL, 1)
    return [i * length // cells for i in range(cells + 1)]


def greatest_displacement(image, output):
    """Change over gradient, in pixels, in the cell that changed most. image and output [1, 3, H, W] -> a scalar"""
    change, gradient = output.new_zeros(()), output.new_ones(())
    rows, columns = edges(image.shape[-2]), edges(image.shape[-1])
    for top, bottom in zip(rows, rows[1:]):
        for left, right in zip(columns, columns[1:]):
            before, after = (x[..., top:bottom, left:right] for x in (image, output))
            here = (after - before).square().mean()
            if here > change:
                change, gradient = here, after.diff(dim=-1).square().mean() + after.diff(dim=-2).square().mean()
    return (change / gradient).sqrt()
