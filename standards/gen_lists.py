#!/usr/bin/env python3
"""gen_lists.py FACTS_DIR DATA_DIR: makes standards/data/*.tsv from the folder of fact tables.

Run by hand when the facts change; the results are committed. Form of the files: standards/codelist.h.
No code is made up here: every code comes from a fact table, and what is unverified there keeps its status.
"""
import csv
import os
import re
import sys

FACTS = DATA = ""


def read(name):
    with open(os.path.join(FACTS, name), encoding="utf-8", newline="") as f:
        return list(csv.DictReader(f, delimiter="\t", quoting=csv.QUOTE_NONE))


def write(name, properties, columns, rows):
    """Columns that are empty in every row are left out, but for code and name_zh."""
    kept = [c for c in columns if c in ("code", "name_zh") or any(r.get(c) for r in rows)]
    with open(os.path.join(DATA, name), "w", encoding="utf-8", newline="\n") as f:
        for key, value in properties:
            if value:
                assert "\n" not in value and "\t" not in value, (name, key)
                f.write("# %s: %s\n" % (key, value))
        f.write("\t".join(kept) + "\n")
        for r in rows:
            cells = [r.get(c) or "" for c in kept]
            assert not any("\t" in c or "\n" in c for c in cells), (name, r)
            f.write("\t".join(cells) + "\n")


