#!/usr/bin/env python3
"""How a chart's templates read, as far as that can be counted: one row of a table for each folder of templates.

    scripts/measure_templates.py NAME=FOLDER...
"""
import pathlib
import re
import sys

ACTION = re.compile(r"\{\{-?\s*(\w+)")


def depth(lines):
    """How many actions are open at once, at the most."""
    now = most = 0
    for line in lines:
        for word in ACTION.findall(line):
            now += {"if": 1, "with": 1, "range": 1, "end": -1}.get(word, 0) + (word == "define")
            most = max(most, now)
    return most


def repeated(files):
    """The longest run of lines that stands in two files, white space aside."""
    runs = {}
    for name, lines in files.items():
        lines = [line.strip() for line in lines]
        for start in range(len(lines)):
            for end in range(start + 1, min(start + 200, len(lines)) + 1):
                others = runs.setdefault(tuple(lines[start:end]), set())
                others.add(name)
    return max((len(run) for run, names in runs.items() if len(names) > 1), default=0)


def row(name, folder):
    paths = [path for path in sorted(pathlib.Path(folder).rglob("*")) if path.suffix in (".yaml", ".tpl", ".txt")]
    files = {path: path.read_text().splitlines() for path in paths}
    lines = [line for file in files.values() for line in file]
    named = commented = 0
    for file in files.values():
        for before, line in zip([""] + file, file):
            if "define " in line:
                named += 1
                commented += before.strip().endswith("*/}}")
    longest = max(map(len, lines))
    cells = [name, len(files), len(lines), longest, depth(lines), f"{commented} of {named}", repeated(files)]
    return "| " + " | ".join(map(str, cells)) + " |"


print("| chart | files | lines | longest line | deepest nesting | named templates with a comment | longest run in two files |")
print("| --- | --- | --- | --- | --- | --- | --- |")
for argument in sys.argv[1:]:
    print(row(*argument.split("=", 1)))
