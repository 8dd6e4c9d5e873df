//! Bytes compared sixteen at once. The only module with anything unsafe in it.

/// One bit a byte: where there are quotes, and where backslashes.
#[inline]
pub(super) fn quote_masks(chunk: &[u8; 64]) -> (u64, u64) {
    #[cfg(target_arch = "x86_64")]
    {
        #[expect(
            unsafe_code,
            reason = "the compiler wants the feature stated although it is always there"
        )]
        // SAFETY: SSE2 is part of every x86-64 processor, and the function only computes on its argument.
        unsafe {
            sse2(chunk)
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    portable(chunk)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "sse2")]
#[inline]
fn sse2(chunk: &[u8; 64]) -> (u64, u64) {
    use std::arch::x86_64::{_mm_cmpeq_epi8, _mm_movemask_epi8, _mm_set_epi64x, _mm_set1_epi8};
    let (mut quotes, mut escapes) = (0, 0);
    let (quarters, _) = chunk.as_chunks::<16>();
    for (n, quarter) in quarters.iter().enumerate() {
        let number = u128::from_le_bytes(*quarter);
        let bytes = _mm_set_epi64x((number >> 64) as i64, number as i64);
        let mask = |byte: u8| {
            let equal = _mm_cmpeq_epi8(bytes, _mm_set1_epi8(byte.cast_signed()));
            u64::from(_mm_movemask_epi8(equal).cast_unsigned()) << (n * 16)
        };
        quotes |= mask(b'"');
        escapes |= mask(b'\\');
    }
    (quotes, escapes)
}

/// The same a byte at a time: for other processors, and what tests hold the fast one against.
#[cfg(any(test, not(target_arch = "x86_64")))]
fn portable(chunk: &[u8; 64]) -> (u64, u64) {
    let mask = |byte: u8| (0..64).fold(0, |all, i| all | u64::from(chunk[i] == byte) << i);
    (mask(b'"'), mask(b'\\'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_fast_way_is_the_portable_one(text in "[\"\\\\a\u{80}]{64}") {
            let text: &[u8; 64] = text.as_bytes().first_chunk().expect("at least 64 bytes");
            prop_assert_eq!(quote_masks(text), portable(text));
        }
    }
}
