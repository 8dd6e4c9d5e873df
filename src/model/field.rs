//! The field catalogue: the code knows the ids, `assets/fields.toml` everything else.
//!
//! Ids 0–23 are the 24 logged audit fields in the order of the product's documentation, then the reserved fields of
//! Simple Log Service, then the derived fields of the command line contract. Other fields of records get ids from
//! [`FieldId::FIRST_UNKNOWN`] on, assigned by the index at first sight.

use std::sync::LazyLock;

use serde::Deserialize;

/// Number of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FieldId(pub u16);

impl FieldId {
    /// First id of fields outside the catalogue.
    pub const FIRST_UNKNOWN: Self = Self(name::ALL.len() as u16);
    /// First id of paths into JSON values.
    pub const FIRST_PATH: Self = Self(1 << 15);

    pub fn index(self) -> usize {
        self.0 as usize
    }

    /// Returns true if the field is computed rather than recorded.
    pub fn is_derived(self) -> bool {
        (id::USER.0..=id::OPERATION.0).contains(&self.0)
    }

    /// Returns true if the field is a path into values of other fields.
    pub fn is_path(self) -> bool {
        self >= Self::FIRST_PATH
    }
}

macro_rules! fields {
    ($($id:ident = $number:literal $name:literal),+ $(,)?) => {
        /// Ids of the catalogue.
        pub mod id {
            use super::FieldId;

            $(pub const $id: FieldId = FieldId($number);)+
        }

        /// Names of the catalogue, as constants with the names of the ids.
        pub mod name {
            use super::FieldId;

            $(pub const $id: &str = $name;)+

            /// All fields, in the order of the ids.
            pub const ALL: &[(FieldId, &str)] = &[$((FieldId($number), $name)),+];
        }
    };
}

fields! {
    CREDENTIAL = 0 "access_credential_type",
    ACTION = 1 "action",
    DIGEST = 2 "blob_digest",
    HOST = 3 "http_request_host",
    REQUEST_ID = 4 "http_request_id",
    METHOD = 5 "http_request_method",
    VPC = 6 "http_request_remote_vpc_id",
    ADDRESS = 7 "http_request_remoteaddr",
    AGENT = 8 "http_request_useragent",
    STATUS = 9 "http_response_status",
    INSTANCE = 10 "instance_id",
    NAMESPACE = 11 "namespace",
    REPO = 12 "repo",
    NAMESPACE_REPO = 13 "namespace_repo",
    NETWORK = 14 "network_type",
    TAG = 15 "tag",
    TIME = 16 "time",
    ACCOUNT = 17 "user_identity_account_id",
    PLAYER = 18 "user_identity_player_account_id",
    PRINCIPAL = 19 "user_identity_principal_id",
    ROLE_ID = 20 "user_identity_role_id",
    ROLE_NAME = 21 "user_identity_role_name",
    USER_TYPE = 22 "user_identity_user_type",
    USER_NAME = 23 "user_name",
    LOG_TIME = 24 "__time__",
    LOG_TIME_NS = 25 "__time_ns_part__",
    LOG_SOURCE = 26 "__source__",
    LOG_TOPIC = 27 "__topic__",
    USER = 28 "user",
    SESSION = 29 "session",
    IP = 30 "ip",
    CLIENT = 31 "client",
    STATUS_CLASS = 32 "status_class",
    OUTCOME = 33 "outcome",
    IMAGE = 34 "image",
    OPERATION = 35 "operation",
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FieldKind {
    /// One of the 24 fields of an audit event.
    Logged,
    /// Added to every record by Simple Log Service.
    Reserved,
    /// Computed from logged fields.
    Derived,
}

/// Row of the catalogue. `assets/fields.toml` explains the keys at its top.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldInfo {
    pub name: String,
    pub title: String,
    pub group: String,
    pub kind: FieldKind,
    #[serde(default)]
    pub number: bool,
    #[serde(default)]
    pub aliases: Vec<String>,
    #[serde(default)]
    pub values: Vec<String>,
    pub meaning: String,
}

/// All rows, by id.
#[derive(Debug, Deserialize)]
pub struct Catalogue {
    #[serde(rename = "field")]
    fields: Vec<FieldInfo>,
}

/// The built-in catalogue.
pub static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
    let text = include_str!("../../assets/fields.toml");
    toml::from_str(text).expect("assets/fields.toml is part of the program and proved by a test")
});

impl Catalogue {
    pub fn fields(&self) -> &[FieldInfo] {
        &self.fields
    }

    /// Row of a field; `None` for fields outside the catalogue.
    pub fn get(&self, field: FieldId) -> Option<&FieldInfo> {
        self.fields.get(field.index())
    }

    /// Returns the name of a field to show and to type: its first alias, else its name.
    pub fn short<'a>(&'a self, field: &'a str) -> &'a str {
        let info = self.fields.iter().find(|info| info.name == field);
        info.and_then(|info| info.aliases.first())
            .map_or(field, String::as_str)
    }

    /// Finds a field by its exact name or alias. Names win over aliases.
    pub fn find(&self, name: &str) -> Option<FieldId> {
        let at = self
            .fields
            .iter()
            .position(|f| f.name == name)
            .or_else(|| {
                self.fields
                    .iter()
                    .position(|f| f.aliases.iter().any(|a| a == name))
            })?;
        Some(FieldId(at as u16))
    }

    /// Ids of one kind, in order.
    pub fn of_kind(&self, kind: FieldKind) -> impl Iterator<Item = FieldId> + '_ {
        (0u16..)
            .zip(&self.fields)
            .filter(move |(_, f)| f.kind == kind)
            .map(|(i, _)| FieldId(i))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn catalogue_has_the_documented_fields_in_the_order_of_the_ids() {
        assert_eq!(CATALOGUE.of_kind(FieldKind::Logged).count(), 24);
        assert_eq!(CATALOGUE.fields().len(), FieldId::FIRST_UNKNOWN.index());
        for (at, (field, name)) in name::ALL.iter().enumerate() {
            assert_eq!(field.index(), at, "{name}");
            assert_eq!(CATALOGUE.get(*field).expect("in the catalogue").name, *name);
            assert_eq!(CATALOGUE.find(name), Some(*field));
        }
    }

    #[test]
    fn names_and_aliases_are_unique() {
        let mut seen = std::collections::HashSet::new();
        for field in CATALOGUE.fields() {
            assert!(seen.insert(field.name.clone()), "{} twice", field.name);
        }
        for alias in CATALOGUE.fields().iter().flat_map(|f| &f.aliases) {
            assert!(seen.insert(alias.clone()), "{alias} twice");
        }
    }

    #[test]
    fn a_logged_name_wins_over_an_alias() {
        assert_eq!(CATALOGUE.find("repo"), Some(id::REPO));
        assert_eq!(CATALOGUE.find("role"), Some(id::ROLE_NAME));
    }
}
