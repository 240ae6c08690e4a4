//! The versions that are tested, and a statement as the broker would hand it to them.

use pgiris_rules::Version;
use pgiris_rules::version::{
    iris_2023_1::Iris2023_1, iris_2024_1::Iris2024_1, iris_2024_3::Iris2024_3,
    iris_2025_1::Iris2025_1,
};
use pgiris_rules::wit::{Context, Protocol, Request, Tracing};

/// All of them, the oldest first.
pub(crate) const VERSIONS: &[&dyn Version] = &[&Iris2023_1, &Iris2024_1, &Iris2024_3, &Iris2025_1];

/// In a Query message, without settings.
pub(crate) fn request(version: &dyn Version, text: &str) -> Request {
    Request {
        text: text.to_owned(),
        offset: 0,
        metadata: Vec::new(),
        protocol: Protocol::Simple,
        parameter_types: Vec::new(),
        context: Context {
            iris: version.serves_from(),
            user: "_SYSTEM".to_owned(),
            database: "USER".to_owned(),
            settings: Vec::new(),
        },
        tracing: Tracing::None,
    }
}
