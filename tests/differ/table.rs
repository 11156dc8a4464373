//! What may differ between the engine and a server, each with its reason. What is not in this table
//! is a bug.

use super::differences::{Difference, Kind, integer, without_fields};
use crate::resp::Value;

/// No server at hand is older.
const OLDEST: (u32, u32) = (7, 0);
/// No server has reached it.
const NEWEST: (u32, u32) = (u32::MAX, 0);

pub(crate) const DIFFERENCES: &[Difference] = &[
    Difference {
        name: "idempotent producers",
        why: "8.6 brought IDMP, and these fields of XINFO STREAM with it",
        servers: OLDEST..(8, 6),
        kind: Kind::Fields(&[
            "idmp-duration",
            "idmp-maxsize",
            "pids-tracked",
            "iids-tracked",
            "iids-added",
            "iids-duplicates",
        ]),
        shown_by: &["XADD s 1-1 f v", "XINFO STREAM s"],
    },
    Difference {
        name: "released entries",
        why: "8.8 brought XNACK, and this field of XINFO STREAM FULL with it",
        servers: OLDEST..(8, 8),
        kind: Kind::Fields(&["nacked-count"]),
        shown_by: &["XGROUP CREATE s g $ MKSTREAM", "XINFO STREAM s FULL"],
    },
    Difference {
        name: "radix tree nodes",
        why: "the engine has no radix tree (docs/compat.md)",
        servers: OLDEST..NEWEST,
        kind: Kind::Fields(&["radix-tree-nodes"]),
        shown_by: &["XADD s 1-1 f v", "XDEL s 1-1", "XADD s 1-2 f v", "XINFO STREAM s"],
    },
    Difference {
        name: "approximate trimming with regard to references",
        why: "8.2 removes nothing when `~` meets DELREF or ACKED: a bug that 8.6 mended",
        servers: (8, 2)..(8, 6),
        kind: Kind::State(|exchange| {
            (exchange.is("XADD") || exchange.is("XTRIM"))
                && exchange.says("~")
                && (exchange.says("DELREF") || exchange.says("ACKED"))
        }),
        shown_by: &["XADD s 1-1 f v", "XTRIM s DELREF MAXLEN ~ 0"],
    },
    Difference {
        name: "the largest number of deliveries",
        why: "8.8 stays at it, others go on with the least",
        servers: OLDEST..(8, 8),
        kind: Kind::State(|exchange| {
            exchange.is("XCLAIM")
                && exchange.says("RETRYCOUNT")
                && exchange.says("9223372036854775807")
        }),
        shown_by: &[
            "XADD s 1-1 f v",
            "XGROUP CREATE s g 0",
            "XCLAIM s g a 0 1-1 FORCE RETRYCOUNT 9223372036854775807",
            "XCLAIM s g a 0 1-1",
        ],
    },
    Difference {
        name: "references of a group that was destroyed",
        why: "8.2 goes on with the smallest last-delivered ID that it knew before the group went",
        servers: (8, 2)..(8, 6),
        kind: Kind::State(|exchange| exchange.has_destroyed && exchange.says("ACKED")),
        shown_by: &[
            "XADD s 1-1 f v",
            "XGROUP CREATE s g 0",
            "XGROUP CREATE s h $",
            "XDELEX s ACKED IDS 1 1-1",
            "XGROUP DESTROY s g",
            "XTRIM s ACKED MAXLEN 0",
        ],
    },
    Difference {
        name: "macro nodes without entries",
        why: "servers keep a node whose last entries an exact trim took away; we count none that is \
              empty",
        servers: OLDEST..(8, 6),
        kind: Kind::Reply(|exchange| {
            let keys = |value| integer(value, "radix-tree-keys");
            exchange.is("XINFO")
                && keys(exchange.ours) < keys(exchange.theirs)
                && exchange.is_same_without(&["radix-tree-keys"])
        }),
        shown_by: &[
            "XADD s 1-1 f v",
            "XADD s 3-1 f v",
            "XDEL s 3-1",
            "XTRIM s MINID 2",
            "XINFO STREAM s",
        ],
    },
    Difference {
        name: "who answers",
        why: "a version, a number for the client and a list of modules are each server's own",
        servers: OLDEST..NEWEST,
        kind: Kind::Reply(|exchange| exchange.is("HELLO") && exchange.are_maps()),
        shown_by: &["HELLO 3"],
    },
    Difference {
        name: "when a consumer was active",
        why: "7.2 brought these fields",
        servers: OLDEST..(7, 2),
        kind: Kind::Fields(&["active-time", "inactive"]),
        shown_by: &[
            "XGROUP CREATE s g 0 MKSTREAM",
            "XGROUP CREATECONSUMER s g a",
            "XINFO CONSUMERS s g",
        ],
    },
    Difference {
        name: "lag",
        why: "8.0 counts what is left to read anew, with respect to what was deleted and trimmed, \
              and bounds ENTRIESREAD",
        servers: OLDEST..(8, 0),
        kind: Kind::Fields(&["lag", "entries-read"]),
        shown_by: &["XADD s 1-1 f v", "XGROUP CREATE s g 0 ENTRIESREAD 5", "XINFO GROUPS s"],
    },
    Difference {
        name: "who is a consumer",
        why: "before 7.2 a read that finds nothing and a claim of nothing make no consumer",
        servers: OLDEST..(7, 2),
        kind: Kind::Fields(&["consumers"]),
        shown_by: &[
            "XGROUP CREATE s g 0 MKSTREAM",
            "XREADGROUP GROUP g a STREAMS s >",
            "XINFO GROUPS s",
        ],
    },
    Difference {
        name: "consumers without entries",
        why: "before 7.2 a read that finds nothing and a claim of nothing make no consumer and do \
              not see it",
        servers: OLDEST..(7, 2),
        kind: Kind::Reply(|exchange| {
            exchange.is_sub("XINFO", "CONSUMERS") && exchange.is_same_when(with_entries)
        }),
        shown_by: &[
            "XGROUP CREATE s g 0 MKSTREAM",
            "XREADGROUP GROUP g a STREAMS s >",
            "XINFO CONSUMERS s g",
        ],
    },
    Difference {
        name: "consumers that are there already",
        why: "before 7.2 a read that finds nothing and a claim of nothing make no consumer",
        servers: OLDEST..(7, 2),
        kind: Kind::Reply(|exchange| {
            exchange.is_sub("XGROUP", "CREATECONSUMER")
                && (exchange.ours, exchange.theirs) == (&Value::Int(0), &Value::Int(1))
        }),
        shown_by: &[
            "XGROUP CREATE s g 0 MKSTREAM",
            "XREADGROUP GROUP g a STREAMS s >",
            "XGROUP CREATECONSUMER s g a",
        ],
    },
    Difference {
        name: "keys without places",
        why: "7.2 and 8.0 reworded it",
        servers: OLDEST..(8, 0),
        kind: Kind::Reply(|exchange| {
            exchange.have_errors("ERR Unbalanced 'xread", "ERR Unbalanced XREAD list of streams")
        }),
        shown_by: &["XREAD STREAMS s t 0"],
    },
    Difference {
        name: "the last sequence number of a millisecond",
        why: "7.2 says what is wrong: 7.0 speaks of elements that are too large",
        servers: OLDEST..(7, 2),
        kind: Kind::Reply(|exchange| {
            exchange.have_errors("ERR The ID specified in XADD", "ERR Elements are too large")
        }),
        shown_by: &["XADD s 1-18446744073709551615 f v", "XADD s 1-* f v"],
    },
    Difference {
        name: "XSETID below what was deleted",
        why: "7.2 forbids it",
        servers: OLDEST..(7, 2),
        kind: Kind::State(|exchange| {
            matches!(exchange.ours, Value::Error(text) if text.ends_with(b"current max_deleted_entry_id"))
                && exchange.ours != exchange.theirs
        }),
        shown_by: &["XADD s 5-1 f v", "XDEL s 5-1", "XSETID s 1-1"],
    },
    Difference {
        name: "+ as a place to read from",
        why: "7.4 brought it",
        servers: OLDEST..(7, 4),
        kind: Kind::Reply(|exchange| {
            (exchange.is("XREAD") || exchange.is("XREADGROUP"))
                && exchange.says("+")
                && matches!(exchange.theirs, Value::Error(text) if text.starts_with(b"ERR Invalid stream ID"))
        }),
        shown_by: &["XADD s 1-1 f v", "XREAD STREAMS s +"],
    },
    Difference {
        name: "numbers of clients",
        why: "each server numbers its clients itself, and an error repeats what was said",
        servers: OLDEST..NEWEST,
        kind: Kind::Reply(|exchange| {
            exchange.is("CLIENT")
                && exchange.have_errors("ERR unknown subcommand", "ERR unknown subcommand")
        }),
        shown_by: &["PING", "CLIENT \x030"],
    },
    Difference {
        name: "sets that held other than integers",
        why: "the engine has no encodings: it names the one that a new set of these members had",
        servers: OLDEST..NEWEST,
        kind: Kind::Reply(|exchange| {
            exchange.is_sub("OBJECT", "ENCODING")
                && exchange.ours == &Value::Bulk(b"intset".to_vec())
                && [&b"hashtable"[..], b"listpack"]
                    .map(|name| Value::Bulk(name.to_vec()))
                    .contains(exchange.theirs)
        }),
        shown_by: &["SADD s 1 a", "SREM s a", "OBJECT ENCODING s"],
    },
    Difference {
        name: "a wait that would be too long",
        why: "7.2 says what is wrong: in 7.0 the sum of the times overflows",
        servers: OLDEST..(7, 2),
        kind: Kind::Reply(|exchange| {
            exchange.have_errors("ERR timeout is out of range", "ERR timeout is negative")
        }),
        shown_by: &["BLPOP s 9223372036854775808"],
    },
    Difference {
        name: "how a small value is kept",
        why: "7.2 has sets as listpacks, and lists of one",
        servers: OLDEST..(7, 2),
        kind: Kind::Reply(|exchange| {
            exchange.is_sub("OBJECT", "ENCODING")
                && exchange.ours == &Value::Bulk(b"listpack".to_vec())
                && [&b"hashtable"[..], b"quicklist"]
                    .map(|name| Value::Bulk(name.to_vec()))
                    .contains(exchange.theirs)
        }),
        shown_by: &["SADD s a", "OBJECT ENCODING s"],
    },
    Difference {
        name: "cursors with a sign or a space",
        why: "7.0 takes -1 for the greatest cursor and no space before one; 8.2 has it as the engine",
        servers: OLDEST..(8, 0),
        kind: Kind::Reply(|exchange| {
            let refused = |value: &Value| matches!(value, Value::Error(text) if text.starts_with(b"ERR invalid cursor"));
            exchange.is("SCAN") && refused(exchange.ours) != refused(exchange.theirs)
        }),
        shown_by: &["SCAN -1"],
    },
    Difference {
        name: "cursors that were not given",
        why: "a cursor is a place in a hash table there, a key's number here (docs/compat.md)",
        servers: OLDEST..NEWEST,
        kind: Kind::Reply(|exchange| {
            exchange.is("SCAN")
                && exchange.argv.get(1).is_some_and(|cursor| cursor != b"0")
                && !exchange.is_an_error()
        }),
        shown_by: &["SET t x", "SCAN 1024 COUNT 1000"],
    },
    Difference {
        name: "how a text of some forty bytes is kept",
        why: "8.2 keeps the key in the same piece of memory, so less of it is left for the text",
        servers: (8, 2)..NEWEST,
        kind: Kind::Reply(|exchange| {
            exchange.is_sub("OBJECT", "ENCODING")
                && exchange.ours == &Value::Bulk(b"embstr".to_vec())
                && exchange.theirs == &Value::Bulk(b"raw".to_vec())
        }),
        shown_by: &["SET t 18446744073709551615-18446744073709551615", "OBJECT ENCODING t"],
    },
    Difference {
        name: "the last line of help",
        why: "7.2 reworded it",
        servers: OLDEST..(7, 2),
        kind: Kind::Reply(|exchange| exchange.says("HELP") && exchange.is_same_when(but_the_last)),
        shown_by: &["XINFO HELP"],
    },
];

/// XINFO CONSUMERS: only consumers with pending entries, and not when they were seen.
fn with_entries(value: &Value) -> Value {
    let Value::Array(consumers) = value else { return value.clone() };
    let consumers = consumers.iter().filter(|consumer| integer(consumer, "pending") != Some(0));
    Value::Array(consumers.map(|value| without_fields(value, &["idle"])).collect())
}

fn but_the_last(value: &Value) -> Value {
    match value {
        Value::Array(lines) => Value::Array(lines[..lines.len() - 1].to_vec()),
        other => other.clone(),
    }
}
