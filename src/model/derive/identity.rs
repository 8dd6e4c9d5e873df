//! `user` and `session`: the author of a request, from the identity fields.

use super::logged;

/// Identity fields of a record, each as logged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Identity<'a> {
    pub user_type: Option<&'a str>,
    pub role_name: Option<&'a str>,
    pub role_id: Option<&'a str>,
    pub user_name: Option<&'a str>,
    pub principal_id: Option<&'a str>,
    pub account_id: Option<&'a str>,
}

/// Value if no identity is logged.
const ANONYMOUS: &str = "anonymous";

/// Author of the request: `root/<account>`, `user/<user name, else principal>`, `role/<role name, else role id>` or
/// `anonymous`.
///
/// The user type decides the kind. If it is missing or not one of the three documented ones, the other fields decide: a
/// role's name or id makes a role, a user name or principal a user, an account alone a root account. If the kind is
/// known but its own fields are not logged, the nearest other id is used: the principal of a root account is the
/// account, the principal of a role starts with the role id, and the last resort is the account. A user type alone is
/// anonymous, because it identifies no one.
pub fn user(identity: &Identity<'_>) -> String {
    let role = logged(identity.role_name).or(logged(identity.role_id));
    let principal = logged(identity.principal_id);
    let person = logged(identity.user_name).or(principal);
    let account = logged(identity.account_id);

    let (kind, name) = match logged(identity.user_type) {
        Some("root-account") => ("root", account.or(person)),
        Some("ram-user") => ("user", person.or(account)),
        Some("assumed-role") => (
            "role",
            role.or(principal.map(role_id)).or(person).or(account),
        ),
        _ if role.is_some() => ("role", role),
        _ if person.is_some() => ("user", person),
        _ => ("root", account),
    };
    name.map_or_else(|| ANONYMOUS.to_owned(), |name| format!("{kind}/{name}"))
}

/// Role id before the session name.
fn role_id(principal: &str) -> &str {
    principal.split_once(':').map_or(principal, |(id, _)| id)
}

/// Session name of an assumed role: the text after the first `:` of the principal id (further colons belong to it).
/// `None` for other user types, without a colon, and if the text is empty.
pub fn session<'a>(user_type: Option<&str>, principal_id: Option<&'a str>) -> Option<&'a str> {
    if user_type != Some("assumed-role") {
        return None;
    }
    let (_, name) = principal_id?.split_once(':')?;
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// type, role name, role id, user name, principal, account; `~` = not in the record.
    fn user_of(fields: [&str; 6]) -> String {
        let [
            user_type,
            role_name,
            role_id,
            user_name,
            principal_id,
            account_id,
        ] = fields.map(|text| (text != "~").then_some(text));
        user(&Identity {
            user_type,
            role_name,
            role_id,
            user_name,
            principal_id,
            account_id,
        })
    }

    #[test]
    fn the_user_type_decides_the_kind() {
        for (fields, expected) in [
            (
                ["root-account", "~", "~", "boss", "13566800", "13566800"],
                "root/13566800",
            ),
            (
                ["ram-user", "", "", "dev@corp", "2700", "13566800"],
                "user/dev@corp",
            ),
            (["ram-user", "~", "~", "~", "2700", "13566800"], "user/2700"),
            (
                [
                    "assumed-role",
                    "ci",
                    "300786",
                    "cr_temp_user",
                    "300786:job-1",
                    "1",
                ],
                "role/ci",
            ),
            (
                [
                    "assumed-role",
                    "-",
                    "300786",
                    "cr_temp_user",
                    "300786:job-1",
                    "1",
                ],
                "role/300786",
            ),
        ] {
            assert_eq!(user_of(fields), expected, "{fields:?}");
        }
    }

    #[test]
    fn without_a_known_type_what_is_logged_decides() {
        for (fields, expected) in [
            (
                ["~", "ci", "3007", "cr_temp_user", "3007:job", "1"],
                "role/ci",
            ),
            (["saml-user", "", "3007", "", "", ""], "role/3007"),
            (["", "", "", "dev@corp", "2700", "1"], "user/dev@corp"),
            (["system", "", "", "", "2700", "1"], "user/2700"),
            (["null", "null", "-", "", "~", "1"], "root/1"),
        ] {
            assert_eq!(user_of(fields), expected, "{fields:?}");
        }
    }

    #[test]
    fn a_known_kind_without_its_own_fields_takes_the_nearest_id() {
        for (fields, expected) in [
            (
                ["root-account", "", "", "", "13566800", ""],
                "root/13566800",
            ),
            (["ram-user", "", "", "", "", "1"], "user/1"),
            (
                ["assumed-role", "", "", "cr_temp_user", "3007:job", "1"],
                "role/3007",
            ),
            (["assumed-role", "", "", "", "", "1"], "role/1"),
        ] {
            assert_eq!(user_of(fields), expected, "{fields:?}");
        }
    }

    #[test]
    fn every_spelling_of_nothing_is_anonymous() {
        for nothing in ["~", "", "-", "null"] {
            assert_eq!(user_of([nothing; 6]), "anonymous", "{nothing:?}");
        }
        assert_eq!(user_of(["ram-user", "", "", "", "", ""]), "anonymous");
    }

    #[test]
    fn session_is_what_follows_the_first_colon() {
        let role = Some("assumed-role");
        assert_eq!(session(role, Some("300786:Alice")), Some("Alice"));
        assert_eq!(session(role, Some("300786:a:b")), Some("a:b"));
        assert_eq!(session(role, Some("300786:")), None);
        assert_eq!(session(role, Some("300786")), None);
        assert_eq!(session(role, None), None);
        assert_eq!(session(Some("ram-user"), Some("1:2")), None);
        assert_eq!(session(None, Some("1:2")), None);
    }
}
