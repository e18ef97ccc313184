"""How the kernels are built: the one place for compiler directives and C flags.

pyproject.toml has one stanza for all kernels, and names `BuildKernels` as the build_ext
command. SKMI_KERNELS=checked or sanitized selects another build, for `make sanitize`.
"""

import os
from glob import glob

from setuptools import Extension
from setuptools.command.build_ext import build_ext  # Cython's, where it is installed
from setuptools.modified import newer_group

MODE = os.environ.get("SKMI_KERNELS", "release")  # or "checked", or "sanitized"
RELEASE, SANITIZED = MODE == "release", MODE == "sanitized"

DIRECTIVES = {
    "language_level": 3,
    "boundscheck": not RELEASE,
    "initializedcheck": not RELEASE,
    "show_performance_hints": RELEASE,
    "wraparound": False,
    "cdivision": True,
}
# Sums that cancel must be rounded alike, so that the compiler may not contract them to
# fused multiply-adds.
FLAGS = ["-O3" if RELEASE else "-O1", "-ffp-contract=off"]
SANITIZERS = [
    "-fsanitize=address,undefined,float-cast-overflow",
    "-fno-sanitize-recover=all",
    "-fno-omit-frame-pointer",
    "-fno-wrapv",  # CPython's flags would define the overflow of signed integers
    "-g",
]
MACROS = [("Py_LIMITED_API", "0x030B0000")]


class BuildKernels(build_ext):
    """Build each of skmi/_kernels/*.pyx as an extension of its own."""

    def finalize_options(self):
        """Replace the stanza by the files that its pattern finds."""
        files = [
            file
            for stanza in self.distribution.ext_modules
            for pattern in stanza.sources
            for file in sorted(glob(pattern))
        ]
        self.distribution.ext_modules = [
            Extension(
                os.path.splitext(file)[0].replace("/", ".").replace(os.sep, "."),
                [file],
                define_macros=MACROS,
                extra_compile_args=FLAGS + SANITIZERS * SANITIZED,
                extra_link_args=SANITIZERS * SANITIZED,
                py_limited_api=True,
                depends=[os.path.relpath(__file__)],
            )
            for file in files
        ]
        super().finalize_options()
        self.cython_directives = DIRECTIVES

    def build_extension(self, extension):
        """Build an extension anew if this file has changed since."""
        built = self.get_ext_fullpath(extension.name)
        self.force = newer_group([__file__], built)
        super().build_extension(extension)
