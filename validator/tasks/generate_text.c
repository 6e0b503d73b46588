/* generate_text.c: the makings of values: names, words, numbers with check digits, texts of a pattern. Surnames and
 * given names are common ones put together by chance; they name nobody. */
#include "base/utf8.h"
#include "validator/tasks/generate_int.h"

static const char *const surnames[] = {"王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周", "徐", "孙", "马",
                                       "朱", "胡", "郭", "何", "林", "罗", "高", "郑", "梁", "谢", "宋", "唐", "许",
                                       "邓", "韩", "冯", "曹", "彭", "曾", "肖", "田", "董", "潘", "袁", "蔡", "蒋",
                                       "余", "于", "杜", "叶", "程", "魏", "苏", "吕", "丁", "任", "卢", "姚", "沈",
                                       "钟", "姜", "崔", "谭", "陆", "范", "汪", "廖", "石", "金", "韦", "贾"};
static const char *const givens[] = {"伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳", "杰",
                                     "娟", "涛", "明", "超", "秀", "霞", "平", "刚", "桂", "英", "华", "玉", "兰",
                                     "萍", "红", "玲", "建", "国", "文", "志", "春", "梅", "海", "燕", "波", "辉",
                                     "鹏", "旭", "宁", "荣", "珍", "凤", "琴", "云", "莲", "德", "福", "祥", "贵",
                                     "成", "康", "有", "世", "永", "家", "昌", "全", "江", "山", "林", "峰"};
enum { SURNAMES = sizeof surnames / sizeof *surnames, GIVENS = sizeof givens / sizeof *givens };

void hz_gen_person_name(hz_buf *out, uint64_t surname, uint64_t given)
{
    hz_buf_puts(out, surnames[surname % SURNAMES]);
    hz_buf_puts(out, givens[given % GIVENS]);
    if (given / GIVENS % 4)
        hz_buf_puts(out, givens[given / GIVENS / 4 % GIVENS]);
}

uint64_t hz_gen_surname_of(hz_slice name)
{
    size_t first = hz_utf8_offset(name, 1);
    for (uint64_t i = 0; i < SURNAMES; i++)
        if (hz_slice_is(hz_slice_sub(name, 0, first), surnames[i]))
            return i;
    return name.len;
}

static void put_number(char *out, unsigned n, int length)
{
    for (int i = length; i-- > 0; n /= 10)
        out[i] = (char)('0' + n % 10);
}

/* GB 11643-1999: weights 2^(17 - i) mod 11. */
void hz_gen_resident(char out[18], hz_slice division, int32_t birth, char sex, uint32_t sequence)
{
    static const int weights[17] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
    hz_civil civil = hz_date_to_civil(birth);
    int sum = 0;
    memcpy(out, division.len >= 6 ? division.ptr : "110101", 6);
    put_number(out + 6, (unsigned)(civil.year % 10000), 4);
    put_number(out + 10, (unsigned)civil.month, 2);
    put_number(out + 12, (unsigned)civil.day, 2);
    put_number(out + 14, sequence % HZ_GEN_SEQUENCES * 2 + (sex == '1' ? 1 : 2), 3);
    for (int i = 0; i < 17; i++)
        sum += (out[i] - '0') * weights[i];
    out[17] = "10X98765432"[sum % 11];
}

/* GB 11714: weights 3 7 9 10 5 8 4 2; GB 32100: 3^i mod 31 over its alphabet. */
void hz_gen_uscc(char out[18], hz_slice division, uint64_t n)
{
    static const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRTUWXY";
    static const int inner[8] = {3, 7, 9, 10, 5, 8, 4, 2};
    char text[24];
    int sum = 0, weight = 1;
    memcpy(text, "91", 2);
    memcpy(text + 2, division.len >= 6 ? division.ptr : "110101", 6);
    put_number(text + 8, (unsigned)(n % 100000000), 8);
    for (int i = 0; i < 8; i++)
        sum += (text[8 + i] - '0') * inner[i];
    text[16] = "0123456789X"[(11 - sum % 11) % 11];
    sum = 0;
    for (int i = 0; i < 17; i++) {
        const char *at = strchr(alphabet, text[i]);
        sum += (int)(at ? at - alphabet : 0) * weight;
        weight = weight * 3 % 31;
    }
    text[17] = alphabet[(31 - sum % 31) % 31];
    memcpy(out, text, 18);
}

void hz_gen_bank(char out[19], uint64_t n)
{
    char text[32];
    int sum = 0;
    memcpy(text, "621799", 6);
    for (int i = 17; i >= 6; i--) {
        text[i] = (char)('0' + n % 10);
        n /= 10;
    }
    for (int i = 17; i >= 0; i--) {
        int digit = text[i] - '0';
        digit = (17 - i) % 2 == 0 ? digit * 2 : digit;
        sum += digit > 9 ? digit - 9 : digit;
    }
    text[18] = (char)('0' + (10 - sum % 10) % 10);
    memcpy(out, text, 19);
}

/* ---- texts of a pattern ----
 *
 * What profiles write: literals, classes, dots, groups with alternatives, counts. Anything else is taken as it stands,
 * and whoever draws tests the text against the pattern. */

typedef struct maker {
    hz_gen_block *block;
    hz_slice p;
    size_t at;
    hz_buf *out;
    unsigned depth;
} maker;

static void put_alternatives(maker *m, bool write);

