"""Overlays: what a chain of documents becomes."""

import os
import unittest

from . import load, overlay
from .helpers import LISTS
from .values import ProfileError

DATA = os.path.join(os.path.dirname(__file__), '..', 'data', 'profiles', 'overlay', 'good')


def good(name):
    return load.load(os.path.join(DATA, name + '.yaml'), LISTS)


def rules(profile):
    return {rule.id: rule for rule in profile.rules}


class Merge(unittest.TestCase):
    def test_only_the_keys_that_change(self):
        older = {'rules': {'R': {'on': 't', 'assert': 'a', 'tolerance': {'rate': '1', 'count': '2'}}, 'S': {'on': 't'}}}
        newer = {'rules': {'T': {}, 'R': {'tolerance': {'count': '1'}}}}
        whole = overlay.merge(older, newer, 'profile')
        self.assertEqual(list(whole['rules']), ['R', 'S', 'T'])
        self.assertEqual(whole['rules']['R'], {'on': 't', 'assert': 'a', 'tolerance': {'rate': '1', 'count': '1'}})

    def test_what_excludes_gives_way(self):
        older = {'tables': {'t': {'fields': {'a': {'type': 'text', 'required_when': 'b'}}}}}
        newer = {'tables': {'t': {'fields': {'a': {'codes': 'x', 'required': 'true'}}}}}
        whole = overlay.merge(older, newer, 'profile')
        self.assertEqual(whole['tables']['t']['fields']['a'], {'codes': 'x', 'required': 'true'})

    def test_what_a_profile_says_of_itself_is_not_inherited(self):
        whole = overlay.merge({'title': 'x', 'unit': 'u', 'version': '1'}, {'version': '2'}, 'profile')
        self.assertEqual(whole, {'unit': 'u', 'version': '2'})


class Chains(unittest.TestCase):
    def test_every_good_overlay_loads(self):
        names = sorted(name[:-5] for name in os.listdir(DATA) if name.endswith('.yaml'))
        self.assertGreaterEqual(len(names), 5)
        for name in names:
            with self.subTest(name):
                profile = good(name)
                self.assertIs(profile.chain[-1], profile)

    def test_a_diamond_is_loaded_once(self):
        profile = good('diamond')
        self.assertEqual([link.id for link in profile.chain], ['cn.base', 'cn.mid', 'cn.side', 'cn.city'])
        self.assertEqual([rules(link)['R-1'].severity for link in profile.chain], ['warning', 'warning', 'error', 'error'])
        self.assertEqual([rules(link)['R-2'].at_most for link in profile.chain], [2, 1, 2, 1])

    def test_tightened(self):
        profile = good('tighten')
        base = profile.chain[0]
        self.assertEqual(rules(profile)['R-1'].tolerance_count, 5)
        self.assertEqual(rules(base)['R-1'].tolerance_count, 10)
        self.assertNotIn('R-8', rules(profile))
        self.assertIn('R-8', rules(base))
        phone = profile.tables['person'].fields['phone']
        self.assertTrue(phone.pattern.fullmatch('13800000000'))
        self.assertFalse(phone.pattern.fullmatch('12000000000'))

    def test_circles_and_ways_out(self):
        with self.assertRaises(ProfileError):
            load.load(os.path.join(DATA, '..', 'bad', 'cycle.yaml'), LISTS)
        with self.assertRaises(ProfileError):
            load.load(os.path.join(DATA, '..', 'bad', 'path_leaves.yaml'), LISTS)


if __name__ == '__main__':
    unittest.main()
