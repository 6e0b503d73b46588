#!/usr/bin/env python3
"""The public header compiles by itself, as C11 and C++17, without a warning: headertest.py HEADER CC [CXX]"""
import subprocess
import sys

WARNINGS = ["-Wall", "-Wextra", "-pedantic", "-Werror", "-fsyntax-only"]


def main():
    header, *compilers = sys.argv[1:]
    if len(compilers) < 2 or not compilers[1] or compilers[1].endswith("NOTFOUND"):
        print("no C++ compiler: C only")
        compilers = compilers[:1]
    for compiler, language, standard in zip(compilers, ("c", "c++"), ("c11", "c++17")):
        code = f'#include "{header}"\n#include "{header}"\nint main(void) {{ hezhun_check_options options = HEZHUN_CHECK_OPTIONS_INIT; return options.threads != 0; }}\n'
        done = subprocess.run([compiler, "-x", language, f"-std={standard}", *WARNINGS, "-"], input=code, text=True, check=False)
        if done.returncode:
            print(f"{standard}: failed")
            return 1
        print(f"{standard}: good")
    return 0


if __name__ == "__main__":
    sys.exit(main())
