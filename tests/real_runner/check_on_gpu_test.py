"""check_on_gpu.sh with programs that stand for the runner and its tests: check_on_gpu_test.py SOURCE_FOLDER"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(sys.argv.pop(1)) / "real_runner"
RECORD = '{"type":"gemm","run":"a","precision":"int8","m":64,"n":64,"k":64,"time_s":1e-5,"noise":0.01}'
# Appends one figure to the file after --out; ends as a run with a wrong result does.
RUNNER = f"""#!/bin/sh
while [ "$1" != --out ]; do shift; done
echo '{RECORD}' >>"$2"
echo measured
echo "one result is wrong" >&2
exit 1
"""


class CheckOnGpu(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder)
        shutil.copytree(SOURCE, self.folder / "real_runner", ignore=lambda _, names: [
            n for n in names if not n.endswith((".sh", ".py"))])
        for name, text in (("runner", RUNNER), ("gpu_tests", "#!/bin/sh\necho tests ran\n")):
            (self.folder / name).write_text(text)
            (self.folder / name).chmod(0o755)

    def check(self, *steps):
        environment = dict(os.environ, RUNNER=str(self.folder / "runner"), GPU_TESTS=str(self.folder / "gpu_tests"),
                           OUT=str(self.folder / "out"))
        return subprocess.run([self.folder / "real_runner/check_on_gpu.sh", *steps], env=environment, text=True,
                              capture_output=True, check=False)

    def names(self):
        return {file.name for file in (self.folder / "out").iterdir()}

    def test_all_goes_on_after_a_wrong_result_and_says_so_at_the_end(self):
        done = self.check("all")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("tests ran", done.stdout)
        self.assertIn("one result is wrong", done.stdout)
        self.assertLessEqual({"gpu_tests.log", "first.jsonl", "first.log", "second.jsonl", "second.log", "repeat.txt"},
                             self.names())
        self.assertRegex((self.folder / "out/repeat.txt").read_text(), r"gemm +1 +100.0%")

    def test_steps_of_separate_calls_find_what_the_ones_before_measured(self):
        for step in ("first", "second"):
            self.assertEqual(self.check(step).returncode, 1)
            shutil.rmtree(self.folder / "out")
        done = self.check("compare")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("100.0%", done.stdout)

    def test_an_unknown_step_is_refused_with_the_usage(self):
        done = self.check("everything")
        self.assertEqual(done.returncode, 2)
        self.assertIn("Usage: check_on_gpu.sh", done.stderr)


if __name__ == "__main__":
    unittest.main()
