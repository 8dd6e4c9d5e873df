//! What a log may be written in: one row a format. Help, README and the tests list formats from here.

/// A format by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FormatId {
    Ndjson,
    Json,
    Csv,
    Tsv,
    Parquet,
}

/// A row of [`FORMATS`].
#[derive(Debug)]
pub struct Format {
    pub id: FormatId,
    /// As it is given to `--format`.
    pub name: &'static str,
    pub meaning: &'static str,
    /// What its first bytes look like.
    pub detected: &'static str,
    /// Files in `assets/samples`, all with the same events.
    pub samples: &'static [&'static str],
}

/// Every format that can be read.
pub const FORMATS: &[Format] = &[
    Format {
        id: FormatId::Ndjson,
        name: "ndjson",
        meaning: "one JSON object a line, or a line of JSON text with whole records in it",
        detected: "the first line is a whole object, or some line starts with one",
        samples: &["ndjson.ndjson", "pull-log-dump.ndjson"],
    },
    Format {
        id: FormatId::Json,
        name: "json",
        meaning: "arrays of objects, objects over many lines, {\"data\":[…]} and {\"logs\":[…]} around them",
        detected: "starts with [, or with { and the object does not end on its line",
        samples: &[
            "array.json",
            "arrays-per-line.json",
            "pretty.json",
            "wrapped-data.json",
            "wrapped-logs.json",
        ],
    },
    Format {
        id: FormatId::Csv,
        name: "csv",
        meaning: "a table with a header, in any case and after a title, comments or sep=; cells between commas, semicolons, bars or blanks; a quote that is not closed is part of its cell",
        detected: "one of the first lines has names of known fields between such delimiters",
        samples: &["csv.csv", "bars.csv"],
    },
    Format {
        id: FormatId::Tsv,
        name: "tsv",
        meaning: "the same with tabs between the cells",
        detected: "one of the first lines has names of known fields between tabs",
        samples: &["tsv.tsv"],
    },
    Format {
        id: FormatId::Parquet,
        name: "parquet",
        meaning: "Parquet with flat columns, uncompressed or with snappy, gzip or zstd",
        detected: "starts with PAR1",
        samples: &[
            "plain.parquet",
            "snappy.parquet",
            "gzip.parquet",
            "zstd.parquet",
        ],
    },
];

impl FormatId {
    /// The format of a name.
    pub fn find(name: &str) -> Option<Self> {
        FORMATS.iter().find(|f| f.name == name).map(|f| f.id)
    }
}

/// A kind of file that is known but not read.
#[derive(Debug, PartialEq, Eq)]
pub struct Refusal {
    pub name: &'static str,
    magic: &'static [u8],
    at: usize,
    /// What to do instead.
    pub instead: &'static str,
}

/// Kinds of files that are told from nonsense only to be refused by name.
pub const REFUSED: &[Refusal] = &[
    Refusal {
        name: "an ORC file",
        magic: b"ORC",
        at: 0,
        instead: "ship as JSON, CSV or Parquet instead",
    },
    Refusal {
        name: "an Avro file",
        magic: b"Obj\x01",
        at: 0,
        instead: "export as JSON, CSV or Parquet instead",
    },
    Refusal {
        name: "a zip archive",
        magic: b"PK\x03\x04",
        at: 0,
        instead: "unpack it, or use gzip or zstd instead",
    },
    Refusal {
        name: "an empty zip archive",
        magic: b"PK\x05\x06",
        at: 0,
        instead: "there is nothing in it",
    },
    Refusal {
        name: "a tar archive",
        magic: b"ustar",
        at: 257,
        instead: "unpack it and name the directory",
    },
    Refusal {
        name: "a 7z archive",
        magic: b"7z\xbc\xaf\x27\x1c",
        at: 0,
        instead: "unpack it, or use gzip or zstd instead",
    },
    Refusal {
        name: "a framed snappy stream",
        magic: b"\xff\x06\x00\x00sNaPpY",
        at: 0,
        instead: "unpack it, or use gzip or zstd instead; raw snappy is read",
    },
];

/// Bytes that are enough to find a [`Refusal`].
pub const REFUSAL_HEAD: usize = 262;

impl Refusal {
    /// What a file that starts so is, if it is one of these.
    pub fn find(head: &[u8]) -> Option<&'static Self> {
        REFUSED.iter().find(|row| {
            head.get(row.at..)
                .is_some_and(|rest| rest.starts_with(row.magic))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_found() {
        for format in FORMATS {
            assert_eq!(FormatId::find(format.name), Some(format.id));
            assert!(!format.samples.is_empty(), "{}", format.name);
        }
        assert_eq!(FormatId::find("orc"), None);
    }

    #[test]
    fn refused_kinds_are_told_by_their_bytes() {
        let mut tar = vec![0; 512];
        tar[257..262].copy_from_slice(b"ustar");
        for (head, name) in [
            (&b"ORC\x00"[..], "an ORC file"),
            (b"Obj\x01", "an Avro file"),
            (b"PK\x03\x04", "a zip archive"),
            (&tar, "a tar archive"),
        ] {
            assert_eq!(Refusal::find(head).map(|r| r.name), Some(name));
            assert!(head.len() <= REFUSAL_HEAD || head.len() == tar.len());
        }
        assert_eq!(Refusal::find(b"{\"a\":1}"), None);
    }
}
