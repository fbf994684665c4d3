"""What the figures of training/measure are made of, without pictures."""
import unittest

import numpy as np
from scipy.stats import spearmanr

from training.measure import intervals, kinds


def rows(kind, gains):
    return [{"kind": kind, "name": f"{kind}_{i}", "gain": g} for i, g in enumerate(gains)]


class Intervals(unittest.TestCase):
    def test_covers_the_true_mean_as_often_as_it_says(self):
        rng = np.random.default_rng(1)
        covered = 0
        for i in range(200):
            low, high = intervals.bounds(intervals.means(rng.normal(0.7, 0.3, 40), intervals.stream(0, str(i))))
            covered += low < 0.7 < high
        self.assertTrue(182 <= covered <= 198, covered)

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


if __name__ == "__main__":
    unittest.main()
