//! Whether two replies are the same, or differ as is listed.

use super::moments;
use super::table::DIFFERENCES;
use crate::resp::Value;
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::ops::Range;

/// A listed difference.
pub(crate) struct Difference {
    pub(crate) name: &'static str,
    /// Why it is right that they differ.
    pub(crate) why: &'static str,
    /// The releases of the servers that have it.
    pub(crate) servers: Range<(u32, u32)>,
    pub(super) kind: Kind,
    /// Commands of which the last shows it.
    pub(crate) shown_by: &'static [&'static str],
}

/// One command and both replies.
pub(super) struct Exchange<'a> {
    pub(super) argv: &'a [Vec<u8>],
    pub(super) ours: &'a Value,
    pub(super) theirs: &'a Value,
    /// By how much times may differ.
    pub(super) slack: i64,
    /// Whether a group was destroyed earlier.
    pub(super) has_destroyed: bool,
}

pub(super) enum Kind {
    /// These fields are passed over in replies of XINFO.
    Fields(&'static [&'static str]),
    /// The replies may differ in this way, and the two hold the same.
    Reply(fn(&Exchange<'_>) -> bool),
    /// From such an exchange on the two do not hold the same, whether the replies show it or not.
    State(fn(&Exchange<'_>) -> bool),
}

/// Names of the differences that were met.
pub(crate) type Used = RefCell<BTreeSet<&'static str>>;

/// Whether some replies were not the same: then the errors were not as many either.
pub(super) fn replies_differed(used: &Used) -> bool {
    let used = used.borrow();
    DIFFERENCES.iter().any(|difference| {
        used.contains(difference.name) && !matches!(difference.kind, Kind::Fields(_))
    })
}

pub(super) enum Agreement {
    Same,
    Apart,
    No,
}

/// Whether the replies are the same, or differ as is listed for servers of this release.
pub(super) fn agree(exchange: &Exchange<'_>, release: (u32, u32), used: &Used) -> Agreement {
    let listed = || DIFFERENCES.iter().filter(|difference| difference.servers.contains(&release));
    let meet = |difference: &Difference| used.borrow_mut().insert(difference.name);
    for difference in listed() {
        if let Kind::State(parts) = difference.kind
            && parts(exchange)
        {
            meet(difference);
            return Agreement::Apart;
        }
    }
    if exchange.is_same() {
        return Agreement::Same;
    }
    let (mut ours, mut theirs) = (exchange.ours.clone(), exchange.theirs.clone());
    for difference in listed() {
        if let Kind::Fields(fields) = difference.kind
            && exchange.is("XINFO")
        {
            if only_fields(&ours, fields) != only_fields(&theirs, fields) {
                meet(difference);
            }
            [ours, theirs] = [ours, theirs].map(|value| without_fields(&value, fields));
        }
    }
    let exchange = Exchange { ours: &ours, theirs: &theirs, ..*exchange };
    if exchange.is_same() {
        return Agreement::Same;
    }
    for difference in listed() {
        if let Kind::Reply(allows) = difference.kind
            && allows(&exchange)
        {
            meet(difference);
            return Agreement::Same;
        }
    }
    Agreement::No
}

impl Exchange<'_> {
    pub(super) fn is(&self, name: &str) -> bool {
        self.argv[0].eq_ignore_ascii_case(name.as_bytes())
    }

    pub(super) fn says(&self, keyword: &str) -> bool {
        self.argv.iter().any(|word| word.eq_ignore_ascii_case(keyword.as_bytes()))
    }

    pub(super) fn is_sub(&self, name: &str, sub: &str) -> bool {
        self.is(name)
            && self.argv.get(1).is_some_and(|word| word.eq_ignore_ascii_case(sub.as_bytes()))
    }

    pub(super) fn are_maps(&self) -> bool {
        self.are(|value| matches!(value, Value::Map(_) | Value::Array(_)))
    }

    pub(super) fn are_errors(&self) -> bool {
        self.are(|value| matches!(value, Value::Error(_)))
    }

    /// Whether one of them is.
    pub(super) fn is_an_error(&self) -> bool {
        [self.ours, self.theirs].iter().any(|value| matches!(value, Value::Error(_)))
    }

    fn are(&self, kind: fn(&Value) -> bool) -> bool {
        kind(self.ours) && kind(self.theirs)
    }

    /// Whether ours is an error that begins so, and theirs one that begins so.
    pub(super) fn have_errors(&self, ours: &str, theirs: &str) -> bool {
        let begins = |value: &Value, text: &str| matches!(value, Value::Error(e) if e.starts_with(text.as_bytes()));
        begins(self.ours, ours) && begins(self.theirs, theirs)
    }

    /// The exchange with both replies changed.
    pub(super) fn is_same_when(&self, change: impl Fn(&Value) -> Value) -> bool {
        let [ours, theirs] = [self.ours, self.theirs].map(change);
        Exchange { ours: &ours, theirs: &theirs, ..*self }.is_same()
    }

    pub(super) fn is_same_without(&self, fields: &[&str]) -> bool {
        self.is_same_when(|value| without_fields(value, fields))
    }

    /// Whether the replies are the same to the clock's slack.
    pub(super) fn is_same(&self) -> bool {
        let (mut ours, our_times) = moments::split(self.argv, self.ours);
        let (mut theirs, their_times) = moments::split(self.argv, self.theirs);
        if ["SMEMBERS", "KEYS", "SCAN"].iter().any(|name| self.is(name)) {
            sort(&mut ours);
            sort(&mut theirs);
        }
        let near = |(ours, theirs): (&i64, &i64)| ours.abs_diff(*theirs) <= self.slack as u64;
        ours == theirs && our_times.iter().zip(&their_times).all(near)
    }
}

/// Brings what comes in any order into one.
fn sort(value: &mut Value) {
    if let Value::Array(items) | Value::Set(items) = value {
        items.iter_mut().for_each(sort);
        items.sort_by_key(ToString::to_string);
    }
}

/// The number that a field of XINFO has.
pub(super) fn integer(value: &Value, field: &str) -> Option<i64> {
    let is_field = |name: &Value| matches!(name, Value::Bulk(name) if name == field.as_bytes());
    let found = match value {
        Value::Map(pairs) => &pairs.iter().find(|(name, _)| is_field(name))?.1,
        Value::Array(items) => items.get(items.iter().position(is_field)? + 1)?,
        _ => return None,
    };
    match found {
        Value::Int(n) => Some(*n),
        _ => None,
    }
}

/// What the fields of XINFO hold, wherever they are.
fn only_fields<'v>(value: &'v Value, fields: &[&str]) -> Vec<&'v Value> {
    let wanted = |name: &Value| is_one_of(name, fields);
    match value {
        Value::Map(pairs) => pairs
            .iter()
            .flat_map(|(name, value)| match wanted(name) {
                true => vec![value],
                false => only_fields(value, fields),
            })
            .collect(),
        Value::Array(items) => {
            let named = items.windows(2).filter(|pair| wanted(&pair[0])).map(|pair| &pair[1]);
            named.chain(items.iter().flat_map(|item| only_fields(item, fields))).collect()
        }
        _ => Vec::new(),
    }
}

pub(super) fn without_fields(value: &Value, fields: &[&str]) -> Value {
    let dropped = |name: &Value| is_one_of(name, fields);
    match value {
        Value::Map(pairs) => {
            let kept = pairs.iter().filter(|(name, _)| !dropped(name));
            Value::Map(kept.map(|(k, v)| (k.clone(), without_fields(v, fields))).collect())
        }
        Value::Array(items) => {
            let mut kept = Vec::new();
            let mut items = items.iter();
            while let Some(item) = items.next() {
                if dropped(item) {
                    items.next();
                } else {
                    kept.push(without_fields(item, fields));
                }
            }
            Value::Array(kept)
        }
        other => other.clone(),
    }
}

fn is_one_of(name: &Value, fields: &[&str]) -> bool {
    matches!(name, Value::Bulk(name) if fields.iter().any(|field| field.as_bytes() == name))
}
