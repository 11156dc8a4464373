//! Which commands there are, and how often each is made.

use super::Chance;
use super::spoil::spoil;
use super::words::Words;

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

impl Words<'_> {
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
}
