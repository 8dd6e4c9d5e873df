//! Reusable memory for blocks: touching new memory costs more than decoding its content.

use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};

/// Minimum size of the buffers kept.
const LARGE: usize = 1 << 20;

/// Most buffers kept.
const KEPT: usize = 4;

/// Bytes of a block. Reusable memory is returned when dropped.
#[derive(Default)]
pub struct Buffer {
    bytes: Vec<u8>,
    spare: Option<Spare>,
}

/// Buffers not in use. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub(super) struct Spare(Arc<Mutex<Vec<Vec<u8>>>>);

impl Spare {
    /// Returns an empty buffer with any capacity.
    pub(super) fn take(&self) -> Vec<u8> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.pop().unwrap_or_default()
    }

    /// Wraps bytes whose memory is to be returned.
    pub(super) fn lend(&self, bytes: Vec<u8>) -> Buffer {
        Buffer {
            bytes,
            spare: Some(self.clone()),
        }
    }

    fn give(&self, mut bytes: Vec<u8>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if bytes.capacity() >= LARGE && kept.len() < KEPT {
            bytes.clear();
            kept.push(bytes);
        }
    }
}

impl From<Vec<u8>> for Buffer {
    fn from(bytes: Vec<u8>) -> Self {
        Self { bytes, spare: None }
    }
}

impl Deref for Buffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        if let Some(spare) = &self.spare {
            spare.give(std::mem::take(&mut self.bytes));
        }
    }
}

impl fmt::Debug for Buffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.bytes.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_memory_comes_back_empty_and_small_does_not() {
        let spare = Spare::default();
        drop(spare.lend(vec![1; 10]));
        assert_eq!(spare.take().capacity(), 0);
        drop(spare.lend(vec![1; LARGE]));
        drop(Buffer::from(vec![1; LARGE]));
        let again = spare.take();
        assert!(again.is_empty() && again.capacity() >= LARGE);
        assert_eq!(spare.take().capacity(), 0);
    }
}
