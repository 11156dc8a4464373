"""A reader of the formats that was written from docs/format.md alone.

    decode.py FILE.sqlite                       every entry of every stream as JSON, and how many ops of each kind
    decode.py FILE.sqlite KIND STREAM NUMBER    one blob, byte by byte
    decode.py FILE.sqlite batch NUMBER          one journal batch, byte by byte
    decode.py FILE.sqlite ops                   the shortest op of each kind

It checks every checksum and reads every blob and batch to its last byte.
"""

import collections
import json
import sqlite3
import sys

HEX_COLUMNS = 24
LONGEST_HEX = 40


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = TABLE[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    return crc ^ 0xFFFFFFFF


def table_entry(n):
    for _ in range(8):
        n = (n >> 1) ^ (0x82F63B78 if n & 1 else 0)
    return n


TABLE = [table_entry(n) for n in range(256)]


def unzigzag(n):
    return n >> 1 if n & 1 == 0 else -(n + 1 >> 1)


class Reader:
    """Reads bytes front to back, and keeps what it read in rows: from where to where, and what it was."""

    def __init__(self, data, at=0):
        self.data, self.at = data, at
        self.rows, self.begin, self.said = [], at, []

    def take(self, count):
        part = self.data[self.at : self.at + count]
        assert len(part) == count, "unexpected end"
        self.at += count
        return part

    def say(self, what, value=None):
        """Tells what was read last; without a name nothing is told."""
        if what is not None:
            self.said.append(what if value is None else f"{what} {value}")

    def row(self, about=None):
        """Ends a row of what belongs together."""
        if self.at > self.begin:
            text = ", ".join(self.said)
            self.rows.append((self.begin, self.at, f"{about}: {text}" if about and text else about or text))
        self.begin, self.said = self.at, []

    def number(self, count):
        return int.from_bytes(self.take(count), "little")

    def byte(self, what=None):
        value = self.number(1)
        self.say(what, value)
        return value

    def varint(self, what=None):
        value = shift = 0
        while True:
            byte = self.number(1)
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                self.say(what, value)
                return value

    def zigzag(self, what=None):
        value = unzigzag(self.varint())
        self.say(what, value)
        return value

    def text(self, what=None):
        value = self.take(self.varint())
        self.say(what, shown(value))
        return value

    def id(self, what=None):
        value = self.varint(), self.varint()
        self.say(what, "%d-%d" % value)
        return value

    def option(self, what=None):
        value = self.varint()
        value = None if value == 0 else value - 1
        self.say(what, "none" if value is None else value)
        return value

    def many(self, what, read):
        count = self.varint(what)
        return [read() for _ in range(count)]

    def nested(self, what, read):
        """A counted text that is laid out itself."""
        length = self.varint(what)
        self.row()
        inner = Reader(self.data[: self.at + length], self.at)
        value = read(inner)
        inner.end()
        self.rows += inner.rows
        self.at = self.begin = inner.at
        return value

    def end(self):
        self.row()
        assert self.at == len(self.data), "bytes left over"


def shown(data):
    text = data.decode("latin1")
    return json.dumps(text) if len(text) < 40 else f"{json.dumps(text[:20])} and so on, {len(text)} bytes"


def unseal(data):
    r = Reader(data)
    assert r.byte("version") == 1, "version"
    r.row()
    assert r.number(4) == crc32c(data[5:]), "checksum"
    r.row("checksum")
    return r


def value(r, node):
    """`node`: where the node's bytes begin."""
    head = r.varint()
    kind, n = head & 7, head >> 3

    def text_at():
        at = Reader(r.data, node + n)
        length = at.varint()
        assert length & 7 == 0
        return at.take(length >> 3)

    if kind == 0:
        found = r.take(n)
        r.say(f"text {shown(found)}")
    elif kind == 1:
        found = b"%d" % unzigzag(n)
        r.say(f"integer {found.decode()}")
    elif kind == 2:
        found = text_at()
        r.say(f"same as at {n}: {shown(found)}")
    elif kind == 3:
        found = text_at()[: r.varint()] + r.text()
        r.say(f"begins as at {n}: {shown(found)}")
    elif kind == 4:
        end = r.text()
        found = text_at()[: -len(end)] + end
        r.say(f"ends other than at {n}: {shown(found)}")
    elif kind == 5:
        decimals, number = (n & 3) + 1, unzigzag(n >> 2)
        digits = str(abs(number)).rjust(decimals + 1, "0")
        sign = "-" if number < 0 else ""
        found = f"{sign}{digits[:-decimals]}.{digits[-decimals:]}".encode()
        r.say(f"decimal {found.decode()}")
    else:
        assert kind == 6, "kind of a value"
        base = Reader(r.data, node + n).varint()
        assert base & 7 == 1
        found = b"%d" % (unzigzag(base >> 3) + r.zigzag())
        r.say(f"near that at {n}: {found.decode()}")
    return found


FLAGS = {1: "DELETED", 2: "SAME_FIELDS", 4: "SAME_MS", 8: "SEQ_FOLLOWS"}


def entries(r, first):
    start = r.at
    names = r.many("names", lambda: r.text("name"))
    r.row()
    ms, seq = first
    found = []
    while r.at < len(r.data):
        flags = r.byte()
        r.say(" | ".join(name for bit, name in FLAGS.items() if flags & bit) or "no flags")
        ms, last = (ms, seq) if flags & 4 else (ms + r.varint(), None)
        seq = (0 if last is None else last + 1) if flags & 8 else r.varint()
        r.say(f"ID {ms}-{seq}")
        if not flags & 2:
            r.row()
            fields = r.many("fields", lambda: (r.text("name"), value(r, start)))
        else:
            r.row()
            fields = [(name, value(r, start)) for name in names]
        r.row()
        if not flags & 1:
            found.append(((ms, seq), fields))
    return found


def segment(r):
    found = []
    count = r.varint("nodes")
    r.row()
    for _ in range(count):
        first, last = r.id("first"), r.id("last")
        live = r.varint("living")
        r.varint("deleted"), r.varint("listpack bytes")
        node = r.nested("bytes", lambda inner: entries(inner, first))
        assert len(node) == live and node[-1][0] <= last
        found += node
    r.end()
    return found


def plain(r):
    kind = r.byte()
    r.say(["string", "list", "set", "hash"][kind])
    length = r.varint("bytes")
    end = r.at + length
    while r.at < end:
        r.text("text")
    assert r.at == end


def producers(r):
    for what in ("duration", "max IDs", "added", "duplicates", "swept"):
        r.varint(what)
    r.row("producers")

    def producer():
        r.text("producer")
        r.many("IDs", lambda: (r.text("iid"), r.id("entry")))
        r.row()

    r.many("producers", producer)
    r.row()


def checksum(r):
    value = r.number(4)
    r.say("checksum")
    return value


def stream(r):
    r.varint("next segment"), r.varint("next group"), r.varint("next page")
    r.row()
    r.id("last ID"), r.varint("entries added"), r.id("greatest deleted ID")
    r.row()
    producers(r)
    groups = r.varint("groups")
    r.row()

    def line():
        r.row()
        number, _, _, _ = r.varint("segment"), r.id("first"), r.id("last"), r.id("first living")
        living, _, _ = r.varint("living"), r.varint("nodes"), r.varint("bytes in memory")
        return number, living, checksum(r)

    lines = r.many("segments", line)
    r.row()
    return groups, lines


def group(r):
    number, _ = r.varint("group"), r.text("name")
    r.row()
    r.id("last delivered"), r.option("entries read")
    r.row()

    def consumer():
        r.row()
        if r.byte("used"):
            r.text("name"), r.varint("seen"), r.option("active"), r.varint("pending")

    r.many("consumers", consumer)
    r.row()
    r.varint("next place"), r.varint("next turn")
    r.row()

    def line():
        r.row()
        page, _, _ = r.varint("page"), r.id("first"), r.id("last")
        count, released = r.varint("records"), r.varint("released")
        r.say(f"consumers' bits {r.varint():b}")
        r.row()
        if released < count:
            r.varint("oldest delivery"), r.varint("newest - oldest")
        if released > 0:
            r.varint("least place")
        return page, count, checksum(r)

    pages = r.many("pages", line)
    r.end()
    return number, pages


def page(r):
    def record():
        r.row()
        r.varint("ms +"), r.varint("seq"), r.varint("deliveries")
        owner = r.varint()
        if owner:
            r.say(f"consumer {owner - 1}"), r.zigzag("delivered +"), r.varint("turn +")
        else:
            r.say("nobody"), r.varint("place")

    count = len(r.many("records", record))
    r.end()
    return count


def outline(r):
    r.id("last ID"), r.varint("entries added"), r.id("greatest deleted ID")
    r.row()
    producers(r)


def group_outline(r):
    r.text("name"), r.varint("pages"), r.id("last delivered"), r.option("entries read")
    r.row()

    def slot():
        if r.byte("used"):
            r.text("name"), r.varint("seen"), r.option("active")

    r.many("consumers", slot)
    r.row()
    r.varint("next place"), r.varint("next turn")
    r.row()


def whole(r):
    groups, lines = stream(r)
    for _ in range(groups):
        _, pages = r.nested("bytes", group)
        for _ in pages:
            r.nested("bytes", page)
    for _ in lines:
        r.nested("bytes", segment)


def ops_of(data):
    """Each op with its rows."""
    r = unseal(data)
    r.varint("batch")
    r.row()
    key = lambda: (r.varint("database"), r.text("key"))
    part = lambda read: lambda what: lambda: read(what)
    v, t, i, option = part(r.varint), part(r.text), part(r.id), part(r.option)

    def ids():
        at = 0

        def one():
            nonlocal at
            at = (at + r.varint()) % 2**64
            r.say(f"{at}-{r.varint()}")

        r.many("IDs", one)

    def records():
        at = 0

        def one():
            nonlocal at
            at = (at + r.varint()) % 2**64
            r.say(f"{at}-{r.varint()} delivered {r.varint()} times")

        r.many("records", one)

    texts = lambda: r.many("texts", lambda: r.text("text"))
    inside = lambda read: lambda: r.nested("bytes", read)
    memory = (v("duration"), v("max IDs"))
    position = (t("group"), i("last delivered"), option("entries read"))
    names = (t("group"), t("consumer"))
    append = (i("ID"), texts)
    kinds = {
        0: ("create stream", *memory),
        1: ("remove key",),
        2: ("append to the last node", *append),
        3: ("append in a new node", *append),
        4: ("append in a new segment", *append),
        5: ("trim", i("through")),
        6: ("delete", ids),
        7: ("set counters", i("last ID"), v("entries added"), i("greatest deleted ID")),
        8: ("create group", *position),
        9: ("destroy group", t("group")),
        10: ("move group", *position),
        11: ("create consumer", *names, v("seen")),
        12: ("delete consumer", *names),
        13: ("see", *names, v("at")),
        14: ("deliver", *names, v("at"), option("active"), records),
        15: ("acknowledge", t("group"), ids),
        16: ("clear database",),
        17: ("release", t("group"), records),
        18: ("trim entries", ids),
        19: ("forget", ids),
        20: ("set memory", *memory),
        21: ("introduce", t("producer")),
        22: ("remember", t("producer"), t("iid"), i("entry")),
        23: ("count duplicate",),
        24: ("sweep", v("now")),
        25: ("put", lambda: plain(r)),
        26: ("expire", option("at")),
        27: ("move", key),
        28: ("copy", key),
        29: ("swap databases", v("with")),
        30: ("put stream", inside(whole)),
        31: ("put outline", inside(outline)),
        32: ("put segment", inside(segment)),
        33: ("put group", inside(group_outline)),
        34: ("put page", t("group"), inside(page)),
    }
    while r.at < len(data):
        begin, before = r.at, len(r.rows)
        head = r.byte()
        name, *parts = kinds[head & 0x7F]
        r.say("the same key") if head & 0x80 else key()
        for read in parts:
            read()
        r.row()
        first, *rest = r.rows[before:]
        rows = [(first[0], first[1], f"{name}: {first[2]}"), *rest]
        yield head & 0x7F, begin, r.at, rows
        r.rows[before:] = rows
    yield None, 0, r.at, r.rows


def explain(data, rows):
    for begin, end, about in rows:
        part = data[begin:end]
        more = len(part) - LONGEST_HEX
        part = part[:LONGEST_HEX] if more > 0 else part
        lines = [part[at : at + HEX_COLUMNS].hex(" ") for at in range(0, len(part), HEX_COLUMNS)]
        if more > 0:
            about += f" ({more} more bytes)"
        if len(lines) == 1 and len(lines[0]) <= 30:
            print(f"{lines[0]:<30}  {about}")
        else:
            print("\n".join(lines))
            print(f"{'':<30}  {about}")


class File:
    """What a storage has."""

    def __init__(self, path):
        db = sqlite3.connect(path)
        blobs, batches = collections.defaultdict(bytes), collections.defaultdict(bytes)
        for *key, _, data in db.execute("SELECT * FROM blob ORDER BY kind, stream, number, part"):
            blobs[tuple(key)] += data
        header = blobs.pop((0, 0, 1))
        self.start = int.from_bytes(header[1:9], "little")
        assert header[0] == 1 and self.start ^ int.from_bytes(header[9:], "little") == 2**64 - 1
        for number, data in db.execute("SELECT number, bytes FROM journal ORDER BY number, part"):
            batches[number] += data
        self.blobs, self.batches = dict(sorted(blobs.items())), dict(batches)

    def blob(self, kind, one, two):
        """Reads a blob; gives its reader and what it holds."""
        r = unseal(self.blobs[kind, one, two])
        if kind == 0:
            assert r.varint("first batch") == self.start
            r.varint("next key"), r.varint("keys")
            r.row()
            r.many("blobs for exports", lambda: (r.varint(), r.varint(), r.varint()))
            held = None
        elif kind == 1:
            assert r.varint("key") == one
            name = f"{r.varint('database')} {r.text('name').decode()}"
            r.option("expires")
            r.row()
            is_stream = r.byte("type") == 0
            r.row()
            held = name, stream(r) if is_stream else plain(r)
        elif kind == 2:
            assert r.varint("stream") == one
            held = group(r)
        else:
            held = segment(r) if kind == 3 else page(r)
        r.end()
        return r, held


def everything(file):
    lines, names = {}, {}
    for (kind, one, two), data in file.blobs.items():
        _, held = file.blob(kind, one, two)
        checksum = int.from_bytes(data[1:5], "little")
        if kind == 1:
            names[one], parts = held
            for number, living, sum in parts[1] if parts else []:
                lines[3, one, number] = living, sum
        elif kind == 2:
            for number, count, sum in held[1]:
                lines[4, one, number] = count, sum
        elif kind == 3:
            assert lines.pop((3, one, two)) == (len(held), checksum), "the index describes another"
            for at, fields in held:
                texts = [part.decode("latin1")[:80] for field in fields for part in field]
                print(json.dumps([names[one], "%d-%d" % at, texts]))
        elif kind == 4:
            assert lines.pop((4, one, two)) == (held, checksum), "the index describes another"
    assert not lines, "missing"
    kinds = collections.Counter()
    for number, data in file.batches.items():
        kinds.update(kind for kind, *_ in ops_of(data) if kind is not None)
    print(json.dumps({"ops": dict(sorted(kinds.items()))}))


def shortest_ops(file):
    best = {}
    for data in file.batches.values():
        for kind, begin, end, rows in ops_of(data):
            if kind is not None and (kind not in best or end - begin < best[kind][0]):
                best[kind] = end - begin, data, rows
    for _, (_, data, rows) in sorted(best.items()):
        # What is one text in the journal, and laid out itself, is not an example of an op.
        explain(data, rows[:1])


def main(path, *what):
    file = File(path)
    if not what:
        everything(file)
    elif what[0] == "ops":
        shortest_ops(file)
    elif what[0] == "batch":
        data = file.batches[int(what[1])]
        explain(data, list(ops_of(data))[-1][3])
    else:
        at = tuple(map(int, what))
        explain(file.blobs[at], file.blob(*at)[0].rows)


main(*sys.argv[1:])
