//! `client`: the family of a client program, parsed from its user agent.

use super::logged;

/// Place at which a rule searches for its text, ignoring case.
#[derive(Clone, Copy, Debug)]
enum Place {
    /// At the start of the agent: the product itself, rather than one it mentions.
    Start,
    /// Anywhere: a library that names itself after the program or in a comment.
    Anywhere,
}
use Place::{Anywhere, Start};

/// Rules in order; the first match wins. Programs come before the libraries they are built on: `trivy/0.50.1
/// go-containerregistry/v0.19.0` is trivy. Texts are lower case.
const RULES: &[(Place, &str, &str)] = &[
    (Start, "docker/", "docker"),
    (Start, "docker-client/", "docker"),
    (Start, "nerdctl", "nerdctl"),
    (Start, "containerd/", "containerd"),
    (Start, "cri-o/", "cri-o"),
    (Start, "crio/", "cri-o"),
    (Start, "podman/", "podman"),
    (Start, "libpod/", "podman"),
    (Start, "buildah/", "buildah"),
    (Start, "skopeo/", "skopeo"),
    (Start, "buildkit/", "buildkit"),
    (Start, "kaniko/", "kaniko"),
    (Start, "crane/", "crane"),
    (Start, "cosign/", "cosign"),
    (Start, "helm/", "helm"),
    (Start, "oras/", "oras"),
    (Start, "oras-go", "oras"),
    (Start, "trivy", "trivy"),
    (Start, "aquasecurity/trivy", "trivy"),
    (Start, "regclient/", "regclient"),
    (Start, "regctl/", "regclient"),
    (Start, "regsync/", "regclient"),
    (Start, "jib", "jib"),
    (Start, "curl/", "curl"),
    (Start, "wget/", "wget"),
    (Start, "python", "python"),
    (Start, "aiohttp/", "python"),
    (Start, "java/", "java"),
    (Start, "okhttp/", "java"),
    (Start, "apache-httpclient/", "java"),
    (Start, "go-http-client/", "go-http"),
    (Start, "mozilla/", "browser"),
    (Anywhere, "podman", "podman"),
    (Anywhere, "buildah", "buildah"),
    (Anywhere, "go-containerregistry", "crane"),
    (Anywhere, "github.com/containers/image", "containers-image"),
    (Anywhere, "regclient", "regclient"),
    (Anywhere, "python-requests/", "python"),
    (Anywhere, "go-http-client/", "go-http"),
];

/// All families, in the order of the catalogue's `client` values.
pub const FAMILIES: &[&str] = &[
    "docker",
    "containerd",
    "cri-o",
    "podman",
    "buildah",
    "skopeo",
    "containers-image",
    "nerdctl",
    "buildkit",
    "kaniko",
    "jib",
    "crane",
    "regclient",
    "cosign",
    "helm",
    "oras",
    "trivy",
    "curl",
    "wget",
    "python",
    "java",
    "go-http",
    "browser",
    "other",
];

/// Family of the client program; `other` if no agent is logged or no rule matches.
pub fn client(agent: &str) -> &'static str {
    let Some(agent) = logged(Some(agent.trim_ascii())) else {
        return "other";
    };
    let agent = agent.to_ascii_lowercase();
    let holds = |(place, text, _): &&(Place, &str, &'static str)| match place {
        Start => agent.starts_with(text),
        Anywhere => agent.contains(text),
    };
    RULES
        .iter()
        .find(holds)
        .map_or("other", |(_, _, family)| family)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{CATALOGUE, id};

    #[test]
    fn families_of_agents_seen_in_the_field() {
        for (agent, family) in [
            ("docker/24.0.2", "docker"),
            (
                "docker/17.03.1-ce go/go1.7.5 git-commit/c6d412e kernel/4.4.0-66-generic os/linux arch/amd64 \
                 UpstreamClient(Docker-Client/17.03.1-ce \\(linux\\))",
                "docker",
            ),
            (
                "docker/20.10.21 go/go1.18.7 os/linux UpstreamClient(Go-http-client/1.1)",
                "docker",
            ),
            (
                "docker/20.10.7 go/go1.13.15 os/linux UpstreamClient(docker-sdk-python/5.0.0)",
                "docker",
            ),
            (
                "docker/23.0.1 go/go1.19.5 os/linux UpstreamClient(Mozilla/5.0 \\(X11\\))",
                "docker",
            ),
            ("Docker-Client/19.03.5 (linux)", "docker"),
            ("containerd/1.6.20", "containerd"),
            ("containerd/v1.7.11-k3s2", "containerd"),
            ("containerd/1.4.3+unknown", "containerd"),
            ("nerdctl/1.7.3", "nerdctl"),
            ("cri-o/1.24.1 go/go1.18.3 os/linux arch/amd64", "cri-o"),
            ("libpod/4.5.1", "podman"),
            ("podman/4.9.4", "podman"),
            (
                "containers/5.29.2 (github.com/containers/image) podman/4.9.4",
                "podman",
            ),
            ("Buildah/1.33.2", "buildah"),
            ("skopeo/1.13.3", "skopeo"),
            (
                "containers/5.21.1 (github.com/containers/image)",
                "containers-image",
            ),
            ("buildkit/v0.12.5", "buildkit"),
            ("kaniko/v1.9.1 go-containerregistry/v0.8.1", "kaniko"),
            ("crane/v0.19.0 go-containerregistry/v0.19.0", "crane"),
            ("go-containerregistry/v0.14.0", "crane"),
            ("ko/0.15.1 go-containerregistry/v0.17.0", "crane"),
            (
                "cosign/v2.2.3 (linux; amd64) go-containerregistry/v0.19.0",
                "cosign",
            ),
            ("trivy/0.50.1 go-containerregistry/v0.19.0", "trivy"),
            ("Trivy/0.29.2", "trivy"),
            ("Helm/3.14.2", "helm"),
            ("oras-go", "oras"),
            ("oras/1.1.0", "oras"),
            ("regclient/regctl (v0.5.7)", "regclient"),
            ("jib 3.4.1 jib-maven-plugin", "jib"),
            ("curl/8.5.0", "curl"),
            ("Wget/1.21.4", "wget"),
            ("python-requests/2.31.0", "python"),
            ("Python-urllib/3.11", "python"),
            ("Python/3.11 aiohttp/3.9.1", "python"),
            ("Java/17.0.9", "java"),
            ("okhttp/4.12.0", "java"),
            ("Go-http-client/1.1", "go-http"),
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36",
                "browser",
            ),
            ("Mozilla/5.0 (compatible; curl/8.0)", "browser"),
            ("harbor-registry-client", "other"),
            ("my-docker/1.0", "other"),
            ("-", "other"),
            ("", "other"),
        ] {
            assert_eq!(client(agent), family, "{agent:?}");
        }
    }

    #[test]
    fn every_family_of_the_rules_is_in_the_catalogue() {
        let listed = &CATALOGUE.get(id::CLIENT).expect("in the catalogue").values;
        assert_eq!(listed, FAMILIES);
        for (_, text, family) in RULES {
            assert!(FAMILIES.contains(family), "{family}");
            assert_eq!(
                *text,
                text.to_ascii_lowercase(),
                "rules are compared in lower case"
            );
        }
    }

    #[test]
    fn no_rule_is_hidden_by_an_earlier_one() {
        for (at, (place, text, family)) in RULES.iter().enumerate() {
            let sample = match place {
                Start => (*text).to_owned(),
                Anywhere => format!("x {text}"),
            };
            assert_eq!(client(&sample), *family, "rule {at} ({text})");
        }
    }
}
