//! The grammar of the stream commands, to make commands from.

use super::Chance;

/// A command for a keyspace whose clock shows `now_ms`: IDs are near it, so that `*` and explicit
/// IDs mix.
pub(crate) fn command(chance: &mut Chance, now_ms: u64) -> Vec<Vec<u8>> {
    let mut words = Words { chance, now_ms, argv: Vec::new() };
    words.any_command();
    let mut argv = words.argv;
    while chance.percent(6) {
        spoil(chance, &mut argv);
    }
    argv
}

/// Makes a command a little wrong.
fn spoil(chance: &mut Chance, argv: &mut Vec<Vec<u8>>) {
    const JUNK: [&[u8]; 31] = [
        b"",
        b"*",
        b"$",
        b">",
        b"+",
        b"-",
        b"~",
        b"=",
        b"(",
        b"(5",
        b"0",
        b"-1",
        b"5-*",
        b"1-1",
        b"0-0",
        b"x",
        b"COUNT",
        b"LIMIT",
        b"MAXLEN",
        b"BLOCK",
        b"STREAMS",
        b"9223372036854775807",
        b"9223372036854775808",
        b"18446744073709551615-18446744073709551615",
        b"\r\n\x00\xff",
        b"FORCE",
        b"CLAIM",
        b"ACKED",
        b"IDS",
        b"DELREF",
        b"JUSTID",
    ];
    // The name stays: what an unknown command answers is not what this is about.
    let at = 1 + chance.below(argv.len() as u64) as usize;
    match chance.below(4) {
        0 if at < argv.len() => {
            argv.remove(at);
        }
        1 if at < argv.len() => argv.insert(at, argv[at].clone()),
        2 if at + 1 < argv.len() => argv.swap(at, at + 1),
        3 if at < argv.len() => argv[at] = chance.pick(&JUNK).to_vec(),
        _ => argv.insert(at, chance.pick(&JUNK).to_vec()),
    }
}

struct Words<'a> {
    chance: &'a mut Chance,
    now_ms: u64,
    argv: Vec<Vec<u8>>,
}