# (file of the facts and of ours, properties)
STANDARDS = [
    ("gbt2261_1_sex.tsv", {
        "id": "GB/T 2261.1",
        "aliases": "GBT2261.1, GB/T 2261.1-2003, sex",
        "title_zh": "个人基本信息分类与代码 第1部分：人的性别代码",
        "title_en": "Codes for sexual distinction of human",
        "edition": "2003",
        "source": "repositories tourze/gb-t-2261 (f047f7d) and zpldongxie/api-server-fastify (bfa8a7f), which agree",
        "status": "complete",
    }),
    ("gbt2261_2_marital_status.tsv", {
        "id": "GB/T 2261.2",
        "aliases": "GBT2261.2, GB/T 2261.2-2003, marital_status",
        "title_zh": "个人基本信息分类与代码 第2部分：婚姻状况代码",
        "title_en": "Codes for marital status",
        "edition": "2003",
        "source": "repositories tourze/gb-t-2261 (f047f7d) and zpldongxie/api-server-fastify (bfa8a7f), which agree",
        "status": "complete",
    }),
    ("gbt2261_3_health_status.tsv", {
        "id": "GB/T 2261.3",
        "aliases": "GBT2261.3, GB/T 2261.3-2003, health_status",
        "title_zh": "个人基本信息分类与代码 第3部分：健康状况代码",
        "title_en": "Codes for health status",
        "edition": "2003",
        "source": "repositories tourze/gb-t-2261 (f047f7d) and zpldongxie/api-server-fastify (bfa8a7f)",
        "status": "complete",
        "note": "one-digit and two-digit tables in one list; complete as in the sources; the pair of codes 30 and "
                "40 is uncertain",
    }),
    ("gbt2261_4_personal_status.tsv", {
        "id": "GB/T 2261.4",
        "aliases": "GBT2261.4, GB/T 2261.4-2003, personal_status",
        "title_zh": "个人基本信息分类与代码 第4部分：从业状况（个人身份）代码",
        "title_en": "Codes for employment status",
        "edition": "2003",
        "source": "repository tourze/gb-t-2261 (f047f7d), which labels it part 5",
        "status": "complete",
        "note": "one source only",
    }),
    ("gbt2261_5_hk_mo_tw_overseas.tsv", {
        "id": "GB/T 2261.5",
        "aliases": "GBT2261.5, GB/T 2261.5-2003, hk_mo_tw_overseas",
        "title_zh": "个人基本信息分类与代码 第5部分：港澳台侨属代码",
        "title_en": "Codes for Hong Kong, Macao, Taiwan and overseas Chinese",
        "edition": "2003",
        "source": "repository zpldongxie/api-server-fastify (bfa8a7f), education standard list GATQW",
        "status": "partial",
        "note": "that the education list equals GB/T 2261.5 is unverified",
    }),
    ("gbt3304_ethnic_groups.tsv", {
        "id": "GB/T 3304",
        "aliases": "GBT3304, GB 3304, GB/T 3304-1991, ethnic_group",
        "title_zh": "中国各民族名称的罗马字母拼写法和代码",
        "title_en": "Names of nationalities of China in romanization with codes",
        "edition": "1991",
        "source": "repositories tourze/gb-t-3304 (3387585), rw-bsoft/his (8d26b62), bailei1987/dotnet (60b422f)",
        "status": "complete",
        "note": "97 and 98 come from one source and general use; local codes for unrecognised groups differ; "
                "alpha codes are unverified",
    }),
    ("gbt4658_education.tsv", {
        "id": "GB/T 4658",
        "aliases": "GBT4658, GB/T 4658-2006, education",
        "title_zh": "学历代码",
        "title_en": "Codes for record of formal schooling",
        "edition": "2006",
        "source": "repositories tourze/gb-t-4658 (10348a9), zpldongxie/api-server-fastify, rw-bsoft/his, which agree",
        "status": "complete",
    }),
    ("gbt4754_industries.tsv", {
        "id": "GB/T 4754",
        "aliases": "GBT4754, GB/T 4754-2017, industry",
        "title_zh": "国民经济行业分类",
        "title_en": "Industrial classification for national economic activities",
        "edition": "2017",
        "source": "repository zmshe/capital, category.js (0b8f1ae)",
        "status": "complete",
        "note": "20 sections, 97 divisions, 473 groups, 1380 classes; 198 groups with one class were derived from "
                "that class; amendment 1 of 2019 not checked; a few names may carry typing errors of the source",
    }),
    ("gbt4761_family_relationship.tsv", {
        "id": "GB/T 4761",
        "aliases": "GBT4761, GB/T 4761-2008, family_relationship",
        "title_zh": "家庭关系代码",
        "title_en": "Codes for family relationship",
        "edition": "2008",
        "source": "repository mabo0001/csharpforqingce (4f11c14), spot checks in rw-bsoft/his and bailei1987/dotnet",
        "status": "complete",
        "note": "two-digit codes; implied_sex (GB/T 2261.1) and generation (0 same, 1 older, -1 younger) are "
                "derived, not in the standard",
    }),
    ("gbt4761_family_relationship_1digit.tsv", {
        "id": "GB/T 4761.1digit",
        "aliases": "GB/T 4761-1digit, family_relationship_1digit",
        "title_zh": "家庭关系代码（一位）",
        "title_en": "Codes for family relationship, one digit",
        "edition": "2008",
        "source": "repository rw-bsoft/his",
        "status": "complete",
        "note": "code 0 from general knowledge",
    }),
    ("gbt4762_political_status.tsv", {
        "id": "GB/T 4762",
        "aliases": "GBT4762, GB 4762, GB/T 4762-1984, political_status",
        "title_zh": "政治面貌代码",
        "title_en": "Codes for political status",
        "edition": "1984",
        "source": "repositories tourze/gb-t-4762 (8964d36), zpldongxie/api-server-fastify, which agree",
        "status": "complete",
        "note": "04: sources differ between 会员 and 党员",
    }),
    ("gbt6565_occupations.tsv", {
        "id": "GB/T 6565",
        "aliases": "GBT6565, GB/T 6565-2015, occupation",
        "title_zh": "职业分类与代码",
        "title_en": "Classification and codes of occupations",
        "edition": "2015",
        "source": "repository anthonyliantao/awesome-occupation-standard, table 1 of the text of the standard",
        "status": "complete",
        "note": "8 major, 73 middle, 428 minor groups",
    }),
    ("gbt8561_technical_post_series.tsv", {
        "id": "GB/T 8561",
        "aliases": "GBT8561, GB/T 8561-2001, technical_post",
        "title_zh": "专业技术职务代码",
        "title_en": "Codes for technical posts",
        "edition": "2001",
        "source": "repository bailei1987/dotnet (60b422f), copy of JY/T 1001",
        "status": "partial",
        "note": "series level only, no grades; 370 is probably 体育教练, the source writes 体育锻炼",
    }),
]


