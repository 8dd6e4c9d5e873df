//! Guesses the encoding of bytes that are not UTF-8, by the common letters they would be in each.
//!
//! The guess is only shown to the user, who sees at once if it is right. Nothing is decoded with it.

use encoding_rs::{BIG5, EUC_JP, EUC_KR, Encoding, GB18030, SHIFT_JIS, WINDOWS_1251, WINDOWS_1252};

/// Probable encoding of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Likely {
    In(&'static Encoding),
    /// UTF-8 in which characters were cut.
    DamagedUtf8,
    Unknown,
}

impl Likely {
    /// Common name of the encoding.
    pub fn name(self) -> &'static str {
        match self {
            Self::In(encoding) if encoding == GB18030 => "GB18030 (GBK)",
            Self::In(encoding) => encoding.name(),
            Self::DamagedUtf8 => "UTF-8 with truncated characters",
            Self::Unknown => "unknown",
        }
    }
}

/// Minimum percentage of byte pairs that must fit an encoding: less is chance.
const ENOUGH: usize = 60;

/// Guesses the encoding of records with bytes that are not UTF-8.
pub fn guess(sample: &[u8]) -> Likely {
    if is_damaged_utf8(sample) {
        return Likely::DamagedUtf8;
    }
    let high = sample.iter().filter(|byte| **byte >= 0x80).count();
    if high == 0 {
        return Likely::Unknown;
    }
    let is_high = |at: Option<usize>| at.and_then(|at| sample.get(at)).is_some_and(|b| *b >= 0x80);
    let alone = (0..sample.len())
        .filter(|at| sample[*at] >= 0x80 && !is_high(at.checked_sub(1)) && !is_high(Some(at + 1)))
        .filter(|at| is_western(sample[*at]))
        .count();
    let small_cyrillic = sample.iter().filter(|byte| **byte >= 0xe0).count();
    let cyrillic = sample.iter().filter(|byte| **byte >= 0xc0).count();
    let pairs = pairs(sample);
    let share = |is: &dyn Fn(u8, u8) -> bool| {
        pairs.iter().filter(|(a, b)| is(*a, *b)).count() * 100 / pairs.len().max(1)
    };
    let wide =
        |lead: std::ops::RangeInclusive<u8>| move |a: u8, b: u8| lead.contains(&a) && b >= 0xa1;
    let kana = share(&|a, b| matches!(a, 0xa4 | 0xa5) && b >= 0xa1);
    // The first with a sufficient share wins; if two alphabets share their bytes, the one with the rarer characteristic
    // comes first.
    let candidates: [(&'static Encoding, usize); 7] = [
        (SHIFT_JIS, japanese(sample)),
        (
            EUC_JP,
            if kana > 25 {
                share(&wide(0xa1..=0xcf))
            } else {
                0
            },
        ),
        (WINDOWS_1252, alone * 100 / high),
        (
            WINDOWS_1251,
            if small_cyrillic * 100 >= high * 60 {
                cyrillic * 100 / high
            } else {
                0
            },
        ),
        (
            EUC_KR,
            if pairs.len() >= 4 && share(&wide(0xb0..=0xc8)) == 100 {
                100
            } else {
                0
            },
        ),
        (
            GB18030,
            share(&wide(0xb0..=0xd7)) + share(&wide(0xa1..=0xa3)),
        ),
        (
            BIG5,
            share(&|a, b| (0xa4..=0xc6).contains(&a) && (b >= 0xa1 || (0x40..0x7f).contains(&b))),
        ),
    ];
    candidates
        .into_iter()
        .filter(|(_, share)| *share >= ENOUGH)
        .find(|(encoding, _)| reads(encoding, sample))
        .map_or(Likely::Unknown, |(encoding, _)| Likely::In(encoding))
}

/// Returns true for accented letters, and for signs that occur between letters, in Windows Western text.
fn is_western(byte: u8) -> bool {
    byte >= 0xc0
        || matches!(
            byte,
            0x80 | 0x85 | 0x8a | 0x8c | 0x8e | 0x91
                ..=0x97 | 0x9a | 0x9c | 0x9e | 0xa3 | 0xa7 | 0xa9 | 0xae | 0xb0
        )
}

/// Returns true if the sample decodes without errors, except for a character cut at its end.
fn reads(encoding: &'static Encoding, sample: &[u8]) -> bool {
    let (text, errors) = encoding.decode_without_bom_handling(sample);
    !errors
        || text
            .trim_end()
            .find('\u{fffd}')
            .is_some_and(|at| at + 8 >= text.trim_end().len())
}

/// Distinct byte pairs, as a two-byte encoding would split the sample.
fn pairs(sample: &[u8]) -> Vec<(u8, u8)> {
    let mut pairs = Vec::new();
    let mut at = 0;
    while at + 1 < sample.len() {
        if sample[at] >= 0x81 {
            pairs.push((sample[at], sample[at + 1]));
            at += 1;
        }
        at += 1;
    }
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}

/// Percentage of the distinct pairs that are kana or the commonest kanji of Shift JIS; 0 if there are no kana and less
/// than 90 % are kanji.
fn japanese(sample: &[u8]) -> usize {
    let pairs = pairs(sample);
    let kana = |a: u8, b: u8| (a == 0x82 && b >= 0x9f) || (a == 0x83 && (0x40..0x97).contains(&b));
    let kanji = |a: u8| (0x88..=0x97).contains(&a);
    let found = pairs.iter().filter(|(a, b)| kana(*a, *b)).count();
    let all = found + pairs.iter().filter(|(a, _)| kanji(*a)).count();
    if found == 0 && all * 100 < pairs.len() * 90 {
        return 0;
    }
    all * 100 / pairs.len().max(1)
}

/// Returns true if the invalid bytes are starts of UTF-8 characters, or if most other characters are UTF-8.
fn is_damaged_utf8(sample: &[u8]) -> bool {
    let (mut good, mut cut, mut bad) = (0, 0, 0);
    for chunk in sample.utf8_chunks() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        match chunk.invalid() {
            [] => {}
            [_] => bad += 1,
            _ => cut += 1,
        }
    }
    good > cut + bad || (cut > 0 && bad == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_people_and_places_tell_their_encoding() {
        for (text, encoding) in [
            ("user_name,张三,team/镜像仓库", GB18030),
            ("李四", GB18030),
            (
                "{\"user_name\":\"王小明\",\"x\":\"生产环境，测试\"}",
                GB18030,
            ),
            ("ユーザー,田中さん,イメージ", SHIFT_JIS),
            ("テスト", SHIFT_JIS),
            ("ユーザー,田中さん,イメージ", EUC_JP),
            ("사용자,김철수,이미지저장소", EUC_KR),
            ("使用者,陳大文,映像檔儲存庫", BIG5),
            ("José,Müller,Señor,naïve,Åse", WINDOWS_1252),
            ("rené", WINDOWS_1252),
            ("Иван Петров,Сервер", WINDOWS_1251),
        ] {
            let (bytes, _, lossy) = encoding.encode(text);
            assert!(!lossy, "{text}");
            assert_eq!(guess(&bytes), Likely::In(encoding), "{text} {bytes:x?}");
        }
    }

    #[test]
    fn utf_8_that_was_cut_is_no_other_encoding() {
        let mut cut = "{\"user_name\":\"张三\",\"x\":\"李".as_bytes().to_vec();
        cut.pop();
        cut.extend(b"\"}");
        assert_eq!(guess(&cut), Likely::DamagedUtf8);
        assert_eq!(guess(b"plain"), Likely::Unknown);
        assert_eq!(
            guess(&[0x81, 0x20, 0xff, 0x80, 0x00, 0x90]),
            Likely::Unknown
        );
    }
}
