//! File types that are recognised and refused by name, with the command or the export that helps.

use std::fmt;

/// Row of [`REFUSED`].
pub struct Refusal {
    pub name: &'static str,
    /// Advice for the user; `FILE` is replaced by the name of the file.
    pub instead: &'static str,
    detect: Detect,
}

/// Test that recognises a file type.
enum Detect {
    Magic(&'static [u8]),
    /// A magic number at an offset.
    At(usize, &'static [u8]),
    /// Names of the files in a zip archive, as far as the first bytes contain them.
    Zip(fn(&[&[u8]]) -> bool),
    By(fn(&[u8]) -> bool),
}

use Detect::{At, By, Magic, Zip};

/// UTF-32 text. The encoding detection recognises it, by its byte order mark or zero bytes; it is not in [`REFUSED`].
pub static UTF_32: Refusal = refusal(
    "UTF-32 text",
    Magic(b"\xff\xfe\0\0"),
    "convert it with iconv -f UTF-32 -t UTF-8, or write it as UTF-8 or UTF-16",
);

/// File types that are recognised only to be refused by name. The first match wins.
pub const REFUSED: &[Refusal] = &[
    refusal(
        "an ORC file",
        Magic(b"ORC"),
        "export it as JSON, CSV or Parquet instead",
    ),
    refusal(
        "an Avro file",
        Magic(b"Obj\x01"),
        "export it as JSON, CSV or Parquet instead, e.g. avrocat FILE | regtrail -",
    ),
    refusal(
        "an Arrow or Feather file",
        Magic(b"ARROW1"),
        "save it as Parquet (write_parquet, to_parquet) or CSV instead",
    ),
    refusal(
        "a Feather file",
        Magic(b"FEA1"),
        "save it as Parquet (write_parquet, to_parquet) or CSV instead",
    ),
    refusal(
        "an Arrow stream",
        By(is_arrow_stream),
        "save it as Parquet (write_parquet, to_parquet) or CSV instead",
    ),
    refusal(
        "a Parquet file with an encrypted footer",
        Magic(b"PARE"),
        "write it without encryption",
    ),
    refusal(
        "an Excel workbook",
        Zip(|names| {
            let is_office = |folder: &[u8]| names.iter().any(|name| name.starts_with(folder));
            is_office(b"xl/")
                || (is_office(b"[Content_Types].xml")
                    && !is_office(b"word/")
                    && !is_office(b"ppt/"))
        }),
        "save it as CSV UTF-8",
    ),
    refusal(
        "an Office document",
        Zip(|names| {
            let parts: [&[u8]; 4] = [b"word/", b"ppt/", b"mimetype", b"Index/"];
            names
                .iter()
                .any(|name| parts.iter().any(|part| name.starts_with(part)))
        }),
        "save its table as CSV UTF-8",
    ),
    refusal(
        "a zip archive",
        Zip(|names| !names.is_empty()),
        "unpack it (unzip -p FILE | regtrail -), or use gzip or zstd instead",
    ),
    refusal(
        "an empty zip archive",
        Magic(b"PK\x05\x06"),
        "it contains no files",
    ),
    refusal(
        "a legacy Excel workbook or Office document",
        Magic(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
        "save it as CSV UTF-8",
    ),
    refusal(
        "a tar archive",
        At(257, b"ustar"),
        "unpack it and name the directory (tar -xf FILE), or tar -xOf FILE | regtrail -",
    ),
    refusal(
        "a 7z archive",
        Magic(b"7z\xbc\xaf\x27\x1c"),
        "unpack it (7z x -so FILE | regtrail -), or use gzip or zstd instead",
    ),
    refusal(
        "a RAR archive",
        Magic(b"Rar!\x1a\x07"),
        "unpack it (unrar p -inul FILE | regtrail -), or use gzip or zstd instead",
    ),
    refusal(
        "a cabinet archive",
        Magic(b"MSCF\0\0\0\0"),
        "unpack it (cabextract -p FILE | regtrail -)",
    ),
    refusal(
        "a compress (.Z) file",
        Magic(b"\x1f\x9d"),
        "unpack it (zcat FILE | regtrail -), or use gzip or zstd instead",
    ),
    refusal(
        "an lzip archive",
        Magic(b"LZIP\x01"),
        "unpack it (lzip -dc FILE | regtrail -), or use xz or zstd instead",
    ),
    refusal(
        "an lzop archive",
        Magic(b"\x89LZO\0\r\n\x1a\n"),
        "unpack it (lzop -dc FILE | regtrail -), or use lz4 or zstd instead",
    ),
    refusal(
        "an lrzip archive",
        Magic(b"LRZI"),
        "unpack it (lrzcat FILE | regtrail -), or use xz or zstd instead",
    ),
    refusal(
        "a framed snappy stream",
        Magic(b"\xff\x06\x00\x00sNaPpY"),
        "unpack it (snzip -dc FILE | regtrail -), or use gzip or zstd instead; raw snappy is read",
    ),
    refusal(
        "an SQLite database",
        Magic(b"SQLite format 3\0"),
        "export the table: sqlite3 -csv -header FILE 'select * from TABLE' | regtrail -",
    ),
    refusal(
        "a DuckDB database",
        At(8, b"DUCK"),
        "export the table: duckdb -csv FILE 'from TABLE' | regtrail -",
    ),
    refusal(
        "an HDF5 file",
        Magic(b"\x89HDF\r\n\x1a\n"),
        "save its table as Parquet or CSV instead",
    ),
    refusal(
        "a Python pickle",
        By(|head| matches!(head, [0x80, 4 | 5, 0x95, ..])),
        "save it as JSON, Parquet or CSV instead",
    ),
    refusal(
        "a systemd journal",
        Magic(b"LPKSHHRH"),
        "print it: journalctl --file FILE -o cat | regtrail -",
    ),
    refusal(
        "a Windows event log",
        Magic(b"ElfFile\0"),
        "save it as CSV instead",
    ),
    refusal(
        "a packet capture",
        By(|head| {
            let order = head.get(8..12).unwrap_or_default();
            let is_newer = head.starts_with(b"\n\r\r\n")
                && (order == b"\x4d\x3c\x2b\x1a" || order == b"\x1a\x2b\x3c\x4d");
            let kinds: [&[u8]; 2] = [b"\xd4\xc3\xb2\xa1", b"\xa1\xb2\xc3\xd4"];
            is_newer || kinds.iter().any(|kind| head.starts_with(kind))
        }),
        "it contains no audit log",
    ),
    refusal(
        "an encrypted file",
        By(|head| {
            let kinds: [&[u8]; 4] = [
                b"-----BEGIN PGP MESSAGE",
                b"age-encryption.org/",
                b"-----BEGIN AGE ENCRYPTED",
                b"Salted__",
            ];
            kinds.iter().any(|kind| head.starts_with(kind))
        }),
        "decrypt it first, e.g. gpg -d FILE | regtrail -",
    ),
    refusal(
        "a PDF document",
        Magic(b"%PDF-"),
        "export its source data as CSV or JSON",
    ),
    refusal(
        "an image",
        By(|head| {
            let is_webp = head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP");
            let kinds: [&[u8]; 4] = [b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a"];
            is_webp || kinds.iter().any(|kind| head.starts_with(kind))
        }),
        "it contains no audit log",
    ),
    refusal(
        "a program",
        By(|head| {
            let kinds: [&[u8]; 5] = [
                b"\x7fELF",
                b"MZ\x90\0",
                b"\xcf\xfa\xed\xfe",
                b"\xca\xfe\xba\xbe",
                b"\0asm",
            ];
            kinds.iter().any(|kind| head.starts_with(kind))
        }),
        "it contains no audit log",
    ),
];

const fn refusal(name: &'static str, detect: Detect, instead: &'static str) -> Refusal {
    Refusal {
        name,
        instead,
        detect,
    }
}

impl Refusal {
    /// Recognises a file by its start.
    pub fn find(head: &[u8]) -> Option<&'static Self> {
        let names = zip_names(head);
        REFUSED.iter().find(|row| match row.detect {
            Magic(magic) => head.starts_with(magic) && (magic.len() > SHORT || !is_text(head)),
            At(at, magic) => head.get(at..).is_some_and(|rest| rest.starts_with(magic)),
            Zip(detect) => detect(&names),
            By(detect) => detect(head),
        })
    }

    /// Returns true if further bytes may match another row.
    pub fn may_change(&self) -> bool {
        matches!(self.detect, Zip(_))
    }
}

impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl PartialEq for Refusal {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Refusal {}

/// Magic numbers up to this length may also begin a text (`ORCHESTRATOR,time`): they count only if bytes follow that
/// are not text.
const SHORT: usize = 4;

fn is_text(head: &[u8]) -> bool {
    let head = &head[..head.len().min(512)];
    let is_control = |byte: u8| byte < b' ' && !byte.is_ascii_whitespace();
    let cut = |error: std::str::Utf8Error| error.error_len().is_none();
    !head.iter().any(|byte| is_control(*byte))
        && std::str::from_utf8(head).map_or_else(cut, |_| true)
}

/// Names of the files in the available part of a zip archive; empty for anything else.
fn zip_names(head: &[u8]) -> Vec<&[u8]> {
    const FILE: &[u8] = b"PK\x03\x04";
    // An archive made for splitting has a marker before its first file.
    let head = head.strip_prefix(b"PK00").unwrap_or(head);
    if !head.starts_with(FILE) {
        return Vec::new();
    }
    let name = |at: usize| {
        let len = head.get(at + 26..at + 28).map(|len| [len[0], len[1]]);
        let len = usize::from(u16::from_le_bytes(len.unwrap_or_default()));
        let name = head.get(at + 30..).unwrap_or_default();
        &name[..len.min(name.len())]
    };
    memchr::memmem::find_iter(head, FILE).map(name).collect()
}

/// Returns true for the marker of an Arrow message, followed by the length of its metadata (a flatbuffer).
fn is_arrow_stream(head: &[u8]) -> bool {
    let Some(([0xff, 0xff, 0xff, 0xff, len @ ..], _)) = head.split_first_chunk::<8>() else {
        return false;
    };
    let len = u32::from_le_bytes(*len);
    len.is_multiple_of(8) && (16..1 << 20).contains(&len)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Builds a zip archive of empty files with these names, without a directory.
    fn zip(names: &[&str]) -> Vec<u8> {
        let mut out = Vec::new();
        for name in names {
            out.extend(b"PK\x03\x04\x14\0\0\0\0\0\0\0\x21X");
            out.extend([0; 12]);
            out.extend((name.len() as u16).to_le_bytes());
            out.extend([0; 2]);
            out.extend(name.as_bytes());
        }
        out
    }

    fn tar() -> Vec<u8> {
        let mut tar = b"audit.ndjson".to_vec();
        tar.resize(257, 0);
        tar.extend(b"ustar\x0000");
        tar.resize(512, 0);
        tar
    }

    /// First bytes of files of each type, as common programs write them.
    fn heads() -> Vec<(&'static str, Vec<u8>)> {
        let bytes = |bytes: &[u8]| bytes.to_vec();
        vec![
            ("an ORC file", bytes(b"ORC\x0a\x0b\0\0\x03")),
            ("an Avro file", bytes(b"Obj\x01\x04\x14avro.codec\x08null")),
            (
                "an Arrow or Feather file",
                bytes(b"ARROW1\0\0\xff\xff\xff\xff\x68\x01\0\0"),
            ),
            ("a Feather file", bytes(b"FEA1\0\0\0\0\x03\0\0\0")),
            (
                "an Arrow stream",
                bytes(b"\xff\xff\xff\xff\x68\x01\0\0\x10\0\0\0\0\0\x0a\0"),
            ),
            (
                "a Parquet file with an encrypted footer",
                bytes(b"PARE\x15\x04\x15\x10"),
            ),
            (
                "an Excel workbook",
                zip(&["[Content_Types].xml", "_rels/.rels", "xl/workbook.xml"]),
            ),
            ("an Excel workbook", zip(&["[Content_Types].xml"])),
            (
                "an Excel workbook",
                zip(&["_rels/.rels", "docProps/app.xml", "xl/styles.xml"]),
            ),
            (
                "an Office document",
                zip(&["[Content_Types].xml", "word/document.xml"]),
            ),
            ("an Office document", zip(&["mimetype", "content.xml"])),
            ("a zip archive", zip(&["audit.ndjson"])),
            (
                "a zip archive",
                [b"PK00".to_vec(), zip(&["logs/", "logs/audit.csv"])].concat(),
            ),
            (
                "an empty zip archive",
                bytes(b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
            ),
            (
                "a legacy Excel workbook or Office document",
                bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0\0\0"),
            ),
            ("a tar archive", tar()),
            ("a 7z archive", bytes(b"7z\xbc\xaf\x27\x1c\0\x04\x9a\x2c")),
            ("a RAR archive", bytes(b"Rar!\x1a\x07\0\xcf\x90\x73")),
            ("a RAR archive", bytes(b"Rar!\x1a\x07\x01\0\x33\x92")),
            ("a cabinet archive", bytes(b"MSCF\0\0\0\0\x2a\x01\0\0")),
            ("a compress (.Z) file", bytes(b"\x1f\x9d\x90\x7b\x44\xe8")),
            ("an lzip archive", bytes(b"LZIP\x01\x0c\0\x3d\x88")),
            ("an lzop archive", bytes(b"\x89LZO\0\r\n\x1a\n\x10\x40")),
            ("an lrzip archive", bytes(b"LRZI\0\x08\0\0")),
            (
                "a framed snappy stream",
                bytes(b"\xff\x06\x00\x00sNaPpY\x01\x08\0\0"),
            ),
            (
                "an SQLite database",
                bytes(b"SQLite format 3\0\x10\0\x01\x01"),
            ),
            (
                "a DuckDB database",
                bytes(b"\x11\x22\x33\x44\x55\x66\x77\x88DUCK\x40\0\0\0"),
            ),
            ("an HDF5 file", bytes(b"\x89HDF\r\n\x1a\n\0\0\0\0")),
            ("a Python pickle", bytes(b"\x80\x04\x95\x1c\0\0\0\0\0\0\0]")),
            ("a systemd journal", bytes(b"LPKSHHRH\0\0\0\0\x1c\0\0\0")),
            ("a Windows event log", bytes(b"ElfFile\0\0\0\0\0\0\0\0\0")),
            ("a packet capture", bytes(b"\xd4\xc3\xb2\xa1\x02\0\x04\0")),
            (
                "a packet capture",
                bytes(b"\n\r\r\n\xbc\0\0\0\x4d\x3c\x2b\x1a"),
            ),
            (
                "an encrypted file",
                bytes(b"-----BEGIN PGP MESSAGE-----\n\nhQEM"),
            ),
            (
                "an encrypted file",
                bytes(b"age-encryption.org/v1\n-> X25519"),
            ),
            ("a PDF document", bytes(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")),
            ("an image", bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")),
            ("an image", bytes(b"\xff\xd8\xff\xe0\0\x10JFIF")),
            ("an image", bytes(b"RIFF\x24\0\0\0WEBPVP8 ")),
            ("a program", bytes(b"\x7fELF\x02\x01\x01\0")),
            ("a program", bytes(b"MZ\x90\0\x03\0\0\0")),
        ]
    }

    #[test]
    fn every_kind_is_told_by_real_bytes() {
        let heads = heads();
        for (name, head) in &heads {
            let found = Refusal::find(head).map(|row| row.name);
            assert_eq!(found, Some(*name), "{head:?}");
        }
        for row in REFUSED {
            assert!(
                heads.iter().any(|(name, _)| *name == row.name),
                "{}",
                row.name
            );
        }
    }

    #[test]
    fn text_is_never_refused_as_something_else() {
        for text in [
            "{\"a\":1}\n",
            "[1]",
            "time,action\n",
            "ORCHESTRATOR,time\nORC,上海\n",
            "PARENT,time\n",
            "LRZI,time\n",
            "PK,time,action\n",
            "MZ,time\n",
            "Object,time\n",
            "\r\n\r\n{}",
            "\n\r\r\n{}",
            "\u{feff}time",
            "PAR,time",
            "",
        ] {
            assert_eq!(Refusal::find(text.as_bytes()), None, "{text:?}");
        }
    }
}
