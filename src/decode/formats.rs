//! Table of the input formats. Help, manual and tests list formats from here.

/// Id of a format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FormatId {
    Ndjson,
    Json,
    Csv,
    Tsv,
    Parquet,
}

/// Row of [`FORMATS`].
#[derive(Debug)]
pub struct Format {
    pub id: FormatId,
    /// Name as an argument of `--format`.
    pub name: &'static str,
    pub meaning: &'static str,
    /// Description of the first bytes that identify it.
    pub detected: &'static str,
    /// Files in `assets/samples`, all with equal events.
    pub samples: &'static [&'static str],
}

/// All formats that can be read.
pub const FORMATS: &[Format] = &[
    Format {
        id: FormatId::Ndjson,
        name: "ndjson",
        meaning: "one JSON object per line; also behind a prefix, in a string, in an event stream, coloured, or wrapped in other JSON",
        detected: "the first line is an object, or a line contains one",
        samples: &["ndjson.ndjson", "pull-log-dump.ndjson"],
    },
    Format {
        id: FormatId::Json,
        name: "json",
        meaning: "arrays, objects over several lines, responses such as {\"data\":[…]} or {\"value\":[…]}",
        detected: "starts with [, or with an object that spans lines",
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
        meaning: "table with a header row, also after a title, comments or sep=; separated by comma, semicolon, bar or space",
        detected: "one of the first lines has known field names, in any case",
        samples: &["csv.csv", "bars.csv"],
    },
    Format {
        id: FormatId::Tsv,
        name: "tsv",
        meaning: "the same, separated by tabs",
        detected: "one of the first lines has known field names",
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
    /// Finds a format by its name.
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
