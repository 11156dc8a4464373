//! Writing an archive, record by record.

use super::{CHECKSUM, END, GROUP, KEY, MAGIC, PAGE, SEGMENT};
use crate::keyspace::{Bytes, Piece};
use crate::seal;
use crate::stream::bytes::put_varint;
use alloc::borrow::Cow;
use alloc::vec::Vec;
use crc::Digest;

/// An archive that is being written.
pub(crate) struct Export {
    digest: Digest<'static, u32>,
    keys: u64,
    has_begun: bool,
    has_ended: bool,
}

impl core::fmt::Debug for Export {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Export").field("keys", &self.keys).finish_non_exhaustive()
    }
}

impl Export {
    pub(crate) fn new() -> Self {
        Self { digest: CHECKSUM.digest(), keys: 0, has_begun: false, has_ended: false }
    }

    /// The bytes of the next piece, or of the archive's end; `None` behind that.
    pub(crate) fn write(&mut self, piece: Option<Piece>) -> Option<Vec<u8>> {
        let (kind, payload): (u8, Cow<'_, [u8]>) = match piece {
            _ if self.has_ended => return None,
            None => {
                self.has_ended = true;
                let mut keys = Vec::new();
                put_varint(&mut keys, self.keys);
                (END, keys.into())
            }
            Some(Piece::Key(bytes)) => {
                self.keys += 1;
                (KEY, bytes.into())
            }
            Some(Piece::Group(bytes)) => (GROUP, bytes.into()),
            Some(Piece::Page(bytes)) => (PAGE, blob_of(bytes).into()),
            Some(Piece::Segment(bytes)) => (SEGMENT, blob_of(bytes).into()),
        };
        let mut out = Vec::with_capacity(payload.len() + 32);
        if !core::mem::replace(&mut self.has_begun, true) {
            self.put(MAGIC, &mut out);
        }
        self.put(&[kind], &mut out);
        self.put(&(payload.len() as u32).to_le_bytes(), &mut out);
        self.put_check(&mut out);
        self.put(&payload, &mut out);
        self.put_check(&mut out);
        Some(out)
    }

    fn put(&mut self, bytes: &[u8], out: &mut Vec<u8>) {
        self.digest.update(bytes);
        out.extend_from_slice(bytes);
    }

    fn put_check(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.digest.clone().finalize().to_le_bytes());
    }
}

fn blob_of(bytes: Bytes) -> Vec<u8> {
    match bytes {
        Bytes::Sealed(blob) => blob,
        Bytes::Bare(bytes) => seal::sealed(|out| out.extend_from_slice(&bytes)),
    }
}
