"""Figures of the shipped weights in documents: they stand in regions that training.measure.document writes, and belong to the weights that are there."""
import pathlib
import re
import unittest

from training.folders import REPOSITORY, WEIGHTS
from training.measure import regions
from training.measure.report import report
from training.network.digest import digest

ROOT = pathlib.Path(REPOSITORY)
FIGURE = re.compile(r"[+-]?\d+(?:\.\d+)? ?dB\b")
# What is in dB and no figure of any weights: definitions and bounds.
DEFINED = {"docs/measured.md": ("3 dB are half of the squared error", "made worse by more than 0.1 dB")}


def pairs(name, kind, gain):
    """Two rows as evaluate writes them, whose sharp twins come back unchanged."""
    figures = lambda psnr: {"psnr": psnr, "ssim": 0.8, "lpips": 0.2, "dists": 0.1}
    twin = {"sharp_psnr": 120.0, "sharp_unchanged": True, "sharp_timestep": 10} if kind == "all" else {}
    return [{"set": name, "kind": kind, "name": f"{name}_{i}", "frames": None, "extent_px": 4.0 + i, "input": figures(20.0), "output": figures(20.0 + gain), "timestep": 100 + i,
             "seconds": 1.0, "unchanged": False, "reblur_psnr": 40.0} | twin for i in range(2)]


def stays(name, unchanged):
    """A row of a picture that equals its target."""
    return {"set": name, "kind": "sharp", "name": f"sharp_{unchanged}", "frames": None, "extent_px": 0.0, "input": None, "output": None, "timestep": 50, "seconds": 1.0,
            "unchanged": unchanged, "reblur_psnr": 40.0, "sharp_psnr": 120.0 if unchanged else 39.0, "sharp_unchanged": unchanged, "sharp_timestep": 50}


class Documents(unittest.TestCase):
    found = regions.shipped()

    def test_regions_are_as_the_figures_have_them(self):
        for document in regions.REGIONS:
            with self.subTest(document):
                self.assertEqual((ROOT / document).read_text(), regions.written(document, self.found), "run python -m training.measure.document")

    def test_figures_belong_to_the_weights_that_are_shipped(self):
        own = digest(WEIGHTS)
        self.assertEqual(self.found["weights"], own)
        self.assertIn(own, (pathlib.Path(WEIGHTS) / "CARD.md").read_text())

    def test_the_card_has_the_same_figures(self):
        card = (pathlib.Path(WEIGHTS) / "CARD.md").read_text()
        for name in regions.SETS:
            for side in ("input", "output"):
                cells = regions.figures(self.found["sets"][name][side]).replace(" / ", " | ")
                self.assertIn(f"| {name} | {side} | {cells} |", card)

    def test_no_figure_of_the_weights_stands_outside_a_region(self):
        for path in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))):
            name = str(path.relative_to(ROOT))
            text = regions.outside(path.read_text())
            for phrase in DEFINED.get(name, ()):
                self.assertIn(phrase, text)
                text = text.replace(phrase, "")
            with self.subTest(name):
                self.assertEqual(FIGURE.findall(text), [])

    def test_what_is_kept_of_an_evaluation_is_what_the_regions_say(self):
        """Other weights, of which every figure of the regions is another."""
        found = regions.kept(report([*pairs("gopro", "all", 3.0), *pairs("synthetic", "all", -0.25), *pairs("eval2", "shake", 0.5), stays("eval2", True), stays("eval2", False)]))
        self.assertIn("| 3.0 dB |", regions.first(found))
        self.assertIn("| shaking hand | 2 | +0.50 (+0.50 to +0.50) | 0 |", regions.kinds(found))
        self.assertIn("Of 2 of eval2 that are sharp or softened by a lens, 1 do, the worst at 39.0 dB", regions.sharp(found))
        self.assertIn("these weights gain -0.2", regions.beside(found))
        self.assertIn("**23.00 / 0.8000 / 0.2000 / 0.1000**", regions.beside(found))

    def test_a_region_is_replaced_as_a_whole_and_must_be_there(self):
        text = "a\n<!-- one -->\nold\nolder\n<!-- /one -->\nb +1.80 dB"
        self.assertEqual(regions.filled(text, "one", "new"), "a\n<!-- one -->\nnew\n<!-- /one -->\nb +1.80 dB")
        self.assertEqual(FIGURE.findall(regions.outside(text.replace("old", "2.5 dB"))), ["+1.80 dB"])
        with self.assertRaisesRegex(ValueError, "0 regions <!-- two -->"):
            regions.filled(text, "two", "new")


if __name__ == "__main__":
    unittest.main()
