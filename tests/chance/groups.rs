//! Commands about consumer groups and what they have pending.

use super::words::Words;

impl Words<'_> {
    pub(super) fn xgroup(&mut self) {
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

    pub(super) fn xreadgroup(&mut self) {
        self.say("XREADGROUP").say("GROUP").group();
        self.consumer();
        self.count(50);
        self.block(55);
        if self.percent(10) {
            self.say("NOACK");
        }
        if self.manner.release >= (8, 4) && self.percent(15) {
            self.say("CLAIM").idle(30);
        }
        self.streams(|words| {
            match words.chance.below(10) {
                0..8 => words.say(">"),
                8 => words.say("0"),
                _ => words.id(),
            };
        });
    }

    pub(super) fn xack(&mut self) {
        self.say("XACK").key();
        self.group();
        self.ids();
    }

    pub(super) fn xackdel(&mut self) {
        self.say("XACKDEL").key();
        self.group();
        self.refs(60);
        self.id_block();
    }

    pub(super) fn xnack(&mut self) {
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

    pub(super) fn xpending(&mut self) {
        self.say("XPENDING").key();
        self.group();
        if self.percent(60) {
            if self.percent(30) {
                self.say("IDLE").idle(40);
            }
            let (start, end) = self.bounds();
            self.say(start).say(end).number(8);
            if self.percent(40) {
                self.consumer();
            }
        }
    }

    pub(super) fn xclaim(&mut self) {
        self.say("XCLAIM").key();
        self.group();
        self.consumer();
        self.idle(20);
        self.ids();
        if self.percent(15) {
            self.say("IDLE").past(50);
        }
        if self.percent(15) {
            self.say("TIME").time();
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

    pub(super) fn xautoclaim(&mut self) {
        self.say("XAUTOCLAIM").key();
        self.group();
        self.consumer();
        self.idle(20);
        let (start, _) = self.bounds();
        self.say(start);
        self.count(50);
        if self.percent(25) {
            self.say("JUSTID");
        }
    }
}
