//! All that can be asked of a keyspace.

/// The keys that random commands use.
const KEYS: [&str; 7] = ["s", "t", "none", "l", "m", "h", "v"];
/// Those of them that mostly hold streams.
pub(super) const STREAMS: [&str; 3] = ["s", "t", "none"];
const GROUPS: [&str; 4] = ["g", "h", "nog", ""];
const DATABASES: [&str; 4] = ["0", "1", "2", "15"];

/// The questions, each with `|` between its words. Lists are emptied by theirs.
pub(super) fn questions() -> Vec<String> {
    let mut lines = vec!["RESET".to_string()];
    for database in DATABASES {
        lines.extend([format!("SELECT|{database}"), "KEYS|*".to_string(), "DBSIZE".to_string()]);
        for key in STREAMS {
            lines.push(format!("XINFO|STREAM|{key}|FULL|COUNT|0"));
            lines.push(format!("XINFO|GROUPS|{key}"));
            for group in GROUPS {
                lines.push(format!("XINFO|CONSUMERS|{key}|{group}"));
                lines.push(format!("XPENDING|{key}|{group}"));
            }
        }
        for key in KEYS {
            lines.extend(
                ["TYPE", "OBJECT|ENCODING", "PTTL", "GET", "SMEMBERS", "HGETALL"]
                    .map(|name| format!("{name}|{key}")),
            );
            lines.push(format!("LPOP|{key}|1000"));
        }
    }
    lines
}
