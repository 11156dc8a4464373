//! What the stamps in generated words stand for.

use super::moments;
use crate::chance::Stamp;
use crate::resp::Value;

/// The IDs that new entries were given, the newest last.
#[derive(Default)]
pub(super) struct Stamps(Vec<Vec<u8>>);

impl Stamps {
    /// The words with what their stamps stand for.
    /// `number` gives the number by which a server knows a client.
    pub(super) fn resolved(&self, argv: &[Vec<u8>], number: impl Fn(u64) -> u64) -> Vec<Vec<u8>> {
        argv.iter().map(|word| self.word(word, &number)).collect()
    }

    fn word(&self, word: &[u8], number: &impl Fn(u64) -> u64) -> Vec<u8> {
        let (before, text) = match Stamp::find(word) {
            None => return word.to_vec(),
            Some((before, Stamp::Ago { ms })) => {
                (before, (moments::now_ms() - ms).to_string().into_bytes())
            }
            Some((before, Stamp::Client { number: client })) => {
                (before, number(client).to_string().into_bytes())
            }
            Some((before, Stamp::Given { back })) => {
                (before, self.0.iter().rev().nth(back).map_or(b"1-1".to_vec(), Clone::clone))
            }
        };
        [before, &text].concat()
    }

    /// Remembers what XADD answers.
    pub(super) fn see(&mut self, argv: &[Vec<u8>], reply: &Value) {
        if let Value::Bulk(id) = reply
            && argv[0].eq_ignore_ascii_case(b"XADD")
        {
            self.0.push(id.clone());
        }
    }
}