impl Words<'_> {
    fn say(&mut self, word: impl AsRef<[u8]>) -> &mut Self {
        self.argv.push(word.as_ref().to_vec());
        self
    }

    fn percent(&mut self, percent: u64) -> bool {
        self.chance.percent(percent)
    }

    fn any_command(&mut self) {
        match self.chance.below(100) {
            0..30 => self.xadd(),
            30..44 => self.xreadgroup(),
            44..50 => self.xread(),
            50..55 => self.xack(),
            55..60 => self.xpending(),
            60..64 => self.xrange(),
            64..68 => self.xclaim(),
            68..72 => self.xautoclaim(),
            72..74 => self.xnack(),
            74..76 => self.xdelex(),
            76..78 => self.xackdel(),
            78..80 => self.xdel(),
            80..84 => self.xtrim(),
            84..91 => self.xgroup(),
            91..95 => self.xinfo(),
            95..97 => self.xsetid(),
            97 => self.xlen(),
            98 => self.del(),
            _ => self.question(),
        }
    }

    fn key(&mut self) {
        let key = self.chance.pick(&["s", "s", "s", "s", "t", "t", "none"]);
        self.say(key);
    }

    fn group(&mut self) {
        let group = self.chance.pick(&["g", "g", "g", "g", "h", "h", "nog", ""]);
        self.say(group);
    }

    fn consumer(&mut self) {
        let consumer = self.chance.pick(&["a", "a", "b", "b", "c", "", "B"]);
        self.say(consumer);
    }

    /// An ID that is probably one of an entry.
    fn id_text(&mut self) -> String {
        let ms = self.now_ms.saturating_sub(self.chance.below(40));
        match self.chance.below(20) {
            0 => "0".to_string(),
            1 => format!("{ms}"),
            2 => "18446744073709551615-18446744073709551615".to_string(),
            3 => format!("{}-{}", self.now_ms + self.chance.below(5), u64::MAX),
            _ => format!("{ms}-{}", self.chance.below(3)),
        }
    }

    fn id(&mut self) {
        let id = self.id_text();
        self.say(id);
    }

    fn ids(&mut self) {
        for _ in 0..=self.chance.below(4) {
            self.id();
        }
    }

    fn bounds(&mut self) -> (String, String) {
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

    fn number(&mut self, most: u64) {
        let number = match self.chance.below(40) {
            0 => "-1".to_string(),
            1 => "0".to_string(),
            2 => "9223372036854775807".to_string(),
            3 => "x".to_string(),
            _ => self.chance.below(most).to_string(),
        };
        self.say(number);
    }

    fn count(&mut self, percent: u64) {
        if self.percent(percent) {
            self.say("COUNT").number(6);
        }
    }

    /// Field, value, …: of a few shapes, so that nodes share field names or do not.
    fn fields(&mut self) {
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
        let value: &[u8] = match self.chance.below(8) {
            0 => b"",
            1 => number.as_bytes(),
            2 => b"\r\n\x00\xff",
            3 | 4 => &long,
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

    fn refs(&mut self, percent: u64) {
        if self.percent(percent) {
            let refs = self.chance.pick(&["KEEPREF", "DELREF", "ACKED"]);
            self.say(refs);
        }
    }

    fn id_block(&mut self) {
        let n = 1 + self.chance.below(4);
        self.say("IDS").say(n.to_string());
        for _ in 0..n {
            self.id();
        }
    }

    fn xdelex(&mut self) {
        self.say("XDELEX").key();
        self.refs(60);
        self.id_block();
    }

    fn xackdel(&mut self) {
        self.say("XACKDEL").key();
        self.group();
        self.refs(60);
        self.id_block();
    }

    fn xnack(&mut self) {
        self.say("XNACK").key();
        self.group();
        let mode = self.chance.pick(&["SILENT", "FAIL", "FATAL"]);
        self.say(mode);
        self.id_block();
        if self.percent(20) {
            self.say("RETRYCOUNT").number(5);
        }
        if self.percent(25) {
            self.say("FORCE");
        }
    }

    fn trimming(&mut self) {
        self.refs(25);
        let sign = self.chance.pick(&["", "", "=", "~", "~", "~"]);
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

    fn xadd(&mut self) {
        self.say("XADD").key();
        if self.percent(6) {
            self.say("NOMKSTREAM");
        }
        if self.percent(15) {
            self.trimming();
        }
        let ms = self.now_ms + self.chance.below(3);
        match self.chance.below(20) {
            0..9 => self.say("*"),
            9..12 => self.say(format!("{ms}-*")),
            12 => self.say(format!("{ms}-{}", u64::MAX)),
            13 => {
                let id = self.id_text();
                self.say(id)
            }
            _ => {
                let seq = self.chance.below(4);
                self.say(format!("{ms}-{seq}"))
            }
        };
        for _ in 0..=self.chance.below(2) {
            self.fields();
        }
    }

    fn xtrim(&mut self) {
        self.say("XTRIM").key();
        self.trimming();
    }

    fn xdel(&mut self) {
        self.say("XDEL").key();
        self.ids();
    }

    fn xlen(&mut self) {
        self.say("XLEN").key();
    }

    fn xrange(&mut self) {
        let (start, end) = self.bounds();
        if self.percent(50) {
            self.say("XRANGE").key();
            self.say(start).say(end);
        } else {
            self.say("XREVRANGE").key();
            self.say(end).say(start);
        }
        self.count(40);
    }

    fn block(&mut self, percent: u64) {
        if self.percent(percent) {
            let ms = if self.percent(30) { 0 } else { 1 + self.chance.below(60) };
            self.say("BLOCK").say(ms.to_string());
        }
    }

    fn xread(&mut self) {
        self.say("XREAD");
        self.count(40);
        self.block(55);
        self.say("STREAMS");
        let several = 1 + usize::from(self.percent(30));
        for _ in 0..several {
            self.key();
        }
        for _ in 0..several {
            match self.chance.below(10) {
                0..6 => self.say("$"),
                6 => self.say("+"),
                _ => {
                    let id = self.id_text();
                    self.say(id)
                }
            };
        }
    }

    fn xreadgroup(&mut self) {
        self.say("XREADGROUP").say("GROUP").group();
        self.consumer();
        self.count(50);
        self.block(55);
        if self.percent(10) {
            self.say("NOACK");
        }
        if self.percent(15) {
            self.say("CLAIM").number(30);
        }
        self.say("STREAMS");
        let several = 1 + usize::from(self.percent(30));
        for _ in 0..several {
            self.key();
        }
        for _ in 0..several {
            match self.chance.below(10) {
                0..8 => self.say(">"),
                8 => self.say("0"),
                _ => {
                    let id = self.id_text();
                    self.say(id)
                }
            };
        }
    }

    fn xack(&mut self) {
        self.say("XACK").key();
        self.group();
        self.ids();
    }

    fn xpending(&mut self) {
        self.say("XPENDING").key();
        self.group();
        if self.percent(60) {
            if self.percent(30) {
                self.say("IDLE").number(40);
            }
            let (start, end) = self.bounds();
            self.say(start).say(end).number(8);
            if self.percent(40) {
                self.consumer();
            }
        }
    }

    fn xclaim(&mut self) {
        self.say("XCLAIM").key();
        self.group();
        self.consumer();
        self.number(20);
        self.ids();
        if self.percent(15) {
            self.say("IDLE").number(50);
        }
        if self.percent(15) {
            let time = self.now_ms.saturating_sub(self.chance.below(50));
            self.say("TIME").say(time.to_string());
        }
        if self.percent(15) {
            self.say("RETRYCOUNT").number(9);
        }
        if self.percent(25) {
            self.say("FORCE");
        }
        if self.percent(25) {
            self.say("JUSTID");
        }
        if self.percent(10) {
            self.say("LASTID").id();
        }
    }

    fn xautoclaim(&mut self) {
        self.say("XAUTOCLAIM").key();
        self.group();
        self.consumer();
        self.number(20);
        let (start, _) = self.bounds();
        self.say(start);
        self.count(50);
        if self.percent(25) {
            self.say("JUSTID");
        }
    }

    fn xgroup(&mut self) {
        self.say("XGROUP");
        match self.chance.below(12) {
            0..6 => {
                self.say("CREATE").key();
                self.group();
                self.place();
                if self.percent(50) {
                    self.say("MKSTREAM");
                }
                if self.percent(15) {
                    self.say("ENTRIESREAD").number(9);
                }
            }
            6 | 7 => {
                self.say("SETID").key();
                self.group();
                self.place();
                if self.percent(30) {
                    self.say("ENTRIESREAD").number(9);
                }
            }
            8 => {
                self.say("DESTROY").key();
                self.group();
            }
            9 => {
                self.say("CREATECONSUMER").key();
                self.group();
                self.consumer();
            }
            _ => {
                self.say("DELCONSUMER").key();
                self.group();
                self.consumer();
            }
        }
    }

    fn place(&mut self) {
        match self.chance.below(8) {
            0..3 => self.say("0"),
            3..6 => self.say("$"),
            _ => {
                let id = self.id_text();
                self.say(id)
            }
        };
    }

    fn xinfo(&mut self) {
        self.say("XINFO");
        match self.chance.below(4) {
            0 => self.say("GROUPS").key(),
            1 => {
                self.say("CONSUMERS").key();
                self.group();
            }
            _ => {
                self.say("STREAM").key();
                if self.percent(60) {
                    self.say("FULL");
                    self.count(40);
                }
            }
        }
    }

    fn xsetid(&mut self) {
        self.say("XSETID").key();
        self.id();
        if self.percent(30) {
            self.say("ENTRIESADDED").number(30);
        }
        if self.percent(30) {
            self.say("MAXDELETEDID").id();
        }
    }

    fn del(&mut self) {
        self.say("DEL").key();
    }

    fn question(&mut self) {
        let name = self.chance.pick(&["EXISTS", "TYPE", "PING"]);
        self.say(name);
        if name != "PING" {
            self.key();
        }
    }
}
