"""What training/data makes, on pictures drawn here; the lists of photographs on those beside the repository, where they are."""
import collections
import csv
import os
import subprocess
import sys
import tempfile
import unittest

import numpy as np
import torch
from PIL import Image

from training.data import by_kind, crops, held_pictures, listing, paths as P, render, scenes
from training.folders import DATA, REPOSITORY, WEIGHTS

torch.set_num_threads(1)                # on busy cores two threads wait for each other
SIDE = 96
N = SIDE + 2 * P.MARGIN


def texture(rng, side):
    """[3, side, side] u8: patches of colour and fine structure."""
    coarse = np.kron(rng.integers(0, 256, (side // 16 + 1, side // 16 + 1, 3)), np.ones((16, 16, 1)))[:side, :side]
    return torch.from_numpy((0.7 * coarse + 0.3 * rng.integers(0, 256, (side, side, 3))).astype(np.uint8)).permute(2, 0, 1)


def stage(seed, side=SIDE):
    rng = np.random.default_rng(7)
    return scenes.Stage(crops.Source(pictures=[texture(rng, side + 200) for _ in range(3)]), np.random.default_rng(seed), side)


def random_layers(rng, count):
    """Layers of random light, and of random blobs from the second on. [count, 4, N, N]"""
    made = torch.from_numpy(rng.random((count, 4, N, N)).astype(np.float32))
    made[:, 3] = torch.nn.functional.interpolate(torch.from_numpy(rng.random((1, count, 6, 6)).astype(np.float32) > 0.6).float(), (N, N), mode="bilinear")[0]
    made[0, 3] = 1
    made[:, :3] *= made[:, 3:]
    return made


class Lists(unittest.TestCase):
    @unittest.skipUnless(os.path.isdir(os.path.join(DATA, "train2")), "no photographs beside the repository")
    def test_held_back_photographs_are_those_of_the_list(self):
        with open(os.path.join(listing.HERE, "HELDBACK.csv"), newline="") as f:
            listed = [(r["set"], r["file"]) for r in csv.DictReader(f)]
        self.assertEqual(listed, [name for name, _, held in listing.files_by_rule(DATA) if held])
        learn, held = listing.photographs(DATA, with_unstated=True)
        named = lambda files: [(os.path.basename(os.path.dirname(f)), os.path.basename(f)) for f in files]
        self.assertEqual(listed, named(held))
        self.assertFalse(set(named(learn)) & set(listed))
        sources = [(r["set"], r["file"]) for r in listing.rows_of("SOURCES.csv") if r["set"] in listing.HELD_BACK]
        self.assertEqual(sorted(sources), sorted(named(learn) + listed))

    def test_photographs_without_a_stated_licence_are_not_learned_from(self):
        without = listing.unstated()
        self.assertEqual(len(without), 51)
        with tempfile.TemporaryDirectory() as folder:
            for row in listing.rows_of("SOURCES.csv"):
                os.makedirs(os.path.join(folder, row["set"]), exist_ok=True)
                open(os.path.join(folder, row["set"], row["file"]), "w").close()
            named = lambda files: {(os.path.basename(os.path.dirname(f)), os.path.basename(f)) for f in files}
            learn, held = map(named, listing.photographs(folder))
            self.assertFalse(learn & without)
            everything, held_too = map(named, listing.photographs(folder, with_unstated=True))
            self.assertEqual(everything - learn, without - held)
            self.assertEqual(held, held_too)                            # measured with, as before

    def test_a_part_of_the_photographs_holds_back_the_same(self):
        """A pack may leave some out: no other one takes a place in the list."""
        with tempfile.TemporaryDirectory() as folder:
            os.makedirs(os.path.join(folder, "train"))
            held = next(f for s, f in sorted(listing.listed("HELDBACK.csv")) if s == "train")
            rest = sorted(f for s, f in listing.listed("SOURCES.csv") - listing.listed("HELDBACK.csv") if s == "train")[:30]
            for name in (held, *rest):
                open(os.path.join(folder, "train", name), "w").close()
            self.assertEqual([os.path.basename(f) for f in listing.photographs(folder)[1]], [held])

    def test_photographs_that_are_too_small_are_refused(self):
        source = crops.Source(pictures=[texture(np.random.default_rng(0), 100)])
        for side in (90, 120, 200):
            self.assertEqual(source.crop(np.random.default_rng(0), side)[1].shape, (3, side, side))
        with self.assertRaisesRegex(ValueError, "100x100"):
            source.crop(np.random.default_rng(0), 260)

    def test_every_photograph_has_a_licence_and_a_digest(self):
        rows = listing.rows_of("SOURCES.csv")
        for row in rows:
            self.assertTrue(row["licence"] and row["origin"], row)
            self.assertIn(row["stated"], ("yes", "no"))
            self.assertRegex(row["sha256"], "^[0-9a-f]{64}$")
        self.assertEqual(collections.Counter(r["set"] for r in rows), {"train": 656, "train2": 82, "gopro240": 299, "gopro_pairs": 78})

    def test_every_picture_that_the_shipped_weights_learned_from_is_listed(self):
        with open(os.path.join(WEIGHTS, "ATTRIBUTION.csv"), newline="") as f:
            rows = list(csv.DictReader(f))
        held_back = {name for name in listing.listed("HELDBACK.csv") if name[0] == "train2"}      # those of train were learned from before they were held back
        self.assertEqual({(r["set"], r["file"]) for r in rows}, listing.listed("SOURCES.csv") - held_back)
        self.assertEqual({(r["set"], r["file"]) for r in rows if r["licence"].startswith("not stated")}, listing.unstated())

    def test_an_attribution_names_what_new_shards_draw_from_once(self):
        rows = listing.attribution([])
        self.assertEqual({(r["set"], r["file"]) for r in rows}, listing.listed("SOURCES.csv") - listing.listed("HELDBACK.csv") - listing.unstated())
        self.assertEqual(listing.attribution(rows), rows)

    def test_a_folder_is_held_against_the_list(self):
        with tempfile.TemporaryDirectory() as folder:
            rows = [r for r in listing.rows_of("SOURCES.csv") if r["set"] == "gopro_pairs"]
            os.makedirs(os.path.join(folder, "gopro_pairs"))
            with open(os.path.join(folder, "gopro_pairs", rows[0]["file"]), "w") as f:
                f.write("another picture")
            command = [sys.executable, os.path.join(REPOSITORY, "training", "check_data.py"), folder, "--set", "gopro_pairs"]
            found = subprocess.run(command, capture_output=True, text=True)
            self.assertEqual(found.returncode, 1, found.stderr)
            self.assertIn(f"differs: gopro_pairs/{rows[0]['file']}", found.stdout)
            self.assertIn("77 of GoPro data set", found.stdout)
            self.assertIn("gopro_pairs: 78 pictures, 0 as listed, 77 missing, 1 different", found.stdout)

    def test_seeds_of_training_and_of_the_held_back_set_differ(self):
        self.assertNotEqual(by_kind.TRAINING, held_pictures.SEED)


class Render(unittest.TestCase):
    def test_torch_and_c_agree(self):
        if not render.loop():
            self.skipTest("no C compiler")
        rng = np.random.default_rng(0)
        layers, corners = random_layers(rng, 3), rng.uniform(-30, 30, (3, 4, 9, 2))
        for count in (1, 3):
            light, share = render.in_c(layers[:count], corners[:count], SIDE)
            other, other_share = render.in_torch(layers[:count], corners[:count], SIDE)
            self.assertLess((light - other).abs().max(), 1e-4)
            self.assertLess((share - other_share).abs().max(), 1e-4)

    def test_shares_sum_to_one_and_nothing_moves_without_a_path(self):
        layers = random_layers(np.random.default_rng(1), 4)
        light, share = render.render(layers, np.zeros((4, 4, 1, 2)), SIDE)
        self.assertLess((share.sum(0) - 1).abs().max(), 1e-4)
        self.assertLess((light - render.flat(layers, SIDE)).abs().max(), 1e-4)

    def test_discrete_frames_are_the_mean_of_shifts(self):
        layers = random_layers(np.random.default_rng(2), 1)
        shifts = np.array([[-5, 2], [0, 0], [3, -4], [7, 1]])
        light, _ = render.render(layers, np.broadcast_to(shifts, (1, 4, 4, 2)), SIDE)
        r = P.MARGIN
        mean = torch.stack([layers[0, :3, r + dy:r + dy + SIDE, r + dx:r + dx + SIDE] for dx, dy in shifts]).mean(0)
        self.assertLess((light - mean).abs().max(), 1e-4)

    def test_a_thing_hides_what_is_behind_it(self):
        """A white thing that covers a black half: what leaves the edge is their mixture, never brighter or darker."""
        layers = torch.zeros(2, 4, N, N)
        layers[0, 3] = 1
        layers[1, :, :, N // 2:] = 1
        path = np.zeros((2, 4, 21, 2))
        path[1, ..., 0] = np.linspace(-10, 10, 21)
        row = render.render(layers, path, SIDE)[0][0, 0].numpy()
        self.assertTrue((np.diff(row) > -1e-6).all())
        np.testing.assert_allclose(row[[SIDE // 2 - 12, SIDE // 2, SIDE // 2 + 12]], [0, 11 / 21, 1], atol=1e-4)

    def test_true_kernels_blur_the_sharp_picture_as_the_camera_did(self):
        rng = np.random.default_rng(3)
        layers = torch.ones(1, 4, N, N)
        layers[0, :3] = torch.nn.functional.interpolate(torch.from_numpy(rng.random((1, 3, N // 4, N // 4)).astype(np.float32)), (N, N), mode="bilinear")[0]
        path = P.fitted(P.hand(rng, 14, SIDE)[None])
        light, share = render.render(layers, P.fine(path), SIDE)
        m = 33
        kernels = render.kernel_map(torch.from_numpy(P.kept(path, False)), share, m, 1)
        self.assertLess((kernels.sum(0) - 1).abs().max(), 1e-4)
        r = P.MARGIN
        around = layers[:, :3, r - m // 2:r + SIDE + m // 2, r - m // 2:r + SIDE + m // 2]
        taps = torch.nn.functional.unfold(around, m).view(3, m * m, SIDE, SIDE)
        again = (taps * torch.nn.functional.interpolate(kernels[None], (SIDE, SIDE), mode="bilinear")).sum(1)
        sharp = render.flat(layers, SIDE)
        self.assertLess((again - light).square().mean(), 0.01 * (sharp - light).square().mean())


class Paths(unittest.TestCase):
    def test_all_stand_at_their_centroid(self):
        rng = np.random.default_rng(4)
        made = [P.hand(rng, 20, 384), P.rollzoom(rng, 384), P.own(rng, 20, 384), *P.passing(rng, 30, 384, [0.2, 1.0]), *P.steps_of(rng, 20, 9, 384, True)]
        for path in made + [P.window(p, rng) for p in made]:
            np.testing.assert_allclose(path.mean(-2), 0, atol=1e-9)
            np.testing.assert_allclose(P.fine(path).mean(-2), 0, atol=1e-9)

    def test_travel_has_the_extent_that_was_asked_for(self):
        rng = np.random.default_rng(5)
        self.assertAlmostEqual(np.linalg.norm(np.ptp(P.scaled(P.wander(rng, 2), 17.0), axis=0)), 17, places=6)
        drawn = [P.travel(rng) for _ in range(2000)]
        self.assertTrue(2 <= min(drawn) and max(drawn) <= 60 and 10 < np.median(drawn) < 12)

    def test_nothing_leaves_the_canvas(self):
        rng = np.random.default_rng(6)
        for _ in range(50):
            self.assertLess(np.abs(P.fitted(P.rollzoom(rng, 384)[None] * 3)).max(), P.MARGIN - 1)

    def test_a_turn_is_exact(self):
        """A roll by 0.1 radians about the middle moves each corner along its circle."""
        corner = np.array([-48, -48.0])
        moved = corner + P.corners(np.zeros((2, 2)), np.array([0, 0.1]), np.zeros(2), np.zeros(2), 96)[0]
        self.assertAlmostEqual(np.linalg.norm(moved[1] - moved[0]), 2 * np.linalg.norm(corner) * np.sin(0.05), places=6)


class Scenes(unittest.TestCase):
    def test_every_kind(self):
        made = stage(1)
        for kind in scenes.MADE:
            with self.subTest(kind):
                taken = made.take(kind)
                self.assertEqual(len(taken.blur), scenes.POINTS)
                for picture in (taken.target, taken.clean, *taken.blur):
                    self.assertEqual((tuple(picture.shape), picture.dtype), ((SIDE, SIDE, 3), torch.uint8))
                self.assertLess((taken.share.sum(1) - 1).abs().max(), 1e-3)
                self.assertEqual(bool((taken.target == taken.blur[0]).all()), kind in scenes.STAY)
                mean, largest = scenes.extent(taken.corners, taken.share)
                self.assertEqual(mean[0] > 0, kind not in ("sharp", "defocus"))
                self.assertTrue((largest >= mean - 1e-3).all() and largest.max() < 2 * P.MARGIN * 2 ** 0.5)
                if kind in scenes.BLURRED:
                    self.assertLess(mean[1], mean[0])

    def test_frames_say_how_many(self):
        made = stage(2)
        for _ in range(6):
            long, short = made.take("frames").frames
            self.assertTrue(7 <= long <= 13 and 3 <= short < long)

    def test_the_rest_stays_sharp_behind_a_still_camera(self):
        """Where the thing never comes, the light is the sharp picture's."""
        made = stage(3)
        made.curve, made.lens = 2.2, 0
        scene = made.object()
        still = scene.points[0] * [[[[0.0]]], [[[1.0]]]]
        stack = torch.stack(scene.layers)
        light, share = render.render(stack, P.fine(still), SIDE)
        away = torch.nn.functional.interpolate(share[None, 1:], (SIDE, SIDE))[0, 0] == 0
        self.assertLess(((light - render.flat(stack, SIDE)).abs() * away).max(), 1e-4)

    def test_layers_of_one_photograph_are_the_photograph_at_rest(self):
        made = stage(5)
        made.curve, made.lens = 2.2, 0
        light = made.light()
        made.light = lambda textured=True: light
        found = 0
        while found < 3:
            scene = made.object()
            if scene.params["moving"] == "part of the photograph":
                found += 1
                r = P.MARGIN
                self.assertLess((render.flat(torch.stack(scene.layers), SIDE) - light[:, r:r + SIDE, r:r + SIDE]).abs().max(), 1e-5)

    def test_behind_a_moving_part_of_the_photograph_there_is_no_second_copy(self):
        """A red thing on grey: nothing red is left where it was, and it is whole where it is."""
        from training.data import layers as Y
        light = torch.full((3, N, N), 0.4)
        light[:, 80:110, 80:110] = torch.tensor([0.9, 0.05, 0.05]).view(3, 1, 1)
        alpha = torch.zeros(1, N, N)
        alpha[:, 80:110, 80:110] = 1
        back = Y.filled(light, alpha, np.random.default_rng(0))
        # What is taken from elsewhere is texture, at most 0.15 of it, and here there is little.
        self.assertLess((back[0] - back[1])[86:104, 86:104].mean().abs(), 0.1)
        at_rest = back * (1 - alpha) + light * alpha
        self.assertTrue(torch.equal(at_rest, light))


class Shards(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        rng = np.random.default_rng(8)
        os.makedirs(os.path.join(cls.folder.name, "train"))
        for i in range(4):
            Image.fromarray(texture(rng, 520).permute(1, 2, 0).numpy()).save(os.path.join(cls.folder.name, "train", f"{i}.jpg"), quality=90)
        os.makedirs(os.path.join(cls.folder.name, "gopro_pairs"))
        for name in ("a_n8_sharp.jpg", "a_n8_blur.jpg"):
            Image.fromarray(texture(rng, 400).permute(1, 2, 0).numpy()).save(os.path.join(cls.folder.name, "gopro_pairs", name))

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def read(self, path):
        return {name[:-4]: np.load(os.path.join(path, name)) for name in sorted(os.listdir(path))}

    def test_arrays_are_consistent_and_follow_from_the_seed(self):
        mixture, out = {"shake": 2, "object": 1, "sharp": 1, "pairs": 1}, os.path.join(self.folder.name, "pool")
        make = lambda name, seed: self.read(by_kind.write(self.folder.name, os.path.join(out, name), 5, seed, mixture, say=lambda *_: None))
        one, same, other = make("a", 1), make("b", 1), make("a", 2)
        self.assertEqual({k: (v.shape, v.dtype.name) for k, v in one.items()}, {
            "sharp": ((5, 384, 384, 3), "uint8"), "blur": ((5, 2, 384, 384, 3), "uint8"), "kind": ((5,), "uint8"), "frames": ((5, 2), "uint8"),
            "travel": ((5, 2), "float16"), "paths": ((5, 2, 6, 4, 24, 2), "float16"), "share": ((5, 2, 6, 24, 24), "uint8")})
        for name in one:
            np.testing.assert_array_equal(one[name], same[name], name)
        self.assertFalse(np.array_equal(one["blur"], other["blur"]))
        kinds = [scenes.KINDS[k] for k in one["kind"]]
        self.assertEqual(sorted(kinds), ["object", "pairs", "shake", "shake", "sharp"])
        for i, kind in enumerate(kinds):
            known = kind in scenes.KERNELS_KNOWN
            self.assertTrue((one["share"][i].astype(int).sum(1) == 255 * known).all(), kind)
            self.assertEqual(one["frames"][i].tolist(), {"sharp": [1, 1], "pairs": [8, 8]}.get(kind, [0, 0]))
            self.assertEqual((one["travel"][i] < 0).all(), kind == "pairs")
            self.assertEqual((one["sharp"][i] == one["blur"][i]).all(), kind == "sharp")
        with self.assertRaisesRegex(ValueError, "there already"):
            make("a", 1)

    def test_mixtures(self):
        self.assertEqual(by_kind.mixture_of("shake=2, parallax=1"), {"shake": 2, "parallax": 1})
        for wrong, said in (("shake", "KIND=NUMBER"), ("jitter=1", "no kinds"), ("shake=-1,text=3", "negative")):
            with self.assertRaisesRegex(ValueError, said):
                by_kind.mixture_of(wrong)
        counts = by_kind.counts_of(by_kind.MIXTURE, 400, np.random.default_rng(0))
        self.assertEqual(sum(counts.values()), 400)
        for kind, share in by_kind.MIXTURE.items():
            self.assertLessEqual(abs(counts[kind] - 400 * share / sum(by_kind.MIXTURE.values())), 1)

    def test_shares_in_bytes_sum_to_255(self):
        share = np.random.default_rng(0).dirichlet(np.ones(6), (2, 24, 24)).transpose(0, 3, 1, 2)
        whole = by_kind.in_bytes(share)
        self.assertTrue((whole.astype(int).sum(1) == 255).all())
        self.assertLess(np.abs(whole / 255 - share).max(), 6 / 255)

    def test_the_held_back_set_is_the_same_at_every_call_whatever_the_number(self):
        out = os.path.join(self.folder.name, "held")
        for name, each in (("one", 1), ("two", 2)):
            held_pictures.write(self.folder.name, os.path.join(out, name), each, lambda *_: None, ("object", "defocus"))
        rows = {}
        for name in ("one", "two"):
            with open(os.path.join(out, name, "meta.csv"), newline="") as f:
                rows[name] = {r["name"]: r for r in csv.DictReader(f)}
        self.assertEqual((len(rows["one"]), len(rows["two"])), (2, 4))
        for row in rows["one"].values():
            self.assertEqual(row, rows["two"][row["name"]])
            for what in ("blur", "sharp"):
                a, b = (listing.read_pixels(os.path.join(out, n, f"{row['name']}_{what}.png")) for n in ("one", "two"))
                np.testing.assert_array_equal(a, b)


class OnTheDevice(unittest.TestCase):
    def test_a_batch_has_all_kinds_of_pictures_and_true_kernels(self):
        from training.data.generator import Generator
        rng = np.random.default_rng(9)
        pictures = [texture(rng, 400) for _ in range(3)]
        generator = Generator(pictures, [torch.stack([pictures[0]] * 15)], [(pictures[1], pictures[2], 7)], "cpu", {"synthetic": 0.5, "gopro240": 0.3, "pairs": 0.2}, reuse=2)
        sharp, seen, frames, kernels, known = generator.batch(12, SIDE, {"m": 9, "tap_spacing": 2, "unshuffle": 4, "inputs": ["autocorrelation"]})
        self.assertEqual((sharp.shape, seen.shape, kernels.shape), ((12, 3, SIDE, SIDE), (12, 3, SIDE, SIDE), (12, 81, SIDE // 16, SIDE // 16)))
        self.assertTrue(known.any() and not known.all())
        self.assertLess((kernels.sum(1) - known.view(-1, 1, 1).float()).abs().max(), 1e-2)
        self.assertTrue((frames[~known] >= 0).all() and sharp.amax() <= 1 and seen.amin() >= 0)


if __name__ == "__main__":
    unittest.main()
