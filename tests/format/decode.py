"""A reader of the formats that was written from docs/format.md alone: python3 decode.py FILE.sqlite

It checks every checksum, reads every blob and batch to its last byte, and prints the entries of every
stream as JSON and how many ops of each kind there are.
"""

import collections
import json
import sqlite3
import sys


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


class Reader:
    def __init__(self, data, at=0):
        self.data, self.at = data, at

    def take(self, count):
        part = self.data[self.at : self.at + count]
        assert len(part) == count, "unexpected end"
        self.at += count
        return part

    def byte(self):
        return self.take(1)[0]

    def varint(self):
        value = shift = 0
        while True:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7

    def text(self):
        return self.take(self.varint())

    def id(self):
        return self.varint(), self.varint()

    def option(self):
        value = self.varint()
        return None if value == 0 else value - 1

    def many(self, read):
        return [read() for _ in range(self.varint())]

    def end(self):
        assert self.at == len(self.data), "bytes left over"


def unseal(data):
    assert data[0] == 1, "version"
    assert int.from_bytes(data[1:5], "little") == crc32c(data[5:]), "checksum"
    return Reader(data, 5)


def unzigzag(n):
    return n >> 1 if n & 1 == 0 else -(n + 1 >> 1)


def integer(r):
    return unzigzag(r.varint())


def text_at(node, at):
    r = Reader(node, at)
    head = r.varint()
    assert head & 7 == 0
    return r.take(head >> 3)


def value(r, node):
    head = r.varint()
    kind, n = head & 7, head >> 3
    if kind == 0:
        return r.take(n)
    if kind == 1:
        return b"%d" % unzigzag(n)
    if kind == 2:
        return text_at(node, n)
    if kind == 3:
        return text_at(node, n)[: r.varint()] + r.text()
    if kind == 4:
        end = r.text()
        return text_at(node, n)[: -len(end)] + end
    if kind == 5:
        decimals, number = (n & 3) + 1, unzigzag(n >> 2)
        digits = str(abs(number)).rjust(decimals + 1, "0")
        sign = "-" if number < 0 else ""
        return f"{sign}{digits[:-decimals]}.{digits[-decimals:]}".encode()
    assert kind == 6, "kind of a value"
    base = Reader(node, n).varint()
    assert base & 7 == 1
    return b"%d" % (unzigzag(base >> 3) + integer(r))


def entries(node, first):
    r = Reader(node)
    names = r.many(r.text)
    ms, seq = first
    while r.at < len(node):
        flags = r.byte()
        if not flags & 4:
            ms, last = ms + r.varint(), None
        else:
            last = seq
        if not flags & 8:
            seq = r.varint()
        else:
            seq = 0 if last is None else last + 1
        if flags & 2:
            fields = [(name, value(r, node)) for name in names]
        else:
            fields = r.many(lambda: (r.text(), value(r, node)))
        if not flags & 1:
            yield (ms, seq), fields


def segment(r):
    found = []
    for _ in range(r.varint()):
        first, last = r.id(), r.id()
        live, _, _ = r.varint(), r.varint(), r.varint()
        node = list(entries(r.text(), first))
        assert len(node) == live and node[-1][0] <= last
        found += node
    r.end()
    return found


def plain(r):
    return r.byte(), r.text()


def stream(r):
    head = r.varint(), r.varint(), r.varint(), r.id(), r.varint(), r.id()
    producers = [r.varint() for _ in range(5)], r.many(
        lambda: (r.text(), r.many(lambda: (r.text(), r.id())))
    )
    groups = r.varint()
    line = lambda: (r.varint(), r.id(), r.id(), r.id(), r.varint(), r.varint(), r.varint())
    return head, producers, groups, r.many(line)


def group(r):
    number, name = r.varint(), r.text()
    position = r.id(), r.option()
    consumer = lambda: (r.text(), r.varint(), r.option(), r.varint()) if r.byte() else None
    consumers = r.many(consumer)
    r.varint(), r.varint()
    pages = []
    for _ in range(r.varint()):
        page, first, last, count, released = r.varint(), r.id(), r.id(), r.varint(), r.varint()
        r.varint()
        if released < count:
            r.varint(), r.varint()
        if released > 0:
            r.varint()
        pages.append((page, count))
    r.end()
    return number, name, position, consumers, pages


def page(r):
    def record():
        r.varint(), r.varint(), r.varint()
        (integer(r), r.varint()) if r.varint() else r.varint()

    count = len(r.many(record))
    r.end()
    return count


def op(r, kinds):
    head = r.byte()
    if not head & 0x80:
        r.varint(), r.text()
    kind = head & 0x7F
    kinds[kind] += 1
    ids = lambda: r.many(lambda: (r.varint(), r.varint()))
    records = lambda: r.many(lambda: (r.varint(), r.varint(), r.varint()))
    v, t, i, o = r.varint, r.text, r.id, r.option
    parts = {
        0: (v, v), 20: (v, v), 1: (), 16: (), 23: (), 5: (i,), 6: (ids,), 18: (ids,), 19: (ids,),
        7: (i, v, i), 8: (t, i, o), 10: (t, i, o), 9: (t,), 11: (t, t, v), 13: (t, t, v), 12: (t, t),
        14: (t, t, v, o, records), 15: (t, ids), 17: (t, records), 21: (t,), 22: (t, t, i), 24: (v,),
        25: (lambda: plain(r),), 26: (o,), 27: (v, t), 28: (v, t), 29: (v,), 30: (t,), 31: (t,),
        32: (t,), 33: (t,), 34: (t, t),
    }  # fmt: skip
    append = (i, lambda: r.many(r.text))
    for part in append if kind in (2, 3, 4) else parts[kind]:
        part()


def main(path):
    db = sqlite3.connect(path)
    blobs, batches = collections.defaultdict(bytes), collections.defaultdict(bytes)
    for *key, _, data in db.execute("SELECT * FROM blob ORDER BY kind, stream, number, part"):
        blobs[tuple(key)] += data
    header = blobs.pop((0, 0, 1))
    start = int.from_bytes(header[1:9], "little")
    assert header[0] == 1 and start ^ int.from_bytes(header[9:], "little") == 2**64 - 1
    for number, data in db.execute("SELECT number, bytes FROM journal ORDER BY number, part"):
        batches[number] += data
    names, streams, groups, kinds = {}, {}, {}, collections.Counter()
    for (kind, one, two), data in sorted(blobs.items()):
        r = unseal(data)
        if kind == 0:
            assert r.varint() == start
            r.varint(), r.varint(), r.many(lambda: (r.varint(), r.varint(), r.varint()))
            r.end()
        elif kind == 1:
            assert r.varint() == one
            names[one] = f"{r.varint()} {r.text().decode()}"
            r.option()
            if r.byte() == 0:
                streams[one] = stream(r)
            else:
                plain(r)
            r.end()
        elif kind == 2:
            assert r.varint() == one
            groups[one, two] = group(r)
        elif kind == 3:
            for at, fields in segment(r):
                texts = [part.decode("latin1")[:80] for field in fields for part in field]
                print(json.dumps([names[one], "%d-%d" % at, texts]))
        elif kind == 4:
            lines = [count for (of, _), g in groups.items() if of == one for n, count in g[4] if n == two]
            assert lines == [page(r)]
    for number, data in batches.items():
        r = unseal(data)
        assert r.varint() == number
        while r.at < len(data):
            op(r, kinds)
    print(json.dumps({"ops": dict(sorted(kinds.items()))}))


main(sys.argv[1])
