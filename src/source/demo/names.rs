//! Words for the names of the synthetic world: data only.

/// Account that owns the instances, and accounts of partners that assume roles in it.
pub(super) const ACCOUNT: &str = "1356680000000001";
pub(super) const PARTNERS: [&str; 2] = ["1748220000000017", "1590310000000042"];

/// Name, region, and true if clients may use the company's own domain.
pub(super) const INSTANCES: [(&str, &str, bool); 5] = [
    ("acme-prod", "cn-hangzhou", true),
    ("acme-prod-sh", "cn-shanghai", false),
    ("acme-staging", "cn-hangzhou", false),
    ("acme-dev", "cn-hangzhou", true),
    ("acme-dev-sh", "cn-shanghai", false),
];

pub(super) const NAMESPACES: [&str; 40] = [
    "infra",
    "base-images",
    "payment",
    "checkout",
    "orders",
    "catalog",
    "search",
    "identity",
    "gateway",
    "billing",
    "ledger",
    "risk",
    "fraud",
    "pricing",
    "promotion",
    "cart",
    "inventory",
    "warehouse",
    "shipping",
    "returns",
    "customer",
    "crm",
    "notify",
    "messaging",
    "media",
    "recommend",
    "ml-platform",
    "feature-store",
    "data-pipeline",
    "analytics",
    "reporting",
    "bi",
    "ops-tools",
    "observability",
    "security",
    "mobile-bff",
    "partner-api",
    "third-party",
    "sandbox",
    "charts",
];

/// Most popular repositories, in order; the names of the others are combined from the words below.
pub(super) const FAVOURITES: [&str; 24] = [
    "infra/pause",
    "infra/coredns",
    "base-images/alpine",
    "infra/fluent-bit",
    "infra/nginx-ingress",
    "observability/node-exporter",
    "gateway/edge-proxy",
    "payment/payment-gateway",
    "base-images/openjdk",
    "infra/kube-proxy",
    "checkout/checkout-api",
    "base-images/node",
    "orders/order-api",
    "observability/otel-collector",
    "base-images/python",
    "identity/auth-server",
    "catalog/catalog-api",
    "base-images/golang",
    "search/query-node",
    "third-party/redis",
    "infra/csi-plugin",
    "payment/settlement-worker",
    "base-images/distroless-static",
    "notify/push-sender",
];

/// Ranks of the `base-images` repositories in [`FAVOURITES`]: base images of builds.
pub(super) const BASES: [u16; 6] = [2, 8, 11, 14, 17, 22];

/// Rank of `payment/payment-gateway`.
pub(super) const TARGET: u16 = 7;

pub(super) const SUBJECTS: [&str; 25] = [
    "order", "user", "item", "price", "stock", "route", "event", "session", "token", "invoice",
    "coupon", "address", "profile", "report", "export", "import", "image", "model", "feature",
    "alert", "audit", "config", "schedule", "quota", "webhook",
];
pub(super) const ROLES: [&str; 12] = [
    "api", "worker", "web", "job", "sync", "consumer", "cron", "proxy", "admin", "grpc", "migrate",
    "ui",
];

/// Misspelt names.
pub(super) const TYPOS: [&str; 8] = [
    "infra/ngnix-ingress",
    "base-images/apline",
    "checkout/chekout-api",
    "payments/payment-gateway",
    "infra/cordns",
    "search/query_node",
    "library/nginx",
    "orders/order-apii",
];

pub(super) const SURNAMES: [&str; 40] = [
    "wang", "li", "zhang", "liu", "chen", "yang", "huang", "zhao", "wu", "zhou", "xu", "sun", "ma",
    "zhu", "hu", "guo", "he", "lin", "gao", "luo", "zheng", "liang", "xie", "song", "tang", "han",
    "feng", "deng", "cao", "peng", "smith", "garcia", "mueller", "tanaka", "kim", "silva", "rossi",
    "novak", "patel", "dubois",
];
pub(super) const GIVEN: [&str; 40] = [
    "wei", "fang", "na", "min", "jing", "lei", "jun", "yan", "yong", "jie", "juan", "tao", "ming",
    "chao", "ping", "gang", "yu", "hao", "xin", "ling", "bo", "qiang", "yi", "rui", "kai", "anna",
    "ben", "carla", "david", "emma", "felix", "grace", "hugo", "irene", "jonas", "kenji", "lara",
    "marco", "nina", "omar",
];
/// Logon names outside ASCII.
pub(super) const NATIVE: [&str; 7] = [
    "王小明",
    "李雷",
    "韩梅梅",
    "müller",
    "josé.garcía",
    "山田太郎",
    "김민준",
];

