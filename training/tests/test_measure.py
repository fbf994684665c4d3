"""What the figures of training/measure are made of, without pictures."""
import unittest

import numpy as np
import torch
from scipy.stats import spearmanr

from training.measure import gates, intervals, kinds, table, twin, worst
from training.measure.report import report
from training.network.model import told


def rows(kind, gains):
    return [{"kind": kind, "name": f"{kind}_{i}", "gain": g} for i, g in enumerate(gains)]


def evaluated(name, kind="all", gain=0.5, t=100, **more):
    """A row as evaluate.py writes it: LPIPS sinks by a tenth of what PSNR gains."""
    return {"set": "some", "kind": kind, "name": name, "frames": None, "extent_px": t / 10, "input": {"psnr": 20.0, "lpips": 0.4},
            "output": {"psnr": 20.0 + gain, "lpips": 0.4 - gain / 10}, "timestep": t, "seconds": 1.0, "unchanged": False, "reblur_psnr": 40.0} | more


def stays(name, unchanged, psnr):
    """A picture that equals its target."""
    return evaluated(name, "sharp", input=None, output=None, extent_px=0.0, sharp_psnr=psnr, sharp_unchanged=unchanged, sharp_timestep=10)


class Verdict(unittest.TestCase):
    CONFIG = {"sharp_below": 60, "doubtful_below": 140, "sharp_displacement": 0.07, "still_displacement": 0.2, "least_timestep": 160}

    def judged(self, timestep, moved):
        """Of a ramp whose gradient is 1 a pixel in one channel of three, changed by `moved` everywhere: a displacement of so many pixels."""
        picture = torch.arange(64.0)[None, None, None].expand(1, 3, 32, 64)
        return twin.judged(self.CONFIG, timestep, picture, picture + moved)

    def test_u_has_the_last_word_where_t_doubts(self):
        self.assertEqual([self.judged(45, moved) for moved in (0.06, 0.08)], [(45, True), (60, False)])
        self.assertEqual([self.judged(100, moved) for moved in (0.19, 0.21)], [(59, True), (100, False)])
        self.assertEqual([self.judged(140, moved) for moved in (0.0, 5.0)], [(140, False), (140, False)])

    def test_u_is_told_more_of_what_is_blurred(self):
        self.assertEqual(told(torch.tensor([38, 59, 60, 159, 161, 999]), self.CONFIG).tolist(), [38, 59, 160, 160, 161, 999])


class Intervals(unittest.TestCase):
    def test_covers_the_true_mean_as_often_as_it_says(self):
        rng = np.random.default_rng(1)
        covered = 0
        for i in range(200):
            low, high = intervals.bounds(intervals.means(rng.normal(0.7, 0.3, 40), intervals.stream(0, str(i))))
            covered += low < 0.7 < high
        self.assertTrue(182 <= covered <= 198, covered)

    def test_order_does_not_matter(self):
        self.assertEqual(*(intervals.bounds(intervals.means(v, intervals.stream(0, "x"))) for v in ([0.1, 0.9, 0.4], [0.9, 0.4, 0.1])))

    def test_equal_values_leave_no_doubt(self):
        self.assertEqual(intervals.bounds(intervals.means([0.5] * 9, intervals.stream(0, "x"))), (0.5, 0.5))

    def test_rank_is_spearmans(self):
        rng = np.random.default_rng(2)
        t, travel = rng.integers(0, 12, 60), rng.integers(0, 12, 60)             # many ties
        self.assertAlmostEqual(intervals.spearman(t, travel), spearmanr(t, travel).statistic, places=12)

    def test_a_constant_has_no_rank(self):
        self.assertEqual(intervals.rank_correlation([180] * 5, range(5)), {"rank": None, "low": None, "high": None})

    def test_interval_of_a_rank_holds_it(self):
        found = intervals.rank_correlation([1, 2, 3, 5, 4, 7, 6, 8], range(8))
        self.assertLess(found["low"], found["rank"])
        self.assertLessEqual(found["high"], 1)


class Kinds(unittest.TestCase):
    def test_every_kind_counts_the_same(self):
        found = kinds.summary(rows("shake", [1.0] * 30) + rows("text", [0.0, 0.2]) + rows("defocus", [-3.0]))
        self.assertAlmostEqual(found["mean"]["gain"], (1.0 + 0.1) / 2)
        self.assertEqual(found["kinds"]["shake"]["pictures"], 30)
        self.assertAlmostEqual(found["kinds"]["defocus"]["gain"], -3.0)

    def test_worse_begins_below_a_tenth(self):
        found = kinds.summary(rows("object", [-0.1, -0.11, 0.4, 2.0]))
        self.assertEqual(found["kinds"]["object"]["worse"], 0.25)
        self.assertEqual(found["mean"]["worse"], 0.25)
        self.assertEqual(found["kinds"]["object"]["worst"], "object_1")

    def test_the_mean_of_kinds_wanders_less_than_a_kind(self):
        rng = np.random.default_rng(3)
        found = kinds.summary([r for k in kinds.BLURRED for r in rows(k, rng.normal(0.7, 0.5, 6))])
        width = lambda f: f["high"] - f["low"]
        self.assertLess(width(found["mean"]), 0.6 * np.mean([width(f) for f in found["kinds"].values()]))
        self.assertTrue(found["mean"]["low"] < found["mean"]["gain"] < found["mean"]["high"])

    def test_same_rows_same_bounds_whatever_else_is_there(self):
        text = rows("text", [0.1, 0.9, 0.4])
        self.assertEqual(kinds.summary(text)["kinds"]["text"], kinds.summary(rows("shake", [1, 2]) + text)["kinds"]["text"])

    def test_pictures_without_a_gain_are_left_out(self):
        found = kinds.summary([{"kind": "sharp", "name": "a", "gain": None}])
        self.assertEqual(found, {"kinds": {}, "mean": None})


