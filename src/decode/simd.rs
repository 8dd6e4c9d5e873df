//! What the processor does beyond the language: bytes compared many at once, memory asked for ahead. The only
//! module with anything unsafe in it.

use super::scan::Quotes;

/// Finds the quotes of a record, with the widest instructions that the processor has.
#[inline]
pub(super) fn find_quotes(bytes: &[u8], quotes: &mut Quotes) {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("bmi1") {
            #[expect(
                unsafe_code,
                reason = "only the lines above know that the processor can"
            )]
            // SAFETY: the features have just been found, and the function only computes on its arguments.
            unsafe {
                with_avx2(bytes, quotes);
            }
            return;
        }
    }
    quotes.find_with(bytes, portable);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,bmi1")]
fn with_avx2(bytes: &[u8], quotes: &mut Quotes) {
    quotes.find_with(bytes, |chunk| avx2(chunk));
}

/// One bit a byte: where there are quotes, and where backslashes.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
#[inline]
fn avx2(chunk: &[u8; 64]) -> (u64, u64) {
    use std::arch::x86_64::{
        _mm256_cmpeq_epi8, _mm256_movemask_epi8, _mm256_set_epi64x, _mm256_set1_epi8,
    };
    let (mut quotes, mut escapes) = (0, 0);
    let (halves, _) = chunk.as_chunks::<32>();
    for (n, half) in halves.iter().enumerate() {
        let word = |at: usize| {
            let bytes = half[at * 8..].first_chunk::<8>();
            bytes.map_or(0, |bytes| i64::from_le_bytes(*bytes))
        };
        let bytes = _mm256_set_epi64x(word(3), word(2), word(1), word(0));
        let mask = |byte: u8| {
            let equal = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(byte.cast_signed()));
            u64::from(_mm256_movemask_epi8(equal).cast_unsigned()) << (n * 32)
        };
        quotes |= mask(b'"');
        escapes |= mask(b'\\');
    }
    (quotes, escapes)
}

/// Asks for a place in memory that is read soon. Nothing but time depends on it.
#[inline]
pub(super) fn prefetch<T>(place: &T) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        #[expect(unsafe_code, reason = "the language has no other way to say it")]
        // SAFETY: the address is that of a live reference, and a prefetch reads nothing a program can see.
        unsafe {
            _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(place).cast());
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = place;
}

/// The same a byte at a time: for other processors, and what tests hold the fast one against.
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
        fn the_fast_way_is_the_portable_one(text in "[\"\\\\a\u{80}]{0,200}") {
            let listed = |quotes: &Quotes| -> Vec<Option<usize>> {
                (0..text.len()).map(|at| quotes.next(at)).collect()
            };
            let (mut fast, mut plain) = (Quotes::default(), Quotes::default());
            find_quotes(text.as_bytes(), &mut fast);
            plain.find_with(text.as_bytes(), portable);
            prop_assert_eq!(listed(&fast), listed(&plain));
        }
    }
}
