"""Fails when a folder includes what it may not know: a higher room, or a library of another room."""
import pathlib
import re
import sys

ALLOWED = {  # room -> rooms that it may include
    "topology": {"topology"},
    "calib": {"calib", "topology"},
    "sim": {"sim", "calib", "topology"},
    "scenarios": {"scenarios", "sim", "calib", "topology"},
    "real_runner": {"real_runner", "calib", "topology"},
    "gui": {"gui", "scenarios", "sim", "calib", "topology"},
}
LIBRARIES = {  # a library's headers -> the room (or rooms) whose sources may include them
    r"boost/(?!random/)|expat": "topology",
    r"Eigen/|zlib\.h": "calib",
    r"simgrid/|xbt/|simgrid\.|src/(kernel|surf)/": "sim",
    r"google/protobuf|.*\.pb\.h": "sim",
    r"yaml-cpp/|valijson/|sqlite3|SQLiteCpp/|xlsxwriter|httplib": "scenarios",
    r"CLI/": ("scenarios", "real_runner"),
    r"cuda|cublas|nccl|nvml": "real_runner",
    r"Q[A-Z]\w+|Qt\w+/": "gui",
}
# A header that holds one of these, or a header that does, is private to its room.
ANYWHERE = re.compile(r"nlohmann/|fmt/")
INCLUDE = re.compile(r'\s*#\s*include\s*[<"]([^>"]+)[>"]')
SOURCES, HEADERS = {".cpp", ".cu", ".cc"}, {".hpp", ".h", ".cuh"}


def includes(path):
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if match := INCLUDE.match(line):
            yield number, match[1]


def private_headers(root, headers):
    """Headers that show a library's types, directly or through another header."""
    known = {p.relative_to(root).as_posix(): {name for _, name in includes(p)} for p in headers}
    private = {path for path, names in known.items()
               if any(re.match(library, name) for name in names for library in LIBRARIES)
               or any(ANYWHERE.match(name) for name in names)}
    while more := {path for path, names in known.items() if names & private} - private:
        private |= more
    return private


def check(root):
    bad = []
    files = [p for room in ALLOWED for p in sorted((root / room).rglob("*"))
             if p.suffix in SOURCES | HEADERS]
    private = private_headers(root, [p for p in files if p.suffix in HEADERS])
    for path in files:
        relative = path.relative_to(root)
        room = relative.parts[0]
        for number, name in includes(path):
            where = f"{relative}:{number}: "
            other = name.split("/")[0]
            if other in ALLOWED.keys() | {"tests"} and other not in ALLOWED[room]:
                bad.append(where + f"{room} may not include {other}")
            if name in private and other != room:
                bad.append(where + f"{name} shows a third-party type and is private to {other}")
            for library, owner in LIBRARIES.items():
                owners = owner if isinstance(owner, tuple) else (owner,)
                if re.match(library, name) and room not in owners:
                    bad.append(where + f"<{name}> belongs to {' and '.join(owners)}")
    return bad


if __name__ == "__main__":
    faults = check(pathlib.Path(sys.argv[1]))
    print("\n".join(faults) if faults else "layering is clean")
    sys.exit(bool(faults))
