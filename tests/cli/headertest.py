#!/usr/bin/env python3
"""The public header compiles by itself, as C11 and C++17, without a warning: headertest.py HEADER CC [CXX]"""
import subprocess
import sys

PROGRAM = """#include "HEADER"
#include "HEADER"
int main(void)
{
    hezhun_check_options check = HEZHUN_CHECK_OPTIONS_INIT;
    hezhun_context_options context = HEZHUN_CONTEXT_OPTIONS_INIT;
    hezhun_load_options load = HEZHUN_LOAD_OPTIONS_INIT;
    hezhun_render_options render = HEZHUN_RENDER_OPTIONS_INIT;
    hezhun_bytes bytes = HEZHUN_BYTES_INIT;
    return check.version + context.version + load.version + render.version == 4 && !bytes.ptr ? 0 : 1;
}
"""
WARNINGS = ["-Wall", "-Wextra", "-pedantic", "-Werror", "-fsyntax-only"]


def main():
    header, *compilers = sys.argv[1:]
    if len(compilers) < 2 or not compilers[1] or compilers[1].endswith("NOTFOUND"):
        print("no C++ compiler: C only")
        compilers = compilers[:1]
    for compiler, language, standard in zip(compilers, ("c", "c++"), ("c11", "c++17")):
        command = [compiler, "-x", language, f"-std={standard}", *WARNINGS, "-"]
        done = subprocess.run(command, input=PROGRAM.replace("HEADER", header), text=True, check=False)
        if done.returncode:
            print(f"{standard}: failed")
            return 1
        print(f"{standard}: good")
    return 0


if __name__ == "__main__":
    sys.exit(main())