def standards():
    for name, properties in STANDARDS:
        rows = read(name)
        write(name, properties.items(), list(rows[0]), rows)


def divisions():
    """The history table, with parents and English names. 1981 in the facts means 1981 or earlier: open."""
    now = {r["code"]: r for r in read("gbt2260_divisions.tsv")}
    history = read("gbt2260_divisions_history.tsv")
    codes = {r["code"] for r in history}
    rows = []
    for r in sorted(history, key=lambda r: (r["code"], int(r["valid_from"]))):
        code, level = r["code"], r["level"]
        prefecture, province = code[:4] + "00", code[:2] + "0000"
        parent = "" if level == "1" else prefecture if level == "3" and prefecture in codes else province
        row = dict(r, parent=parent, name_en="", note="")
        if r["valid_from"] == "1981":
            row["valid_from"] = ""
        if r["status"] == "active":
            assert now[code]["name_zh"] == r["name_zh"] and now[code]["parent"] == parent, code
            row["name_en"], row["note"] = now[code]["name_en"], now[code]["note"]
        if level == "1":
            row["name_en"] = now[code]["name_en"]
        rows.append(row)
    columns = "code name_zh name_en level parent valid_from valid_to province_zh prefecture_zh status new_codes note"
    write("gbt2260_divisions.tsv", {
        "id": "GB/T 2260",
        "aliases": "GBT2260, GB 2260, GB/T 2260-2007, division",
        "title_zh": "中华人民共和国行政区划代码",
        "title_en": "Codes for the administrative divisions of the People's Republic of China",
        "edition": "2007, kept up to date by the list of the Ministry of Civil Affairs; state at the end of 2024",
        "source": "repository yescallop/areacodes (eed219a), compared with china-division 2.7.0",
        "status": "complete",
        "note": "every code since 1981 with the years in which it held; an open valid_from means 1981 or earlier; "
                "valid_to is the first year in which the row no longer holds; new_codes: codes after the change, "
                "[year] when it came in another year; level 1 province, 2 prefecture, 3 county;"
                " English names for provinces only; changes of 2025 not included",
    }.items(), columns.split(), rows)


BELOW_COUNTY = [
    ("division_townships.tsv", "guizhou_townships.tsv", {
        "id": "division.township",
        "aliases": "统计用区划代码.乡级",
        "title_zh": "统计用区划代码：乡级（贵州省）",
        "title_en": "Statistical division codes, townships (Guizhou)",
        "level": "township",
        "note": "1510 townships and subdistricts of 88 counties; later mergers missing; codes of years before 2023 "
                "differ where counties were merged",
    }),
    ("division_villages.tsv", "guizhou_villages.tsv", {
        "id": "division.village",
        "aliases": "统计用区划代码.村级",
        "title_zh": "统计用区划代码：村级（贵州省）",
        "title_en": "Statistical division codes, villages and communities (Guizhou)",
        "level": "village",
        "note": "17964 villages and communities; the urban-rural class code is not in the source",
    }),
]


def below_county():
    shared = {"edition": "2023-06-30", "status": "complete", "covers": "52",
              "source": "china-division 2.7.0 (National Bureau of Statistics list of 2023-06-30)"}
    for name, facts, properties in BELOW_COUNTY:
        rows = read(facts)
        write(name, dict(properties, **shared).items(), list(rows[0]), rows)


OWN_CODES = "codes N01, N02 … stand for names whose code is not known: they are no codes of the registry"


