"""How training/ is built: which room may use which, and that a module is either a command or a library."""
import ast
import pathlib
import unittest

from training.folders import REPOSITORY

TRAINING = pathlib.Path(REPOSITORY) / "training"
# From the ground up: a module imports from its own room and from those before it.
ROOMS = ("folders", "machine", "network", "data", "losses", "measure", "runs", "parity", "studies", "tests")
ALONE = "check_data"               # runs on any Python, so it imports nothing of this package


def modules():
    """{dotted name: syntax tree} of every module of the package."""
    paths = (p for p in sorted(TRAINING.rglob("*.py")) if p.name != "__init__.py")
    return {".".join(p.relative_to(TRAINING.parent).with_suffix("").parts): ast.parse(p.read_text()) for p in paths}


def is_command(tree):
    return any(isinstance(n, ast.If) and ast.unparse(n.test) == "__name__ == '__main__'" for n in tree.body)


def imported(tree, known):
    """The modules of the package that a module names in an import, at its top or within a function."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            names = [node.module, *(f"{node.module}.{a.name}" for a in node.names)]
        elif isinstance(node, ast.Import):
            names = [a.name for a in node.names]
        else:
            continue
        found.update(n for n in names if n in known)
    return found


def room(name):
    return name.split(".")[1]


class House(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.trees = modules()
        cls.graph = {name: imported(tree, cls.trees) for name, tree in cls.trees.items()}
        cls.commands = {name for name, tree in cls.trees.items() if is_command(tree)}

    def test_the_graph_is_seen_at_all(self):
        self.assertIn("training.network.model", self.graph["training.runs.run"])
        self.assertIn("training.losses.discriminator", self.graph["training.runs.run"])       # imported within a function
        self.assertIn("training.runs.train", self.commands)

    def test_nothing_is_both_script_and_library(self):
        self.assertEqual({name: sorted(used & self.commands) for name, used in self.graph.items() if used & self.commands}, {})

    def test_rooms_use_only_those_below(self):
        self.assertEqual({room(n) for n in self.graph} - {ALONE}, set(ROOMS))
        upward = [(name, other) for name, used in self.graph.items() for other in used
                  if room(name) != ALONE and ROOMS.index(room(other)) > ROOMS.index(room(name))]
        self.assertEqual(upward, [])

    def test_modules_are_not_circular(self):
        left = {name: set(used) for name, used in self.graph.items()}
        while free := [name for name, used in left.items() if not used & set(left)]:
            for name in free:
                del left[name]
        self.assertEqual(sorted(left), [])

    def test_the_check_of_data_needs_nothing_of_the_package(self):
        self.assertEqual(self.graph[f"training.{ALONE}"], set())

    def test_every_command_is_in_the_readme(self):
        readme = (TRAINING / "README.md").read_text()
        listed = [name for name in self.commands if room(name) != "tests"]
        self.assertEqual([name for name in sorted(listed) if f"`{name.removeprefix('training.')}`" not in readme], [])


if __name__ == "__main__":
    unittest.main()
