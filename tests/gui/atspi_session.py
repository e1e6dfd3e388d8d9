"""Reads the accessible tree of gpuplan-gui, and sets a slider of "What if" through it."""
import sys
import time

import pyatspi


def walk(node):
    yield node
    for child in node:
        if child is not None:
            yield from walk(child)


def named(root, name):
    for node in walk(root):
        if node.name == name:
            return node
    return None


def wait_for(what, seconds=60):
    end = time.time() + seconds
    while time.time() < end:
        try:
            found = what()
        except Exception:  # the tree changes while it is read
            found = None
        if found:
            return found
        time.sleep(0.3)
    return None


def application():
    for app in pyatspi.Registry.getDesktop(0):
        if app is not None and "gpuplan" in app.name:
            return app
    return None


app = wait_for(application) or sys.exit("gpuplan-gui is not in the tree")
for name in ("Open scenarios", "Results", "Scenario as YAML", "Timeline of the step"):
    if not wait_for(lambda: named(app, name)):
        sys.exit(f'no object is named "{name}"')
slider = wait_for(lambda: next((n for n in walk(app) if n.name == "Global batch"
                                and n.getRole() == pyatspi.ROLE_SLIDER), None))
if slider is None:
    sys.exit("the slider of the global batch is not in the tree")
# The positions stand for values once the scenario is read.
value = slider.queryValue()
if not wait_for(lambda: value.maximumValue > 1):
    sys.exit("the slider has no positions")
before = value.currentValue
value.currentValue = before + 1
batch = wait_for(lambda: next((n for n in walk(app) if n.name == "Global batch"
                               and n.getRole() == pyatspi.ROLE_TEXT
                               and n.queryText().getText(0, -1) == "24"), None))
if batch is None:
    sys.exit("setting the slider did not change the field of the form")
print("the tree was read and a slider set")
