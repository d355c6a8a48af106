"""The order of the wings is held by the build: what is forbidden stops the configure step or does not compile."""
import pathlib
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]

PROJECT = """
cmake_minimum_required(VERSION 3.25)
project(wings LANGUAGES CXX)
set(CMAKE_CXX_STANDARD 23)
add_custom_target(unit_tests)
include({module})
add_subdirectory(src)
"""


def tree(folder, declarations, files):
    """Lays out a tiny project with these veredus_module calls and files below src/."""
    (folder / "src").mkdir(parents=True)
    (folder / "CMakeLists.txt").write_text(PROJECT.format(module=ROOT / "cmake/Module.cmake"))
    (folder / "src/CMakeLists.txt").write_text("\n".join(declarations) + "\n")
    for name, text in files.items():
        path = folder / "src" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def cmake(folder):
    compiler = shutil.which("clang++-19") or pytest.skip("no clang++-19")
    configure = subprocess.run(["cmake", "-S", str(folder), "-B", str(folder / "build"), "-G", "Ninja", f"-DCMAKE_CXX_COMPILER={compiler}"],
                               capture_output=True, text=True)
    if configure.returncode:
        return "configure", configure.stderr
    built = subprocess.run(["cmake", "--build", str(folder / "build")], capture_output=True, text=True)
    return ("compile" if built.returncode else "built"), built.stdout + built.stderr


STACK = {
    "base/types/id.h": "#pragma once\nstruct Id {};\n",
    "wire/smtp/reply.h": "#pragma once\nstruct Reply {};\n",
    "doors/smtp/serve.h": "#pragma once\nstruct Serve {};\n",
    "doors/pop3/serve.cc": "int pop3;\n",
}


def test_a_module_sees_what_it_names(tmp_path):
    tree(tmp_path, ["veredus_module(base/types)", "veredus_module(wire/smtp USES base/types)"],
         {**STACK, "wire/smtp/reply.cc": '#include "base/types/id.h"\n#include "wire/smtp/reply.h"\nId id;\n'})
    assert cmake(tmp_path)[0] == "built"


def test_a_header_of_a_module_not_named_does_not_compile(tmp_path):
    tree(tmp_path, ["veredus_module(base/types)", "veredus_module(wire/smtp)"],
         {**STACK, "wire/smtp/reply.cc": '#include "base/types/id.h"\nId id;\n'})
    stage, said = cmake(tmp_path)
    assert stage == "compile" and "base/types/id.h" in said


def test_seeing_is_not_handed_on(tmp_path):
    tree(tmp_path, ["veredus_module(base/types)", "veredus_module(wire/smtp USES base/types)", "veredus_module(doors/smtp USES wire/smtp)"],
         {**STACK, "doors/smtp/serve.cc": '#include "base/types/id.h"\nId id;\n'})
    stage, said = cmake(tmp_path)
    assert stage == "compile" and "base/types/id.h" in said


@pytest.mark.parametrize("declarations, complaint", [
    (["veredus_module(doors/smtp)", "veredus_module(wire/smtp USES doors/smtp)"], "'doors' is above 'wire'"),
    (["veredus_module(doors/smtp)", "veredus_module(doors/pop3 USES doors/smtp)"], "doors never use each other"),
    (["veredus_module(wire/smtp USES wire/mime)", "veredus_module(wire/mime USES wire/smtp)"], "not declared before it"),
    (["veredus_module(attic/smtp USES wire/mime)"], "in no wing"),
])
def test_a_forbidden_use_stops_the_configure_step(tmp_path, declarations, complaint):
    tree(tmp_path, declarations, STACK)
    stage, said = cmake(tmp_path)
    assert stage == "configure" and complaint in " ".join(said.split())
