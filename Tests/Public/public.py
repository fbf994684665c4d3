#!/usr/bin/env python3
"""Counts what a module shows to other packages: at most so many public types, and none of its public declarations without a doc comment.

    public.py MODULE LIMIT

Prints the types with the lines of their declarations, then what is undocumented. Ends with 1 where there are more types than LIMIT, or anything
undocumented.
"""
import re
import sys
from pathlib import Path

TYPE = re.compile(r"^\s*public\s+(?:(?:final|indirect|nonisolated)\s+)*(?:struct|class|enum|protocol|actor|typealias)\s+(\w+)")
DECLARATION = re.compile(r"^\s*public\s+(?!extension|import)")


def comments_above(lines, index):
    """The lines of the doc comment above a declaration; attributes may stand between."""
    index -= 1
    while index >= 0 and lines[index].lstrip().startswith("@"):
        index -= 1
    return index >= 0 and lines[index].lstrip().startswith("///")


def main():
    module, limit = sys.argv[1], int(sys.argv[2])
    types, undocumented, declarations = [], [], 0
    for path in sorted(Path("Sources", module).rglob("*.swift")):
        lines = path.read_text().split("\n")
        for index, line in enumerate(lines):
            if not DECLARATION.match(line):
                continue
            declarations += 1
            place = f"{path}:{index + 1}"
            if found := TYPE.match(line):
                types.append((found[1], place))
            if not comments_above(lines, index):
                undocumented.append(f"{place}: {line.strip()}")
    for name, place in types:
        print(f"{name:<20} {place}")
    print(f"{module}: {len(types)} public types (at most {limit}), {declarations} public declarations, {len(undocumented)} undocumented")
    for line in undocumented:
        print(f"  {line}")
    if len(types) > limit:
        print(f"make {len(types) - limit} of them package, or internal")
    return int(len(types) > limit or bool(undocumented))


if __name__ == "__main__":
    sys.exit(main())
