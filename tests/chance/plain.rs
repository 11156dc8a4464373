//! Commands on texts, lists, sets and hashes.

use super::words::Words;

impl Words<'_> {
    pub(super) fn plain(&mut self) {
        match self.chance.below(4) {
            0 => self.text(),
            1 => self.list(),
            2 => self.set(),
            _ => self.hash(),
        }
    }

    fn text(&mut self) {
        match self.chance.below(8) {
            0..4 => self.put_text(),
            4 | 5 => {
                self.say("GET").key_of("v");
            }
            6 => {
                self.say("GETDEL").key_of("v");
            }
            _ => {
                self.say("INCR").key_of("v");
            }
        }
    }

    fn put_text(&mut self) {
        self.say("SET").key_of("v").element();
        if self.percent(20) {
            let when = self.chance.pick(&["NX", "XX", "GET", "KEEPTTL", "EX", "PXAT"]);
            match when {
                "EX" => self.say("EX").say("100000"),
                "PXAT" => self.say("PXAT").say("4102444800000"),
                _ => self.say(when),
            };
        }
    }

    fn list(&mut self) {
        let left = self.percent(50);
        match self.chance.below(8) {
            0..3 => {
                self.say(if left { "LPUSH" } else { "RPUSH" }).key_of("l").element();
                if self.percent(40) {
                    self.element();
                }
            }
            3 | 4 => {
                self.say(if left { "LPOP" } else { "RPOP" }).key_of("l");
                if self.percent(40) {
                    self.number(4);
                }
            }
            // 7.0 serves who waits by rules of its own.
            6 | 7 if self.manner.release >= (7, 2) => {
                self.say(if left { "BLPOP" } else { "BRPOP" }).key_of("l");
                if self.percent(30) {
                    self.key_of("l");
                }
                let timeout = self.chance.pick(&["0", "0", "600", "600.5", "-1", "x"]);
                self.say(timeout);
            }
            _ => {
                self.say("LLEN").key_of("l");
            }
        }
    }

    fn set(&mut self) {
        match self.chance.below(8) {
            0..3 => {
                self.say("SADD").key_of("m").element().element();
            }
            3 => {
                self.say("SREM").key_of("m").element().element();
            }
            4 => {
                self.say("SISMEMBER").key_of("m").element();
            }
            5 | 6 => {
                self.say("SMEMBERS").key_of("m");
            }
            _ => {
                self.say("SCARD").key_of("m");
            }
        }
    }

    fn hash(&mut self) {
        match self.chance.below(8) {
            0..3 => {
                self.say("HSET").key_of("h").element().element();
                if self.percent(30) {
                    self.element().element();
                }
            }
            3 => {
                self.say("HGET").key_of("h").element();
            }
            4 => {
                self.say("HDEL").key_of("h").element().element();
            }
            5 => {
                self.say("HINCRBY").key_of("h").element().number(9);
            }
            _ => {
                self.say("HGETALL").key_of("h");
            }
        }
    }

    fn element(&mut self) -> &mut Self {
        let element = self.chance.pick(&["a", "b", "c", "1", "2", "-7", "", "9223372036854775807"]);
        self.say(element)
    }

    /// Usually the key that values of this kind have.
    fn key_of(&mut self, usual: &str) -> &mut Self {
        if self.percent(75) { self.say(usual) } else { self.any_key() }
    }

    pub(super) fn any_key(&mut self) -> &mut Self {
        let key = self.chance.pick(&["s", "s", "s", "t", "t", "none", "l", "m", "h", "v"]);
        self.say(key)
    }
}