def registry():
    index = read("registry_codelists_index.tsv")
    items = read("registry_codelists.tsv")
    assert {r["list_id"] for r in items} == {r["list_id"] for r in index}
    for i in index:
        rows = [r for r in items if r["list_id"] == i["list_id"]]
        assert len(rows) == int(i["items"]), i["list_id"]
        note = i["note"]
        if any(re.fullmatch(r"N\d+", r["code"]) for r in rows):
            note = "; ".join(filter(None, [note, OWN_CODES]))
        write("registry_%s.tsv" % i["list_id"], {
            "id": "registry." + i["list_id"],
            "title_zh": i["title_zh"],
            "title_en": i["title_en"],
            "national_field": i["national_field"],
            "source": "public repositories of regional registry systems and published forms",
            "status": "observed" if all(r["status"] == "observed" for r in rows) else "partial",
            "note": note,
        }.items(), "code name_zh name_en status valid_from valid_to note".split(), rows)


LINES = {
    "national": ("国家扶贫标准", "National poverty line"),
    "guizhou_working_line": ("贵州省工作标准", "Guizhou working line"),
    "monitoring_range_national": ("国家防返贫监测范围", "National monitoring range"),
    "monitoring_range_guizhou": ("贵州省防返贫监测范围", "Guizhou monitoring range"),
    "shaanxi_threshold": ("陕西省系统阈值", "Threshold of a Shaanxi system"),
}


def poverty_lines():
    rows = []
    for r in read("poverty_lines.tsv"):
        zh, en = LINES[r["line_id"]]
        rows.append(dict(r, code=r["line_id"], name_zh=zh, name_en=en, valid_from=r["year"],
                         valid_to=str(int(r["year"]) + 1)))
    columns = "code name_zh name_en valid_from valid_to yuan_per_capita price_basis status note"
    write("registry_poverty_line.tsv", {
        "id": "registry.poverty_line",
        "aliases": "registry.poverty_lines, poverty_lines",
        "title_zh": "年度贫困标准和监测范围",
        "title_en": "Yearly poverty lines and monitoring ranges",
        "source": "public texts, see the note of each row",
        "status": "partial",
        "note": "a row a line and year, in yuan a person and year; most yearly values are unverified, see status",
    }.items(), columns.split(), rows)


DIMENSIONS = {"规范性": "normativity", "完整性": "completeness", "准确性": "accuracy", "一致性": "consistency",
              "时效性": "timeliness", "可访问性": "accessibility"}
# gbt36344.md: the other codes follow the same numbering and are from general knowledge.
CONFIRMED = {"0304", "0305", "0401"}


def indicators():
    rows = []
    with open(os.path.join(FACTS, "gbt36344.md"), encoding="utf-8") as f:
        for line in f:
            cells = [c.strip() for c in line.strip().strip("|").split("|")]
            if len(cells) != 6 or not re.fullmatch(r"\d{4}", cells[0]):
                continue
            code, dimension, names, numerator, denominator, good = cells
            zh, en = names.split(" ", 1)
            m = re.fullmatch(r"(.*?)(?: \((.*)\))?", en)
            rows.append({"code": code, "name_zh": zh, "name_en": m.group(1), "dimension": DIMENSIONS[dimension],
                         "dimension_zh": dimension, "numerator": numerator, "denominator": denominator, "good": good,
                         "status": "observed" if code in CONFIRMED else "code unverified", "note": m.group(2) or ""})
    assert len(rows) == 20
    columns = "code name_zh name_en dimension dimension_zh numerator denominator good status note"
    write("gbt36344_indicators.tsv", {
        "id": "GB/T 36344",
        "aliases": "GBT36344, GB/T 36344-2018, quality_indicator",
        "title_zh": "信息技术 数据质量评价指标",
        "title_en": "Information technology - Evaluation indicators for data quality",
        "edition": "2018",
        "source": "public repositories and texts; dimensions, names and formulas confirmed",
        "status": "complete",
        "note": "value = numerator / denominator; good: which direction is good; four-digit codes but 0304, 0305 and "
                "0401 are unverified",
    }.items(), columns.split(), rows)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: gen_lists.py FACTS_DIR DATA_DIR")
    FACTS, DATA = sys.argv[1], sys.argv[2]
    os.makedirs(DATA, exist_ok=True)
    for make in (standards, divisions, below_county, registry, poverty_lines, indicators):
        make()