static void put_class(maker *m, bool write)
{
    unsigned char from[64], to[64];
    size_t count = 0, total = 0;
    bool not_these = m->at < m->p.len && m->p.ptr[m->at] == '^';
    m->at += not_these;
    for (bool first = true; m->at < m->p.len && (first || m->p.ptr[m->at] != ']'); first = false) {
        unsigned char c = (unsigned char)m->p.ptr[m->at++];
        if (c == '\\' && m->at < m->p.len) {
            c = (unsigned char)m->p.ptr[m->at++];
            if (c == 'd') {
                if (count < 64) {
                    from[count] = '0';
                    to[count++] = '9';
                }
                continue;
            }
        }
        unsigned char d = c;
        if (m->at + 1 < m->p.len && m->p.ptr[m->at] == '-' && m->p.ptr[m->at + 1] != ']') {
            d = (unsigned char)m->p.ptr[m->at + 1];
            m->at += 2;
        }
        if (count < 64 && c < 128 && d < 128 && d >= c) {
            from[count] = c;
            to[count++] = d;
        }
    }
    m->at += m->at < m->p.len;
    if (!write)
        return;
    if (not_these || !count) {
        hz_buf_putc(m->out, (char)('a' + hz_rand_below(&m->block->rand, 26)));
        return;
    }
    for (size_t i = 0; i < count; i++)
        total += (size_t)(to[i] - from[i]) + 1;
    size_t pick = (size_t)hz_rand_below(&m->block->rand, total);
    for (size_t i = 0; i < count; i++) {
        size_t size = (size_t)(to[i] - from[i]) + 1;
        if (pick < size) {
            hz_buf_putc(m->out, (char)(from[i] + pick));
            return;
        }
        pick -= size;
    }
}

static void put_atom(maker *m, bool write)
{
    char c = m->p.ptr[m->at++];
    switch (c) {
    case '(':
        if (m->at + 1 < m->p.len && m->p.ptr[m->at] == '?' && m->p.ptr[m->at + 1] == ':')
            m->at += 2;
        put_alternatives(m, write);
        m->at += m->at < m->p.len;
        break;
    case '[':
        put_class(m, write);
        break;
    case '.':
        if (write)
            hz_buf_putc(m->out, (char)('0' + hz_rand_below(&m->block->rand, 10)));
        break;
    case '^':
    case '$':
        break;
    case '\\':
        if (m->at < m->p.len) {
            c = m->p.ptr[m->at++];
            if (write)
                hz_buf_putc(m->out, c == 'd'   ? (char)('0' + hz_rand_below(&m->block->rand, 10))
                                    : c == 's' ? ' '
                                    : c == 'w' ? 'a'
                                               : c);
        }
        break;
    default:
        if (write)
            hz_buf_putc(m->out, c);
    }
}

/* {m}, {m,}, {m,n}, ?, *, + behind an atom. */
static uint64_t count_behind(maker *m)
{
    uint64_t low = 1, high = 1;
    if (m->at >= m->p.len)
        return 1;
    char c = m->p.ptr[m->at];
    if (c == '?' || c == '*' || c == '+') {
        m->at++;
        low = c == '+';
        high = c == '?' ? 1 : low + 3;
    } else if (c == '{') {
        m->at++;
        for (low = 0; m->at < m->p.len && m->p.ptr[m->at] >= '0' && m->p.ptr[m->at] <= '9'; m->at++)
            low = low * 10 + (uint64_t)(m->p.ptr[m->at] - '0');
        high = low;
        if (m->at < m->p.len && m->p.ptr[m->at] == ',') {
            m->at++;
            high = m->at < m->p.len && m->p.ptr[m->at] == '}' ? low + 3 : 0;
            for (; m->at < m->p.len && m->p.ptr[m->at] >= '0' && m->p.ptr[m->at] <= '9'; m->at++)
                high = high * 10 + (uint64_t)(m->p.ptr[m->at] - '0');
        }
        m->at += m->at < m->p.len;
    }
    high = high < low ? low : high;
    uint64_t count = low + hz_rand_below(&m->block->rand, high - low + 1);
    return count > 64 ? 64 : count;
}

static void put_branch(maker *m, bool write)
{
    while (m->at < m->p.len && m->p.ptr[m->at] != '|' && m->p.ptr[m->at] != ')') {
        size_t begin = m->at;
        put_atom(m, false);
        size_t end = m->at;
        uint64_t count = count_behind(m);
        size_t after = m->at;
        for (uint64_t i = 0; write && i < count; i++) {
            m->at = begin;
            put_atom(m, true);
        }
        m->at = after;
        if (m->at == begin && end == begin)
            m->at++;
    }
}

static void put_alternatives(maker *m, bool write)
{
    size_t begin = m->at, branches = 1;
    if (m->depth > 20) {
        m->at = m->p.len;
        return;
    }
    m->depth++;
    put_branch(m, false);
    while (m->at < m->p.len && m->p.ptr[m->at] == '|') {
        m->at++;
        branches++;
        put_branch(m, false);
    }
    size_t end = m->at;
    if (write) {
        uint64_t pick = hz_rand_below(&m->block->rand, branches);
        m->at = begin;
        for (uint64_t i = 0; i < pick; i++) {
            put_branch(m, false);
            m->at++;
        }
        put_branch(m, true);
    }
    m->at = end;
    m->depth--;
}

hz_slice hz_gen_from_pattern(hz_gen_block *block, hz_slice pattern)
{
    hz_buf out = HZ_BUF_INIT;
    maker m = {.block = block, .p = pattern, .out = &out};
    out.max_bytes = 4096;
    put_alternatives(&m, true);
    hz_slice text = hz_gen_scratch(block, hz_buf_slice(&out));
    hz_buf_clear(&out);
    return text;
}
