//! Manual pages, compiled in from `assets/manual` and printed by `regtrail help TOPIC`.

/// Manual page.
#[derive(Debug)]
pub struct Page {
    pub topic: &'static str,
    /// Summary in one line, for the list of topics.
    pub summary: &'static str,
    markdown: &'static str,
}

macro_rules! pages {
    ($($topic:literal: $summary:literal,)*) => {
        /// All pages, in reading order.
        pub const PAGES: &[Page] = &[$(Page {
            topic: $topic,
            summary: $summary,
            markdown: include_str!(concat!("../assets/manual/", $topic, ".md")),
        }),*];
    };
}

pages! {
    "sources": "Files, endpoints, formats, encodings, following",
    "sls": "Simple Log Service: modes, credentials, permissions, export",
    "query": "Filter language, output, exit codes, following without a screen",
    "triage": "Questions and the keys or commands that answer them",
    "fields": "Field names, aliases and meanings",
    "keys": "Keys of the explorer",
    "config": "Configuration, state files, diagnostics, privacy",
}

impl Page {
    /// Returns the page of a topic.
    pub fn find(topic: &str) -> Option<&'static Self> {
        PAGES.iter().find(|page| page.topic == topic)
    }

    /// Returns the text for a terminal: without markers of generated tables and escapes that only Markdown needs.
    pub fn text(&self) -> String {
        let lines = self.markdown.lines();
        let mut text: String = lines
            .filter(|line| !line.starts_with("<!--"))
            .flat_map(|line| [line, "\n"])
            .collect();
        for escaped in ["\\<", "\\*", "\\_", "\\|", "\\\\"] {
            text = text.replace(escaped, &escaped[1..]);
        }
        text
    }
}

/// Returns the topics for an error message.
pub fn topics() -> String {
    PAGES
        .iter()
        .map(|page| page.topic)
        .collect::<Vec<_>>()
        .join(", ")
}

/// Lists the topics, one per line, as the end of `regtrail --help`.
pub fn list() -> String {
    let rows = PAGES
        .iter()
        .map(|page| format!("\n  {:<12} {}", page.topic, page.summary));
    format!("Manual (regtrail help TOPIC):{}", rows.collect::<String>())
}
