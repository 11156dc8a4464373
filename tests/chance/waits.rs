//! Many who wait for few keys: who is served, and who goes to the tail of which queue.

use super::words::Words;

impl Words<'_> {
    pub(super) fn waits(&mut self) {
        match self.chance.below(20) {
            0..8 => self.wait_in_group(),
            8 => {
                self.say("XREAD").say("BLOCK").say("0").say("STREAMS").say("s").say("t");
                self.say("$").say("$");
            }
            9..15 => {
                let ms = self.manner.now_ms();
                self.say("XADD");
                self.one_of(&["s", "t"]).say(format!("{ms}-*")).say("f").say("v");
            }
            15 => {
                self.say("XGROUP").say("CREATE");
                self.one_of(&["s", "t"]).say("g").say("$").say("MKSTREAM");
            }
            16 => {
                self.say("MULTI");
            }
            17 => {
                self.say("EXEC");
            }
            18 if self.percent(30) => {
                let line = self.chance.pick(&["XGROUP DESTROY s g", "DEL s", "DEL t", "SET s v"]);
                line.split(' ').for_each(|word| {
                    self.say(word);
                });
            }
            _ => {
                self.say("XLEN");
                self.one_of(&["s", "t"]);
            }
        }
    }

    fn wait_in_group(&mut self) {
        self.say("XREADGROUP").say("GROUP").say("g");
        self.one_of(&["a", "b", "c"]).say("COUNT").say("1").say("BLOCK").say("0").say("STREAMS");
        match self.chance.below(3) {
            0 => self.say("s").say("t").say(">").say(">"),
            1 => self.say("s").say(">"),
            _ => self.say("t").say(">"),
        };
    }

    fn one_of(&mut self, words: &[&str]) -> &mut Self {
        let word = self.chance.pick(words);
        self.say(word)
    }
}
