//! Which commands there are, and how often each is made.

use super::spoil::spoil;
use super::words::Words;
use super::{Chance, Manner};

/// A command. With a driven clock explicit IDs are near the time it shows, so that they and `*`
/// mix.
pub(crate) fn command(chance: &mut Chance, manner: Manner) -> Vec<Vec<u8>> {
    let mut words = Words { chance, manner, argv: Vec::new() };
    if words.percent(manner.waits) {
        words.waits();
    } else if words.percent(manner.company) {
        words.company();
    } else {
        words.any_command();
    }
    let mut argv = words.argv;
    while chance.percent(6) {
        spoil(chance, manner, &mut argv);
    }
    argv
}

impl Words<'_> {
    fn any_command(&mut self) {
        let known = self.manner.release;
        match self.chance.below(100) {
            0..30 => self.xadd(),
            30..44 => self.xreadgroup(),
            44..50 => self.xread(),
            50..55 => self.xack(),
            55..60 => self.xpending(),
            60..64 => self.xrange(),
            64..68 => self.xclaim(),
            68..72 => self.xautoclaim(),
            72..74 if known >= (8, 8) => self.xnack(),
            74..76 if known >= (8, 2) => self.xdelex(),
            76..78 if known >= (8, 2) => self.xackdel(),
            72..80 => self.xdel(),
            80..84 => self.xtrim(),
            84..91 => self.xgroup(),
            91..95 => self.xinfo(),
            95..97 => self.xsetid(),
            97 => self.xlen(),
            98 => self.del(),
            _ => self.question(),
        }
    }
}
