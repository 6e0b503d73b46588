"""Each check of tidy.py must catch its bad snippet and pass its good twin."""

import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import tidy  # noqa: E402

GUARD = '/* x.h */\n#ifndef HZ_X_H\n#define HZ_X_H\n#endif\n'
BAD = [
    (tidy.direction, {'base/a.c': '#include "profiles/p.h"\n', 'profiles/p.h': GUARD}),
    (tidy.direction, {'validator/eval/a.c': '#include "validator/source/s.h"\n', 'validator/source/s.h': GUARD}),
    (tidy.direction, {'validator/engine/a.c': '#include "validator/api/h.h"\n', 'validator/api/h.h': GUARD}),
    (tidy.direction, {'reports/a.c': '#include "base/b_int.h"\n', 'base/b_int.h': GUARD}),
    (tidy.direction, {'base/a.c': '#include "a.h"\n', 'base/a.h': GUARD}),
    (tidy.direction, {'validator/eval/a.c': '#include "profiles/expr/p_int.h"\n', 'profiles/expr/p_int.h': GUARD}),
    (tidy.circles, {'base/a.h': '#include "base/b.h"\n', 'base/b.h': '#include "base/a.h"\n'}),
    (tidy.banned, {'base/a.c': 'void f(char *a) { strcpy(a, "x"); }\n'}),
    (tidy.banned, {'reports/a.c': 'void f(void) { printf("x"); }\n'}),
    (tidy.banned, {'profiles/a.c': 'void *f(void) { return malloc(3); }\n'}),
    (tidy.shape, {'base/a.c': 'int ' + 'a' * 130 + ';\n'}),
    (tidy.shape, {'base/a.c': '/* ' + '中' * 60 + ' */\n'}),
    (tidy.shape, {'base/a.c': 'int a; \n'}),
    (tidy.shape, {'base/a.c': '\tint a;\n'}),
    (tidy.shape, {'base/a.c': 'int a;\n' * 1001}),
    (tidy.headers, {'base/a.h': '#ifndef HZ_A_H\n#define HZ_A_H\n#endif\n'}),
    (tidy.headers, {'base/a.h': '/* a */\n#pragma once\n'}),
    (tidy.leftovers, {'base/a.c': '/* TO' + 'DO */\n'}),
    (tidy.leftovers, {'docs/a.md': 'see /wo' + 'rk/main\n'}),
    (tidy.leftovers, {'tests/cli/cases/a/expected.en': 'cannot read /ro' + 'ot/x\n'}),
    (tidy.leftovers, {'scripts/a': 'curl https://py' + 'pi.' + 'org\n'}),
    (tidy.messages, {'base/messages/a.def': 'HZ_MESSAGE(ONE, "零 {0}", "none")\n', 'base/a.c': 'HZ_MSG_ONE\n'}),
    (tidy.messages, {'base/messages/a.def': 'HZ_MESSAGE(ONE, "", "one")\n', 'base/a.c': 'HZ_MSG_ONE\n'}),
    (tidy.messages, {'base/messages/a.def': 'HZ_MESSAGE(ONE, "一", "one")\n', 'base/a.c': '\n'}),
    (tidy.messages, {'base/messages/a.def': 'HZ_MESSAGE(ONE, "一")\n', 'base/a.c': 'HZ_MSG_ONE\n'}),
    (tidy.functions, {'profiles/expr/functions.def': 'HZ_FUNCTION(AGE, "age", "dd:i", "", "")\n', 'docs/language.md': '### Functions\n'}),
    (tidy.functions, {'profiles/expr/functions.def': '', 'docs/language.md': '### Functions\n| `age(a, b)` | n | x |\n'}),
    (tidy.limits, {'base/limits.h': 'HZ_LIMIT(A, "a", 1, 2, "why")', 'docs/limits.md': 'old\n'}),
    (tidy.lint, {'validator/tasks/lint.def': 'HZ_LINT("L001", A, ERROR, "a", "一", "one")\n', 'docs/lint.md': 'old\n'}),
    (tidy.readme, {'README.md': '    scripts/nowhere\n'}),
    (tidy.readme, {'README.md': '[x](docs/nowhere.md)\n'}),
    (tidy.readme, {'docs/a.md': 'see `tests/nowhere/`\n'}),
    (tidy.readme, {'README.md': '$ hezhun fly\n', 'validator/cli/main.c': '&hz_verb_check'}),
    (tidy.readme, {'README.md': '    hezhun check --fly\n', 'validator/cli/main.c': '&hz_verb_check {OPT_A, "quiet", 0}'}),
]
GOOD = {
    'base/a.h': GUARD,
    'base/a.c': '#include "base/a.h"\n/* malloc(3) in words, and "printf(" in text */\nconst char *a = "printf(";\n',
    'validator/cli/main.c': '#include "base/a.h"\nint f(void) { printf("x"); }\n',
    'base/messages/a.def': 'HZ_MESSAGE(ONE, "一 {0}", "one {0}")\n',
    'base/b.c': 'HZ_MSG_ONE\n',
    'profiles/expr/a_int.h': GUARD,
    'profiles/a.c': '#include "profiles/expr/a_int.h"\n',
    'validator/cli/opt.c': '&hz_verb_check {OPT_A, "quiet", 0}\n',
    'README.md': '    scripts/demo\n[a](base/a.h) `base/*.c`\n$ build/hezhun check --quiet\n',
    'scripts/demo': '',
}


def tree_of(files):
    tree = tidy.Tree('.', [])
    tree.files = files
    return tree


class Tidy(unittest.TestCase):
    def test_bad_is_caught(self):
        for check, files in BAD:
            with self.subTest(check=check.__name__, files=list(files)):
                self.assertTrue(list(check(tree_of(files))))

    def test_every_check_has_a_bad_tree(self):
        self.assertEqual({check for check, _ in BAD}, set(tidy.CHECKS))

    def test_good_passes(self):
        for check in tidy.CHECKS:
            with self.subTest(check=check.__name__):
                self.assertEqual(list(check(tree_of(GOOD))), [])


if __name__ == '__main__':
    unittest.main()