pub(super) const TEAMS: [&str; 30] = [
    "ci-infra",
    "ci-gateway",
    "ci-checkout",
    "ci-orders",
    "ci-catalog",
    "ci-search",
    "ci-identity",
    "ci-billing",
    "ci-risk",
    "ci-pricing",
    "ci-cart",
    "ci-warehouse",
    "ci-shipping",
    "ci-customer",
    "ci-notify",
    "ci-media",
    "ci-recommend",
    "ci-ml",
    "ci-data",
    "ci-analytics",
    "ci-ops",
    "ci-observability",
    "ci-security",
    "ci-mobile",
    "ci-partner",
    "ci-sandbox",
    "gitlab-runner",
    "jenkins-agent",
    "argo-workflows",
    "release-bot",
];

/// User agents, grouped by their users.
pub(super) const AGENTS: [&str; 27] = [
    // 0-5: nodes
    "containerd/1.6.28",
    "containerd/v1.7.11",
    "containerd/1.5.13",
    "cri-o/1.28.4 go/go1.20.10 os/linux arch/amd64",
    "docker/19.03.15 go/go1.13.15 git-commit/99e3ed8 kernel/4.19.91-27.6.al7.x86_64 os/linux arch/amd64 UpstreamClient(Go-http-client/1.1)",
    "docker/24.0.9 go/go1.20.13 git-commit/fca702d kernel/5.10.134-16.1.al8.x86_64 os/linux arch/amd64 UpstreamClient(Go-http-client/1.1)",
    // 6-11: builds
    "kaniko/v1.9.1 go-containerregistry/v0.8.1",
    "buildkit/v0.12.5",
    "docker/24.0.2 go/go1.20.4 git-commit/659604f kernel/5.10.134-15.al8.x86_64 os/linux arch/amd64 UpstreamClient(Docker-Client/24.0.2 \\(linux\\))",
    "docker/20.10.24 go/go1.19.7 git-commit/5d6db84 kernel/5.4.0-169-generic os/linux arch/amd64 UpstreamClient(Docker-Client/20.10.24 \\(linux\\))",
    "Buildah/1.33.2",
    "jib 3.4.1 jib-maven-plugin",
    // 12-21: people
    "docker/26.1.1 go/go1.21.9 git-commit/ac2de55 kernel/6.6.26-linuxkit os/linux arch/arm64 UpstreamClient(Docker-Client/26.1.1 \\(darwin\\))",
    "docker/24.0.6 go/go1.20.7 git-commit/1a79695 kernel/5.15.133.1-microsoft-standard-WSL2 os/linux arch/amd64 UpstreamClient(Docker-Client/24.0.6 \\(windows\\))",
    "docker/17.03.1-ce go/go1.7.5 git-commit/c6d412e kernel/4.4.0-66-generic os/linux arch/amd64 UpstreamClient(Docker-Client/17.03.1-ce \\(linux\\))",
    "skopeo/1.13.3",
    "crane/v0.19.0 go-containerregistry/v0.19.0",
    "Helm/3.14.2",
    "curl/8.5.0",
    "containers/5.29.2 (github.com/containers/image)",
    "oras/1.1.0",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/123.0.0.0 Safari/537.36",
    // 22-26: scanners, clean-up, scripts
    "trivy/0.50.1 go-containerregistry/v0.19.0",
    "Go-http-client/1.1",
    "python-requests/2.31.0",
    "skopeo/1.9.0",
    "regclient/regctl (v0.5.7)",
];
