//! SIMD comparisons and prefetch. The only module with unsafe code.

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::{
    __m256i, _mm256_cmpeq_epi8, _mm256_movemask_epi8, _mm256_or_si256, _mm256_set_epi64x,
    _mm256_set1_epi8,
};

use super::marks::Marks;

/// Finds the quotes of a record, with the widest instructions of the processor.
#[inline]
pub(super) fn find_quotes(bytes: &[u8], quotes: &mut Marks) {
    #[cfg(target_arch = "x86_64")]
    {
        if has_avx2() {
            #[expect(
                unsafe_code,
                reason = "only the lines above know that the processor can"
            )]
            // SAFETY: the features have just been detected, and the function only computes on its arguments.
            unsafe {
                with_avx2(bytes, quotes);
            }
            return;
        }
    }
    quotes.quotes_with(bytes, portable);
}

/// Finds every byte that equals one of four, with the widest instructions of the processor.
#[inline]
pub(super) fn find_any(bytes: &[u8], of: [u8; 4], marks: &mut Marks) {
    #[cfg(target_arch = "x86_64")]
    {
        if has_avx2() {
            #[expect(
                unsafe_code,
                reason = "only the lines above know that the processor can"
            )]
            // SAFETY: the features have just been detected, and the function only computes on its arguments.
            unsafe {
                any_with_avx2(bytes, of, marks);
            }
            return;
        }
    }
    marks.any_with(bytes, |chunk| portable_any(chunk, of));
}

#[cfg(target_arch = "x86_64")]
fn has_avx2() -> bool {
    is_x86_feature_detected!("avx2") && is_x86_feature_detected!("bmi1")
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,bmi1")]
fn with_avx2(bytes: &[u8], quotes: &mut Marks) {
    quotes.quotes_with(bytes, |chunk| avx2(chunk));
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,bmi1")]
fn any_with_avx2(bytes: &[u8], of: [u8; 4], marks: &mut Marks) {
    marks.any_with(bytes, |chunk| avx2_any(chunk, of));
}

/// Masks of the quotes and the backslashes, one bit a byte.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
#[inline]
fn avx2(chunk: &[u8; 64]) -> (u64, u64) {
    let (mut quotes, mut escapes) = (0, 0);
    let (halves, _) = chunk.as_chunks::<32>();
    for (n, half) in halves.iter().enumerate() {
        let bytes = load(half);
        let mask = |byte: u8| {
            let equal = _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(byte.cast_signed()));
            u64::from(_mm256_movemask_epi8(equal).cast_unsigned()) << (n * 32)
        };
        quotes |= mask(b'"');
        escapes |= mask(b'\\');
    }
    (quotes, escapes)
}

/// Mask of the bytes that equal one of four, one bit a byte.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
#[inline]
fn avx2_any(chunk: &[u8; 64], of: [u8; 4]) -> u64 {
    let mut found = 0;
    let (halves, _) = chunk.as_chunks::<32>();
    for (n, half) in halves.iter().enumerate() {
        let bytes = load(half);
        let equal = |byte: u8| _mm256_cmpeq_epi8(bytes, _mm256_set1_epi8(byte.cast_signed()));
        let (first, second) = (
            _mm256_or_si256(equal(of[0]), equal(of[1])),
            _mm256_or_si256(equal(of[2]), equal(of[3])),
        );
        let mask = _mm256_movemask_epi8(_mm256_or_si256(first, second));
        found |= u64::from(mask.cast_unsigned()) << (n * 32);
    }
    found
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
#[inline]
fn load(bytes: &[u8; 32]) -> __m256i {
    let word = |at: usize| {
        let bytes = bytes[at * 8..].first_chunk::<8>();
        bytes.map_or(0, |bytes| i64::from_le_bytes(*bytes))
    };
    _mm256_set_epi64x(word(3), word(2), word(1), word(0))
}

/// Prefetches memory that is read soon. It affects nothing but time.
#[inline]
pub(super) fn prefetch<T>(place: &T) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        #[expect(unsafe_code, reason = "the language has no other way to say it")]
        // SAFETY: the address is that of a live reference, and a prefetch has no effect that a program can see.
        unsafe {
            _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(place).cast());
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = place;
}

/// Portable version of the masks, a byte at a time: for other processors, and as the reference in tests.
fn portable(chunk: &[u8; 64]) -> (u64, u64) {
    let mask = |byte: u8| (0..64).fold(0, |all, i| all | u64::from(chunk[i] == byte) << i);
    (mask(b'"'), mask(b'\\'))
}

fn portable_any(chunk: &[u8; 64], of: [u8; 4]) -> u64 {
    (0..64).fold(0, |all, i| all | u64::from(of.contains(&chunk[i])) << i)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_fast_way_is_the_portable_one(text in "[\"\\\\a\u{80}]{0,200}") {
            let listed = |marks: &Marks| -> Vec<Option<usize>> {
                (0..text.len()).map(|at| marks.next(at)).collect()
            };
            let (mut fast, mut plain) = (Marks::default(), Marks::default());
            find_quotes(text.as_bytes(), &mut fast);
            plain.quotes_with(text.as_bytes(), portable);
            prop_assert_eq!(listed(&fast), listed(&plain));
            let of = *b"\"\\\x80\0";
            let (mut fast, mut plain) = (Marks::default(), Marks::default());
            find_any(text.as_bytes(), of, &mut fast);
            plain.any_with(text.as_bytes(), |chunk| portable_any(chunk, of));
            prop_assert_eq!(listed(&fast), listed(&plain));
            let marked = |at: &usize| of.contains(&text.as_bytes()[*at]);
            let expected: Vec<usize> = (0..text.len()).filter(marked).collect();
            let found: Vec<usize> = (0..text.len()).filter(|at| fast.next(*at) == Some(*at)).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
