//! Commands about a stream and its entries, and about keys.

use super::words::Words;

impl Words<'_> {
    pub(super) fn xadd(&mut self) {
        self.say("XADD").key();
        if self.percent(6) {
            self.say("NOMKSTREAM");
        }
        if self.percent(15) {
            self.trimming();
        }
        let ms = self.manner.now_ms() + self.chance.below(3);
        let stars = if self.manner.has_stars() { 9 } else { 0 };
        match self.chance.below(20) {
            n if n < stars => self.say("*"),
            0..9 => {
                let seq = self.chance.below(4);
                self.say(format!("{ms}-{seq}"))
            }
            9..12 => self.say(format!("{ms}-*")),
            12 => self.say(format!("{ms}-{}", u64::MAX)),
            13 => self.id(),
            _ => {
                let seq = self.chance.below(4);
                self.say(format!("{ms}-{seq}"))
            }
        };
        for _ in 0..=self.chance.below(2) {
            self.fields();
        }
    }

    pub(super) fn xtrim(&mut self) {
        self.say("XTRIM").key();
        self.trimming();
    }

    pub(super) fn xdel(&mut self) {
        self.say("XDEL").key();
        self.ids();
    }

    pub(super) fn xdelex(&mut self) {
        self.say("XDELEX").key();
        self.refs(60);
        self.id_block();
    }

    pub(super) fn xlen(&mut self) {
        self.say("XLEN").key();
    }

    pub(super) fn xrange(&mut self) {
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

    pub(super) fn xread(&mut self) {
        self.say("XREAD");
        self.count(40);
        self.block(55);
        self.streams(|words| {
            match words.chance.below(10) {
                0..6 => words.say("$"),
                6 if words.manner.release >= (7, 4) => words.say("+"),
                _ => words.id(),
            };
        });
    }

    pub(super) fn xsetid(&mut self) {
        self.say("XSETID").key();
        self.id();
        if self.percent(30) {
            self.say("ENTRIESADDED").number(30);
        }
        if self.percent(30) {
            self.say("MAXDELETEDID").id();
        }
    }

    pub(super) fn xinfo(&mut self) {
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

    pub(super) fn del(&mut self) {
        self.say("DEL").key();
    }

    pub(super) fn question(&mut self) {
        match self.chance.below(6) {
            // The model has no texts of help.
            0 if !self.manner.is_driven() => {
                let name = self.chance.pick(&["XGROUP", "XINFO"]);
                self.say(name).say("HELP");
            }
            1 => {
                self.say("PING");
            }
            2 | 3 => {
                self.say("EXISTS").key();
                self.key();
            }
            _ => self.say("TYPE").key(),
        }
    }
}
