"""Random CSV files for the tables of a generated profile, full of edges."""

from dataclasses import dataclass

DIVISIONS = [
    '52',
    '5201',
    '520102',
    '520100',
    '520000',
    '520102016',
    '520102016001',
    '520102016002',
    '520115',
    '110000',
    '110101',
    '1101',
    '429004',
    '110101001001',
    '999999',
    '522121',
    '520102999',
    '52010',
    '000000',
    '520102016999',
    '５２',
]
RESIDENT_IDS = [
    '11010519491231002X',
    '440524188001010014',
    '520102190001010017',
    '522121190003150428',
    '520102000101001',
    '520102000315998',
    '110105491231002',
    '11010519491231002x',
    '520102190001010010',
    '520102190002290014',
    '520102209912310018',
    '52010219000101001',
    '520102O90001010017',
]
VALUES = {
    'text': [
        'a',
        'A',
        'ab',
        'b',
        '01',
        '1',
        '12',
        '贫困户',
        '中文',
        'x y',
        ' a',
        'a ',
        '\u3000a\u3000',
        'Ａ１',
        "it's",
        '无',
        'NULL',
        '1234567890',
        '13800000000',
        'straße',
        '男',
        'a\tb',
        'a\u200bb',
        'А1',
        'Иван-2',
        '⼀二',
        '\ue81e',
        '\ufffd',
    ],
    'integer': ['0', '1', '2', '3', '5', '10', '-1', '+7', '007', '100', '31']
    + ['1.0', '1e3', ' 1', '１', '-', '1,000', 'x', '9223372036854775807'],
    'decimal': ['0', '1', '2.50', '10.5', '-3.25', '+1.10', '99999.99', '0.01', '1.5']
    + ['.5', '5.', '1.555', '1,5', 'x', '12345678901.00', '--1'],
    'boolean': ['1', '0', '1', '0', '是', '否', 'Y', 'N'] + ['2', 'true', ''],
    'date': [
        '2020-01-01',
        '2020-02-29',
        '2019-03-01',
        '1999-12-31',
        '2000-06-15',
        '2020-12-31',
        '1900-01-01',
        '20200131',
        '2020/1/5',
        '2020年03月01日',
    ]
    + ['2019-02-29', '2020-13-01', '2020-1-1', '0000-01-01', '9999-12-31', '20200230', '２０２０-01-01', '2020-00-10'],
    'month': ['2020-01', '2020-02', '2019-12', '1999-06', '202003'] + ['2020-13', '2020-1', '2020-01-01', '0000-05'],
    'datetime': ['2020-01-01 08:00', '2020-01-01T08:00:00', '2020-02-29T23:59:59.25', '1999-12-31 00:00:00']
    + ['2020-01-01', '2020-01-01 25:00', '2020-01-01 08:00:60'],
    'time': ['08:00', '08:00:00', '23:59:59.999999', '24:00:00', '00:00'] + ['24:00:01', '8:00', '08:60', '08'],
    'division': DIVISIONS,
    'resident_id': RESIDENT_IDS,
    'mobile': ['13800000000', '19900000000', '15912345678', '12800000000', '1380000000', '1380000000O'],
    'phone': ['13800000000', '0851-00000000', '085112345678', '021-1234567', '12345', '0851-000'],
    'uscc': [
        '91350100M000100Y43',
        '91110108551385082Q',
        '52520000520000004P',
        '91350100M000100Y44',
        '91350100I000100Y43',
        '9135',
    ],
    'organization_code': ['D2143569-X', 'D2143569X', '551385082', '551385081', 'D214356'],
    'bank_card': ['6222000000000009', '62100000000000009', '6222000000000000', '6222'],
    'disability_certificate': [
        '52010219000101001744',
        '52010219000101001773B1',
        '52010219000101001780',
        '5201021900010100174',
    ],
    'travel_document': ['E12345678', 'EA1234567', 'H12345678', '12345678', 'EI1234567', 'X1'],
}
ENDS = ['\n', '\r\n', '\r']


@dataclass
class FileData:
    """One file: header and records as bytes with their line ends, so that a shrinker can drop records."""

    path: str  # 'household.csv', 'previous/household.csv'
    head: bytes  # byte order mark and header line
    records: list  # bytes

    def content(self):
        return self.head + b''.join(self.records)


