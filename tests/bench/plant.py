"""Planted defects: a copy of a submission in which a seed decides what is wrong where, so that both sides of a comparison have something to find."""

import csv
import random
from pathlib import Path

FILES = ('provinces.csv', 'cities.csv', 'areas.csv', 'streets.csv', 'villages.csv', 'second/area.csv', 'second/town.csv')


def mutate(row, rows, source):
    """Changes one cell of the row, or makes the row a copy of another; the ways are those that the rules watch."""
    cell = source.randrange(len(row))
    other = rows[source.randrange(len(rows))]
    way = source.randrange(11)
    if way == 0:
        row[cell] = ''
    elif way == 1:
        row[cell] = other[cell]
    elif way == 2:
        row[:] = other
    elif way == 3 and row[cell]:
        at = source.randrange(len(row[cell]))
        row[cell] = row[cell][:at] + source.choice('0123456789X０镇') + row[cell][at + 1 :]
    elif way == 4:
        row[cell] = row[cell][:-1]
    elif way == 5:
        row[cell] += source.choice(['0', ' ', '，', '(x)', '，"引号"', '\n换行'])
    elif way == 6:
        row[1] = row[1] * source.choice([8, 20])
    elif way == 7:
        row[1] = row[1][:2] + source.choice(['街道', '街道办事处', '镇', '乡', '居委会', '居民委员会', '村委会', '村民委员会'])
    elif way == 8 and len(row[0]) >= 9:
        row[0] = row[0][:-3] + f'{source.randrange(1000):03}'
    elif way == 9:
        row[1] = other[1]
    else:
        row[0] = row[0][:-2] + '00'


def plant(folder, target, seed, share=0.003, least=4):
    """Copies the submission's files from folder to target; about `share` of the rows of each, but at least `least`, are changed,
    some deleted. Returns how many."""
    source = random.Random(seed)
    changed = 0
    for name in FILES:
        with open(Path(folder) / name, encoding='utf-8', newline='') as file:
            header, *rows = csv.reader(file)
        for _ in range(max(least, int(len(rows) * share))):
            if source.random() < 0.1:
                del rows[source.randrange(len(rows))]
            else:
                mutate(rows[source.randrange(len(rows))], rows, source)
            changed += 1
        path = Path(target) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, 'w', encoding='utf-8', newline='') as file:
            csv.writer(file, lineterminator='\n').writerows([header, *rows])
    return changed
