//! The parts that stream commands are made of: keys, IDs, numbers, options.

use super::{Chance, Manner, Stamp};

/// A command in the making.
pub(super) struct Words<'a> {
    pub(super) chance: &'a mut Chance,
    pub(super) manner: Manner,
    pub(super) argv: Vec<Vec<u8>>,
}

impl Words<'_> {
    pub(super) fn say(&mut self, word: impl AsRef<[u8]>) -> &mut Self {
        self.argv.push(word.as_ref().to_vec());
        self
    }

    pub(super) fn percent(&mut self, percent: u64) -> bool {
        self.chance.percent(percent)
    }

    pub(super) fn key(&mut self) {
        let key = self.chance.pick(&["s", "s", "s", "s", "t", "t", "none"]);
        self.say(key);
    }

    pub(super) fn group(&mut self) {
        let group = self.chance.pick(&["g", "g", "g", "g", "h", "h", "nog", ""]);
        self.say(group);
    }

    pub(super) fn consumer(&mut self) {
        let consumer = self.chance.pick(&["a", "a", "b", "b", "c", "", "B"]);
        self.say(consumer);
    }

    /// An ID that is probably one of an entry.
    pub(super) fn id_text(&mut self) -> String {
        let ms = self.manner.now_ms().saturating_sub(self.chance.below(40));
        match self.chance.below(20) {
            4..15 if !self.manner.is_driven() && self.manner.has_stars() => {
                Stamp::Given { back: self.chance.below(12) as usize }.text()
            }
            0 => "0".to_string(),
            1 => format!("{ms}"),
            2 => "18446744073709551615-18446744073709551615".to_string(),
            3 => format!("{}-{}", self.manner.now_ms() + self.chance.below(5), u64::MAX),
            _ => format!("{ms}-{}", self.chance.below(3)),
        }
    }

    pub(super) fn id(&mut self) -> &mut Self {
        let id = self.id_text();
        self.say(id)
    }

    pub(super) fn ids(&mut self) {
        for _ in 0..=self.chance.below(4) {
            self.id();
        }
    }

    pub(super) fn bounds(&mut self) -> (String, String) {
        let mut bound = |open: &str| {
            let id = self.id_text();
            match self.chance.below(10) {
                0..4 => open.to_string(),
                4 | 5 => format!("({id}"),
                _ => id,
            }
        };
        (bound("-"), bound("+"))
    }

    pub(super) fn number(&mut self, most: u64) {
        let number = match self.chance.below(40) {
            0 => "-1".to_string(),
            1 => "0".to_string(),
            2 => "9223372036854775807".to_string(),
            3 => "x".to_string(),
            _ => self.chance.below(most).to_string(),
        };
        self.say(number);
    }

    /// For how long something must have been idle. By a real clock it is so or not so by far.
    pub(super) fn idle(&mut self, most: u64) {
        if self.manner.is_driven() {
            return self.number(most);
        }
        let idle_ms = self.chance.pick(&["0", "0", "0", "500000", "1500000", "2500000", "-1", "x"]);
        self.say(idle_ms);
    }

    /// For how long something is said to have been idle.
    pub(super) fn past(&mut self, most: u64) {
        if self.manner.is_driven() {
            return self.number(most);
        }
        let idle_ms = self.chance.pick(&["0", "1000000", "2000000", "3000000", "-1", "x"]);
        self.say(idle_ms);
    }

    /// A time in the past.
    pub(super) fn time(&mut self) {
        let time = if self.manner.is_driven() {
            self.manner.now_ms().saturating_sub(self.chance.below(50)).to_string()
        } else {
            Stamp::Ago { ms: self.chance.pick(&[0, 1_000_000, 2_000_000]) }.text()
        };
        self.say(time);
    }

    pub(super) fn count(&mut self, percent: u64) {
        if self.percent(percent) {
            self.say("COUNT").number(6);
        }
    }

    /// Field, value, …: of a few shapes, so that nodes share field names or do not.
    pub(super) fn fields(&mut self) {
        // Lengths and numbers about the places where a listpack changes its form.
        let long = vec![b'x'; self.chance.pick(&[5, 30, 62, 63, 64, 65, 90])];
        let number = self.chance.pick(&[
            "127",
            "128",
            "-1",
            "4095",
            "4096",
            "-4096",
            "-4097",
            "32767",
            "32768",
            "8388607",
            "8388608",
            "2147483647",
            "2147483648",
            "-0",
            "0123",
        ]);
        // What a node can put shorter because it has the like of it.
        let some = self.chance.below(300);
        let alike = match self.chance.below(4) {
            0 => format!("order-{some:04}"),
            1 => format!("of some length {}", &"abcdefghijklmnop"[..1 + some as usize % 16]),
            2 => format!("{}", 1_700_000_000_000 + some),
            _ => format!("{}.{:02}", some / 10, some % 100),
        };
        let value: &[u8] = match self.chance.below(10) {
            0 => b"",
            1 => number.as_bytes(),
            2 => b"\r\n\x00\xff",
            3 | 4 => &long,
            5 | 6 => alike.as_bytes(),
            _ => b"v",
        };
        match self.chance.below(6) {
            0 => self.say("g").say(value),
            1 => self.say("f").say("1").say("g").say(value),
            2 => self.say("f").say(value).say("f").say("2"),
            3 => self.say("").say(value),
            _ => self.say("f").say(value),
        };
    }

    pub(super) fn refs(&mut self, percent: u64) {
        if self.manner.release >= (8, 2) && self.percent(percent) {
            let refs = self.chance.pick(&["KEEPREF", "DELREF", "ACKED"]);
            self.say(refs);
        }
    }

    pub(super) fn id_block(&mut self) {
        let n = 1 + self.chance.below(4);
        self.say("IDS").say(n.to_string());
        for _ in 0..n {
            self.id();
        }
    }

    pub(super) fn trimming(&mut self) {
        let sign = self.chance.pick(&["", "", "=", "~", "~", "~"]);
        // Before 8.6 the two of them remove nothing.
        if sign != "~" || self.manner.release >= (8, 6) {
            self.refs(25);
        }
        if self.percent(60) {
            self.say("MAXLEN");
        } else {
            self.say("MINID");
        }
        let by_length = self.argv.last().is_some_and(|word| word == b"MAXLEN");
        if !sign.is_empty() {
            self.say(sign);
        }
        if by_length {
            self.number(25);
        } else {
            self.id();
        }
        if self.percent(if sign == "~" { 40 } else { 3 }) {
            self.say("LIMIT").number(15);
        }
    }

    pub(super) fn block(&mut self, percent: u64) {
        // 7.0 serves who waits by rules of its own.
        if self.manner.release < (7, 2) || !self.percent(percent) {
            return;
        }
        let ms = match self.chance.below(10) {
            0..3 => 0,
            _ if self.manner.is_driven() => 1 + self.chance.below(60),
            3..9 => 600_000,
            _ => 5,
        };
        self.say("BLOCK").say(ms.to_string());
    }

    pub(super) fn place(&mut self) {
        match self.chance.below(8) {
            0..3 => self.say("0"),
            3..6 => self.say("$"),
            _ => self.id(),
        };
    }

    /// `STREAMS`, keys and as many places; usually one of each.
    pub(super) fn streams(&mut self, place: impl Fn(&mut Self)) {
        self.say("STREAMS");
        let several = 1 + usize::from(self.percent(30));
        for _ in 0..several {
            self.key();
        }
        for _ in 0..several {
            place(self);
        }
    }
}
