//! Address of a logstore: the `sls://` forms of the command line, hosts and regions. No network access.

use crate::source::Failure;

/// The logstore in which Container Registry stores its audit events.
const AUDIT_LOGSTORE: &str = "acr_access_log";
/// Prefix of the names of projects owned by Alibaba Cloud products; `<UID>-<region>` follows.
const PRODUCT_PROJECT: &str = "aliyun-product-data-";

/// A logstore and its host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    pub project: String,
    /// Host without the project, e.g. `cn-hangzhou.log.aliyuncs.com`.
    pub endpoint: String,
    pub logstore: String,
}

impl Address {
    /// Parses `sls://PROJECT.ENDPOINT/LOGSTORE` or `sls://UID@REGION`.
    pub fn parse(text: &str) -> Result<Self, Failure> {
        let wrong = |what: &str| {
            Failure::new(
                format!("{text}: {what}"),
                "write sls://PROJECT.ENDPOINT/LOGSTORE or sls://UID@REGION, for example sls://1356680000000001@cn-hangzhou",
            )
        };
        let rest = text
            .strip_prefix("sls://")
            .ok_or_else(|| wrong("not an sls:// address"))?;
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let logstore = path.trim_end_matches('/');
        if !logstore.is_empty() && !is_name(logstore, "-_") {
            return Err(wrong("the logstore name has invalid characters"));
        }
        if let Some((uid, region)) = authority.split_once('@') {
            if uid.is_empty() || !uid.bytes().all(|b| b.is_ascii_digit()) {
                return Err(wrong("the account before the @ is not a number"));
            }
            if !is_name(region, "-") {
                return Err(wrong("the region after the @ is not a region id"));
            }
            let logstore = if logstore.is_empty() {
                AUDIT_LOGSTORE
            } else {
                logstore
            };
            return Ok(Self {
                project: format!("{PRODUCT_PROJECT}{uid}-{region}"),
                endpoint: format!("{region}.log.aliyuncs.com"),
                logstore: logstore.to_owned(),
            });
        }
        let (project, endpoint) = authority
            .split_once('.')
            .ok_or_else(|| wrong("the host has no endpoint"))?;
        if !is_name(project, "-_") || !is_name(endpoint, "-.:") {
            return Err(wrong("the host is not PROJECT.ENDPOINT"));
        }
        if logstore.is_empty() {
            return Err(wrong("the logstore is missing"));
        }
        Ok(Self {
            project: project.to_owned(),
            endpoint: endpoint.to_owned(),
            logstore: logstore.to_owned(),
        })
    }

    /// Host name of the project.
    pub fn host(&self) -> String {
        format!("{}.{}", self.project, self.endpoint)
    }

    /// Region from the endpoint, otherwise from the name of a product's own project.
    pub fn region(&self) -> Option<String> {
        region_of_endpoint(&self.endpoint).or_else(|| {
            let (uid, region) = self
                .project
                .strip_prefix(PRODUCT_PROJECT)?
                .split_once('-')?;
            (uid.bytes().all(|b| b.is_ascii_digit()) && !region.is_empty())
                .then(|| region.to_owned())
        })
    }
}

/// Returns `cn-hangzhou` for `cn-hangzhou.log.aliyuncs.com`, `cn-hangzhou-intranet.log.aliyuncs.com` and the like; the
/// global accelerator has no region of its own.
fn region_of_endpoint(endpoint: &str) -> Option<String> {
    let host = endpoint.split(':').next().unwrap_or_default();
    let label = host
        .strip_suffix(".log.aliyuncs.com")
        .or_else(|| host.strip_suffix(".sls.aliyuncs.com"))?;
    let region = ["-intranet", "-internal", "-share", "-vpc"]
        .iter()
        .find_map(|s| label.strip_suffix(s))
        .unwrap_or(label);
    (region.contains('-') && !region.contains('.') && region != "log-global")
        .then(|| region.to_owned())
}

fn is_name(text: &str, others: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || others.contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_short_form_means_the_products_own_project() {
        let long = "sls://aliyun-product-data-1356680000000001-cn-hangzhou.cn-hangzhou.log.aliyuncs.com/acr_access_log";
        let short = Address::parse("sls://1356680000000001@cn-hangzhou").expect("short");
        assert_eq!(short, Address::parse(long).expect("long"));
        assert_eq!(
            short.host(),
            "aliyun-product-data-1356680000000001-cn-hangzhou.cn-hangzhou.log.aliyuncs.com"
        );
        assert_eq!(short.region().as_deref(), Some("cn-hangzhou"));
    }

    #[test]
    fn the_region_comes_from_the_endpoint_or_the_project() {
        for (address, region) in [
            (
                "sls://demo.cn-shanghai-intranet.log.aliyuncs.com/x",
                Some("cn-shanghai"),
            ),
            (
                "sls://demo.ap-southeast-1.log.aliyuncs.com/x",
                Some("ap-southeast-1"),
            ),
            (
                "sls://aliyun-product-data-1-us-west-1.log-global.aliyuncs.com/x",
                Some("us-west-1"),
            ),
            ("sls://demo.sls.example.com/x", None),
        ] {
            assert_eq!(
                Address::parse(address).expect(address).region().as_deref(),
                region,
                "{address}"
            );
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (address, what) in [
            ("http://x", "not an sls://"),
            ("sls://abc@cn-hangzhou", "not a number"),
            ("sls://1@", "not a region"),
            ("sls://demo/x", "no endpoint"),
            (
                "sls://demo.cn-hangzhou.log.aliyuncs.com",
                "logstore is missing",
            ),
            ("sls://demo.cn-hangzhou.log.aliyuncs.com/a/b", "characters"),
            (
                "sls://de mo.cn-hangzhou.log.aliyuncs.com/a",
                "PROJECT.ENDPOINT",
            ),
        ] {
            let error = Address::parse(address).expect_err(address).to_string();
            assert!(
                error.contains(what) && error.contains("sls://UID@REGION"),
                "{address}: {error}"
            );
        }
    }
}
