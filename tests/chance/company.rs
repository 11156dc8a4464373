//! Commands around streams: keys, expiry, transactions, what concerns the connection.

use super::manner::Stamp;
use super::words::Words;

/// A time to live that no sequence outlasts, and two moments: one long past, one long ahead.
const LONG: &str = "100000";
const PAST: &str = "1";
const AHEAD: &str = "4102444800";

impl Words<'_> {
    pub(super) fn company(&mut self) {
        match self.chance.below(100) {
            0..38 => self.plain(),
            38..62 => self.keyspace(),
            62..70 => self.expiry(),
            70..88 => self.transaction(),
            88..93 => self.unblock(),
            _ => self.connection(),
        }
    }

    fn keyspace(&mut self) {
        match self.chance.below(24) {
            0..3 => self.with_keys("DEL", 2),
            3 => self.with_keys("UNLINK", 2),
            4 => self.with_keys("EXISTS", 3),
            5 => self.with_keys("TYPE", 1),
            6..9 => self.two_keys("RENAME"),
            9 => self.two_keys("RENAMENX"),
            10..13 => {
                self.two_keys("COPY");
                if self.percent(20) {
                    self.say("DB").database();
                }
                if self.percent(50) {
                    self.say("REPLACE");
                }
            }
            13 | 14 => {
                self.say("MOVE").any_key();
                self.database();
            }
            15 | 16 => {
                self.say("SWAPDB").database();
                self.database();
            }
            17 => {
                let name = self.chance.pick(&["FLUSHDB", "FLUSHDB", "FLUSHALL"]);
                self.say(name);
                if self.percent(30) {
                    let how = self.chance.pick(&["SYNC", "ASYNC"]);
                    self.say(how);
                }
            }
            18 => self.scan(),
            19 => {
                let pattern = self.chance.pick(&["*", "?", "[st]", "n*", "[^s]", "\\*", "none"]);
                self.say("KEYS").say(pattern);
            }
            20 => {
                self.say("DBSIZE");
            }
            _ => {
                self.say("OBJECT").say("ENCODING").any_key();
            }
        }
    }

    fn scan(&mut self) {
        // All at once: what a cursor looks like is each server's own.
        self.say("SCAN").say("0").say("COUNT").say("1000");
        if self.percent(40) {
            let pattern = self.chance.pick(&["*", "s*", "[a-m]"]);
            self.say("MATCH").say(pattern);
        }
        if self.percent(40) {
            let kind = self.chance.pick(&["stream", "string", "list", "set", "hash", "zset"]);
            self.say("TYPE").say(kind);
        }
    }

    fn with_keys(&mut self, name: &str, most: u64) {
        self.say(name);
        for _ in 0..=self.chance.below(most) {
            self.any_key();
        }
    }

    fn two_keys(&mut self, name: &str) {
        self.say(name).any_key();
        self.any_key();
    }

    fn database(&mut self) -> &mut Self {
        let database = self.chance.pick(&["0", "0", "1", "1", "2", "15", "16", "-1", "x"]);
        self.say(database)
    }

    fn expiry(&mut self) {
        let moment = self.chance.pick(&[PAST, AHEAD, AHEAD]);
        let duration = self.chance.pick(&[LONG, LONG, LONG, "0", "-5", "9223372036854775807"]);
        match self.chance.below(10) {
            0 => self.say("EXPIRE").any_key().say(duration),
            1 => self.say("PEXPIRE").any_key().say(format!("{duration}000")),
            2 => self.say("EXPIREAT").any_key().say(moment),
            3 => self.say("PEXPIREAT").any_key().say(format!("{moment}000")),
            4 => self.say("PERSIST").any_key(),
            5 => self.say("TTL").any_key(),
            6 => self.say("PTTL").any_key(),
            7 => self.say("EXPIRETIME").any_key(),
            8 => self.say("PEXPIRETIME").any_key(),
            _ => {
                let when = self.chance.pick(&["NX", "XX", "GT", "LT"]);
                self.say("EXPIRE").any_key().say(duration).say(when)
            }
        };
    }

    fn transaction(&mut self) {
        match self.chance.below(10) {
            0..3 => {
                self.say("MULTI");
            }
            3..7 => {
                self.say("EXEC");
            }
            7 => {
                self.say("DISCARD");
            }
            8 => self.with_keys("WATCH", 2),
            _ => {
                self.say("UNWATCH");
            }
        }
    }

    fn unblock(&mut self) {
        let client = self.chance.below(6);
        self.say("CLIENT").say("UNBLOCK").say(Stamp::Client { number: client }.text());
        match self.chance.below(4) {
            0 => {
                self.say("TIMEOUT");
            }
            1 => {
                self.say("ERROR");
            }
            _ => {}
        }
    }

    fn connection(&mut self) {
        match self.chance.below(11) {
            0..5 => {
                self.say("SELECT").database();
            }
            5 => {
                let version = self.chance.pick(&["2", "3", "4", "x"]);
                self.say("HELLO").say(version);
            }
            6 => {
                self.say("RESET");
            }
            7 => {
                self.say("CLIENT").say("GETNAME");
            }
            8 => {
                let name = self.chance.pick(&["me", "", "a b"]);
                self.say("CLIENT").say("SETNAME").say(name);
            }
            9 => {
                self.say("ECHO").say("x");
            }
            _ => {
                self.say("PING").say("x");
            }
        }
    }
}
