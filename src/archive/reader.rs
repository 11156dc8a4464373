//! Reading archives as their bytes come, in pieces of any size.

use super::{CHECK_BYTES, CHECKSUM, END, HEAD_BYTES, MAGIC};
use alloc::vec::Vec;
use crc::Digest;

/// A place in a file and what is wrong there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Damage {
    pub(crate) offset: u64,
    pub(crate) problem: &'static str,
}

/// A whole record, whose checks are right.
#[derive(Debug)]
pub(crate) struct Record {
    pub(super) kind: u8,
    pub(super) payload: Vec<u8>,
    /// Where the payload begins in the file.
    pub(super) offset: u64,
}

/// The records of a file.
pub(crate) struct Records {
    /// What has come and is no record yet; `bytes[at..]` is to be read.
    bytes: Vec<u8>,
    at: usize,
    /// Where `bytes` begins in the file.
    offset: u64,
    digest: Option<Digest<'static, u32>>,
}

impl Records {
    pub(super) fn new() -> Self {
        Self { bytes: Vec::new(), at: 0, offset: 0, digest: None }
    }

    /// Takes the file's next bytes.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.bytes.drain(..self.at);
        self.offset += self.at as u64;
        self.at = 0;
        self.bytes.extend_from_slice(bytes);
    }

    /// The next record; `None`: more bytes are needed for it.
    pub(super) fn next(&mut self) -> Result<Option<Record>, Damage> {
        let rest = &self.bytes[self.at..];
        let Some(digest) = &self.digest else {
            let known = rest.len().min(MAGIC.len());
            if rest[..known] != MAGIC[..known] {
                let is_ours = rest.starts_with(&MAGIC[..MAGIC.len() - 1]);
                let problem = if is_ours { "unknown version" } else { "not an export of Eddyline" };
                return Err(self.damage(0, problem));
            }
            if known < MAGIC.len() {
                return Ok(None);
            }
            let mut digest = CHECKSUM.digest();
            digest.update(MAGIC);
            self.digest = Some(digest);
            self.at += MAGIC.len();
            return self.next();
        };
        let mut digest = digest.clone();
        let Some((head, rest)) = rest.split_at_checked(HEAD_BYTES) else { return Ok(None) };
        digest.update(&head[..HEAD_BYTES - CHECK_BYTES]);
        if head[HEAD_BYTES - CHECK_BYTES..] != digest.clone().finalize().to_le_bytes() {
            return Err(self.damage(0, "checksum does not match"));
        }
        let len = u32::from_le_bytes([head[1], head[2], head[3], head[4]]) as usize;
        let Some((payload, rest)) = rest.split_at_checked(len) else { return Ok(None) };
        let Some((check, _)) = rest.split_at_checked(CHECK_BYTES) else { return Ok(None) };
        digest.update(payload);
        if check != digest.clone().finalize().to_le_bytes() {
            return Err(self.damage(HEAD_BYTES, "checksum does not match"));
        }
        let (kind, payload) = (head[0], payload.to_vec());
        let offset = self.offset + (self.at + HEAD_BYTES) as u64;
        self.at += HEAD_BYTES + len + CHECK_BYTES;
        self.digest = (kind != END).then_some(digest);
        Ok(Some(Record { kind, payload, offset }))
    }

    /// Tests that the file may end here.
    pub(super) fn finish(&self) -> Result<(), Damage> {
        let is_whole = self.digest.is_none() && self.at == self.bytes.len() && self.end() > 0;
        if is_whole { Ok(()) } else { Err(self.damage(self.bytes.len() - self.at, "cut short")) }
    }

    fn end(&self) -> u64 {
        self.offset + self.bytes.len() as u64
    }

    fn damage(&self, behind: usize, problem: &'static str) -> Damage {
        Damage { offset: self.offset + (self.at + behind) as u64, problem }
    }
}

impl core::fmt::Debug for Records {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Records").field("offset", &self.offset).finish_non_exhaustive()
    }
}