class Report(unittest.TestCase):
    ROWS = [evaluated("a", "shake", 1.0, 60), evaluated("b", "shake", 0.0, 120), evaluated("c", "text", -0.5, 180), evaluated("d", "defocus", -0.2, extent_px=0.0),
            stays("e", True, 120.0), stays("f", False, 39.0), stays("g", False, 45.0)]

    def setUp(self):
        self.found = report(self.ROWS)["sets"]["some"]

    def test_a_gain_is_positive_for_better(self):
        self.assertAlmostEqual(self.found["kinds"]["shake"]["gains"]["lpips"]["gain"], 0.05)
        self.assertAlmostEqual(self.found["kinds"]["text"]["gains"]["lpips"]["gain"], -0.05)

    def test_the_mean_is_over_blurred_kinds_alone(self):
        self.assertAlmostEqual(self.found["mean"]["gain"], (0.5 - 0.5) / 2)
        self.assertAlmostEqual(self.found["mean"]["worse"], 1 / 3)

    def test_pictures_that_stay_have_no_gain_but_are_counted(self):
        self.assertEqual(self.found["pairs"], 4)
        stay = self.found["stay"]["sharp"]
        self.assertEqual((stay["pictures"], stay["unchanged"], stay["harmed"], stay["worst"]), (3, 1, 1, "f"))
        self.assertAlmostEqual(stay["mean_psnr"], 42.0)

    def test_rank_is_of_pictures_that_moved(self):
        self.assertEqual(self.found["rank"]["pairs"], 3)
        self.assertAlmostEqual(self.found["rank"]["rank"], 1.0)

    def test_sharp_twins_of_a_set_without_kinds(self):
        found = report([evaluated("a", sharp_psnr=39.5, sharp_unchanged=False), evaluated("b", sharp_psnr=120.0, sharp_unchanged=True)])["sets"]["some"]
        self.assertEqual((found["stay"]["sharp"]["unchanged"], found["stay"]["sharp"]["worst_psnr"], found["mean"]), (1, 39.5, None))

    def test_table_names_what_it_shows(self):
        shown = table.markdown(report(self.ROWS))
        self.assertIn("| some text | -0.50 (-0.50 to -0.50) |", shown)
        self.assertIn("| 1 of 1 | 0 | c |", shown)
        self.assertIn("| some sharp | 1 of 3 (0% to 100%) | 1 | 42.00 | 39.00 f |", shown)
        widths = [line.count("|") for line in table.gains_table(report(self.ROWS)).splitlines()]
        self.assertEqual(len(set(widths)), 1, widths)


class Gates(unittest.TestCase):
    found = report(Report.ROWS)

    def failed(self, bound, kind, figure, limit, name="some"):
        return len(gates.failures(self.found, {bound: {name: {kind: {figure: limit}}}})[0])

    def test_a_gate_fails_just_beyond_its_limit(self):
        for bound, kind, figure, value in (("least", "shake", "psnr", 0.5), ("least", "mean", "psnr", 0.0), ("least", "shake", "lpips", 0.05),
                                           ("least", "sharp", "unchanged", 1), ("least", "sharp", "worst_psnr", 39.0), ("least", "T", "rank", 1.0),
                                           ("most", "mean", "worse", 1 / 3), ("most", "sharp", "harmed", 1)):
            with self.subTest(kind=kind, figure=figure):
                away = 1e-6 if bound == "least" else -1e-6
                self.assertEqual((self.failed(bound, kind, figure, value - away), self.failed(bound, kind, figure, value + away)), (0, 1))

    def test_what_was_not_measured_fails(self):
        self.assertEqual(self.failed("least", "shake", "dists", -9), 1)
        self.assertEqual(self.failed("least", "phone", "psnr", -9), 1)
        self.assertEqual(self.failed("least", "shake", "psnr", -9, name="other"), 1)

    def test_the_shipped_gates_name_every_blurred_kind(self):
        named = gates.read(gates.FILE)["least"]["eval2"]
        self.assertEqual({k for k in kinds.BLURRED if "psnr" in named.get(k, {})}, set(kinds.BLURRED))


class Worst(unittest.TestCase):
    def test_the_part_that_lost_most_is_shown(self):
        sharp = np.random.default_rng(4).integers(0, 255, (90, 120, 3)).astype(np.uint8)
        result = sharp.copy()
        result[50:70, 80:100] = 0
        y, x = worst.place(sharp, result, sharp, 32)
        self.assertTrue(y <= 50 and y + 32 >= 70 and x <= 80 and x + 32 >= 100, (y, x))


if __name__ == "__main__":
    unittest.main()