class Data:
    def __init__(self, rng):
        self.rng = rng
        self.clean = self.maybe(0.35)  # mostly good data, so that good grades and conformant submissions occur too
        self.serial = 0

    def maybe(self, share):
        return self.rng.random() < share

    def value(self, table, name, spec):
        """A cell's text for a field as the profile has it."""
        if self.maybe(0.01 if self.clean else 0.12):
            return self.rng.choice(['', '', '无', 'NULL', ' ', 'x'])
        if spec.get('many'):
            items = [self.single(name, spec) for _ in range(self.rng.choice([1, 1, 2, 2, 3]))]
            return spec['many'].join(items)
        text = self.single(name, spec)
        if (spec.get('trim') or spec.get('fold')) and self.maybe(0.3):
            text = self.rng.choice([f' {text}', f'{text}\u3000', text.replace('1', '１'), text.upper(), f'\t{text}'])
        return text

    def single(self, name, spec):
        if 'codes' in spec:
            return self.code(spec)
        kinds = spec.get('type', 'text')
        kind = (self.rng.choice(kinds) if isinstance(kinds, list) else kinds).partition('(')[0]
        pool = VALUES[kind]
        if kind == 'boolean' and 'true' in spec and self.maybe(0.7):
            pool = [
                text for key in ('true', 'false') for text in ([spec[key]] if isinstance(spec[key], str) else spec[key])
            ]
        if name == 'key' or spec.get('x-serial'):
            self.serial += 1
            return str(self.serial if self.clean else self.rng.randint(1, 40))
        return self.rng.choice(pool[:3] if self.clean and self.maybe(0.98) else pool)

    def code(self, spec):
        if isinstance(spec['codes'], dict):
            codes, names = list(spec['codes']), [
                name if isinstance(name, str) else name['zh'] for name in spec['codes'].values()
            ]
        else:
            codes, names = {
                'GB/T 2261.1': (['0', '1', '2', '9'], ['男性', '女性', 'Male']),
                'registry.household_attribute': (['01', '02', '03', '05'], ['低保户', '一般农户']),
            }[spec['codes']]
        if spec.get('names') and self.maybe(0.3):
            return self.rng.choice(names)
        return (
            self.rng.choice(codes)
            if self.maybe(0.99 if self.clean else 0.88)
            else self.rng.choice(['99', 'x', '1 ', ''])
        )

    # --- files ---

    def files(self, tables, folder=''):
        out = []
        for name, table in tables.items():
            if table.get('included'):
                continue
            if self.maybe(
                (0.0 if self.clean else 0.04) if not (table.get('optional') or table.get('external')) else 0.4
            ):
                continue
            count = self.rng.choice([1, 1, 1, 2, 3])
            for number in range(count):
                suffix = '' if count == 1 else f'_{number}'
                out.append(self.file(name, table, f'{folder}{name}{suffix}.csv'))
        return out

    def file(self, name, table, path):
        fields = table['fields']
        columns = list(fields)
        if self.maybe(0.3):
            self.rng.shuffle(columns)
        delimiter = self.rng.choice([',', ',', ',', ';', '\t', '|'])
        end = self.rng.choice(ENDS)
        header = []
        dropped = self.rng.choice(columns) if self.maybe(0.08) and not self.clean and len(columns) > 2 else None
        columns = [column for column in columns if column != dropped]
        for column in columns:
            title = fields[column].get('title')
            header.append(title if isinstance(title, str) and self.maybe(0.3) else column)
        extra = []
        if self.maybe(0.1) and not self.clean:
            extra.append(self.rng.choice(['备注', 'extra', columns[0]]))
        head = self.line(header + extra, delimiter, end, plain=True)
        if self.maybe(0.1):
            head = head[: -len(end)] + delimiter.encode() + end.encode()
        if self.maybe(0.2):
            head = b'\xef\xbb\xbf' + head
        rows = self.rng.choice([0, 1, 3, 8, 15, 25])
        records = []
        budget = {'bytes': 2, 'nul': 1, 'open': 1}
        for _ in range(rows):
            cells = [self.value(name, column, fields[column]) for column in columns] + ['z'] * len(extra)
            records.append(
                self.damaged(
                    self.line(cells, delimiter, self.rng.choice(ENDS) if self.maybe(0.05) else end), delimiter, budget
                )
            )
            if self.maybe(0.1) and len(records) > 1 and not self.clean:
                records.append(records[-1])
        if records and self.maybe(0.2):
            records[-1] = records[-1].rstrip(b'\r\n')
        return FileData(path, head, records)

    def line(self, cells, delimiter, end, plain=False):
        out = []
        for cell in cells:
            special = any(char in cell for char in (delimiter, '"', '\n', '\r'))
            if special or (not plain and self.maybe(0.1)):
                cell = '"' + cell.replace('"', '""') + '"'
            out.append(cell)
        if len(out) == 1 and out[0] == '':
            out[0] = '""'
        return (delimiter.join(out) + end).encode()

    def damaged(self, line, delimiter, budget):
        """Sometimes a record with a defect."""
        if self.clean or not self.maybe(0.06):
            return line
        body = line.rstrip(b'\r\n')
        end = line[len(body) :]
        kind = self.rng.choice(['long', 'short', 'quote', 'inside', 'bytes', 'nul', 'open', 'empty', 'trailing'])
        if kind in budget:
            if budget[kind] == 0:
                return line
            budget[kind] -= 1
        at = self.rng.randint(0, len(body))
        return {
            'long': lambda: body + delimiter.encode() + b'q' + end,
            'short': lambda: body.rpartition(delimiter.encode())[0] + end,
            'quote': lambda: b'"ab"c' + delimiter.encode() + body + end,
            'inside': lambda: b'a"b' + body + end,
            'bytes': lambda: body[:at] + b'\xff' + body[at:] + end,
            'nul': lambda: body[:at] + b'\0' + body[at:] + end,
            'open': lambda: b'"' + body + end,
            'empty': lambda: line + end,
            'trailing': lambda: body + delimiter.encode() + end,
        }[kind]()
