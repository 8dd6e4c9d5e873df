//! Field names: those of the catalogue and the data, and the nearest known name to an unknown one.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::model::CATALOGUE;

/// The field names a query may use.
pub trait Names {
    /// Resolves a typed name or alias to the name of a field; `None` if it is not known.
    fn resolve(&self, name: &str) -> Option<Arc<str>>;
    /// Returns every name and alias that resolves, for completion and suggestions.
    fn all(&self) -> Vec<Arc<str>>;
}

/// The names and aliases of the catalogue, and those of fields seen in the data.
#[derive(Clone, Debug, Default)]
pub struct CatalogueNames {
    extra: BTreeSet<Arc<str>>,
}

impl CatalogueNames {
    /// Adds the names of fields outside the catalogue.
    pub fn with(extra: impl IntoIterator<Item = Arc<str>>) -> Self {
        Self {
            extra: extra.into_iter().collect(),
        }
    }
}

impl Names for CatalogueNames {
    /// Names and aliases of the catalogue take precedence over fields of the data, which are then `raw.NAME`. After a
    /// known name and a dot, the rest is a path into its values.
    fn resolve(&self, name: &str) -> Option<Arc<str>> {
        if let Some(field) = CATALOGUE.find(name).and_then(|id| CATALOGUE.get(id)) {
            return Some(field.name.as_str().into());
        }
        if let Some(seen) = self.extra.get(name) {
            return Some(seen.clone());
        }
        let known = |name: &str| CATALOGUE.find(name).is_some() || self.extra.contains(name);
        let mut dots = name.match_indices('.').map(|(at, _)| at);
        (name.starts_with("raw.") || dots.any(|at| known(&name[..at]))).then(|| name.into())
    }

    fn all(&self) -> Vec<Arc<str>> {
        let fields = CATALOGUE.fields().iter();
        let known = fields
            .flat_map(|f| std::iter::once(&f.name).chain(&f.aliases))
            .map(|name| name.as_str().into());
        known.chain(self.extra.iter().cloned()).collect()
    }
}

/// Resolves any name to itself, for texts that are only parsed, not run.
pub(super) struct AnyName;

impl Names for AnyName {
    fn resolve(&self, name: &str) -> Option<Arc<str>> {
        Some(name.into())
    }

    fn all(&self) -> Vec<Arc<str>> {
        Vec::new()
    }
}

/// Returns the known name that was meant by a mistyped one.
pub fn typo(name: &str, names: &dyn Names) -> Option<Arc<str>> {
    match names.resolve(name) {
        Some(_) => None,
        None => nearest(name, &names.all()),
    }
}

/// Returns the known name closest to an unknown one: at most two letters off in any case (one in short names, none in
/// names of two letters), or the only known name with this prefix.
pub fn nearest(name: &str, all: &[Arc<str>]) -> Option<Arc<str>> {
    let lower = name.to_lowercase();
    let len = lower.chars().count();
    let allowed = (len / 3).min(2);
    let close = all
        .iter()
        // Two letters are at most eight bytes, so most names need no closer check.
        .filter(|known| known.len().abs_diff(name.len()) <= 8)
        .map(|known| {
            (
                strsim::damerau_levenshtein(&lower, &known.to_lowercase()),
                known,
            )
        })
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance);
    if let Some((_, known)) = close {
        return Some(known.clone());
    }
    let mut longer = all
        .iter()
        .filter(|known| len >= 3 && known.starts_with(&lower));
    let first = longer.next()?;
    longer.next().is_none().then(|| first.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_data_resolve_and_those_of_the_catalogue_win() {
        let names = CatalogueNames::with(["region".into(), "status".into()]);
        assert_eq!(names.resolve("region").as_deref(), Some("region"));
        assert_eq!(
            names.resolve("status").as_deref(),
            Some("http_response_status"),
            "a field of that name in the data is raw.status"
        );
        assert_eq!(names.resolve("repo").as_deref(), Some("repo"));
        let bare = CatalogueNames::default();
        assert_eq!(
            bare.resolve("status").as_deref(),
            Some("http_response_status")
        );
        assert_eq!(bare.resolve("source").as_deref(), Some("__source__"));
        assert_eq!(bare.resolve("Action"), None);
        for path in [
            "region.name",
            "user_name.x",
            "raw.user",
            "raw.user.id",
            "user.name",
        ] {
            assert_eq!(names.resolve(path).as_deref(), Some(path));
        }
        assert_eq!(names.resolve("regoin.name"), None);
    }

    #[test]
    fn slips_are_told_from_other_names() {
        let near = |name| nearest(name, &CatalogueNames::default().all());
        for (typo, meant) in [
            ("actoin", "action"),
            ("Action", "action"),
            ("NAMESPACE", "namespace"),
            ("http_respnse_status", "http_response_status"),
            ("stauts", "status"),
            ("blob", "blob_digest"),
            ("usr", "user"),
        ] {
            assert_eq!(near(typo).as_deref(), Some(meant), "{typo}");
        }
        for other in [
            "owner_id",
            "城市",
            "x",
            "ab",
            "request_time",
            "error.code",
            "http_",
            "region",
        ] {
            assert_eq!(near(other), None, "{other}");
        }
    }
}
