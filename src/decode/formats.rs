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
        meaning: "one JSON object per line, also after a prefix, in a string, in an event stream, with terminal colours or inside a wrapper",
        detected: "the first line is a complete object, or some line contains one",
        samples: &["ndjson.ndjson", "pull-log-dump.ndjson"],
    },
    Format {
        id: FormatId::Json,
        name: "json",
        meaning: "arrays of objects, multi-line objects, or a response around them such as {\"data\":[…]} or {\"value\":[…]}",
        detected: "starts with [, or with { and the object continues on the next line",
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
        meaning: "a table with a header (any case, may follow a title, comments or sep=); cells separated by commas, semicolons, pipes or spaces; an unclosed quote is part of its cell",
        detected: "one of the first lines has known field names between such delimiters",
        samples: &["csv.csv", "bars.csv"],
    },
    Format {
        id: FormatId::Tsv,
        name: "tsv",
        meaning: "the same, separated by tabs",
        detected: "one of the first lines has known field names between tabs",
        samples: &["tsv.tsv"],
    },
    Format {
        id: FormatId::Parquet,
        name: "parquet",
        meaning: "Parquet, uncompressed or with snappy, gzip, zstd, brotli or lz4; structs, lists and maps become JSON",
        detected: "starts with PAR1",
        samples: &[
            "plain.parquet",
            "snappy.parquet",
            "gzip.parquet",
            "zstd.parquet",
            "brotli.parquet",
            "lz4.parquet",
        ],
    },
];

impl FormatId {
    /// The format of a name.
    pub fn find(name: &str) -> Option<Self> {
        FORMATS.iter().find(|f| f.name == name).map(|f| f.id)
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
}
