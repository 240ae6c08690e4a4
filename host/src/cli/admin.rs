//! The admin port: health, metrics, and a page for people, by HTTP. It tells, and changes
//! nothing.

mod explorer;
mod page;

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::header::{ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Router, http};
use pgiris::Monitor;
use prometheus_client::encoding::{prometheus_text, text};
use prometheus_client::registry::Registry;
use serde::Deserialize;
use tokio::net::TcpListener;

/// What the port tells of.
#[derive(Clone)]
pub(super) struct Admin {
    monitor: Monitor,
    registry: Arc<Registry>,
}

impl Admin {
    pub(super) fn new(monitor: Monitor) -> Self {
        let mut registry = Registry::default();
        monitor.register(&mut registry);
        Self {
            monitor,
            registry: Arc::new(registry),
        }
    }

    /// Answers for ever.
    pub(super) async fn serve(self, listener: TcpListener) {
        let router = Router::new()
            .route("/", get(overview))
            .route("/translate", get(translate))
            .route("/metrics", get(metrics))
            .route("/healthz", get(async || "ok\n"))
            .route("/readyz", get(ready))
            .with_state(self);
        if let Err(error) = axum::serve(listener, router).await {
            tracing::error!(%error, "the admin port is not served any more");
        }
    }
}

/// 200 while clients can be served; 503 with the reason otherwise.
async fn ready(State(admin): State<Admin>) -> Response {
    match admin.monitor.unready() {
        None => "ready\n".into_response(),
        Some(why) => (StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")).into_response(),
    }
}

/// In the text format of Prometheus, or in that of OpenMetrics for those who ask for it.
async fn metrics(State(admin): State<Admin>, headers: HeaderMap) -> Response {
    let accepted = headers.get(ACCEPT).and_then(|value| value.to_str().ok());
    let is_open = accepted.is_some_and(|value| value.contains("application/openmetrics-text"));
    let mut body = String::new();
    let (written, kind) = match is_open {
        true => (
            text::encode(&mut body, &admin.registry),
            "application/openmetrics-text; version=1.0.0; charset=utf-8",
        ),
        false => (
            prometheus_text::encode(&mut body, &admin.registry),
            "text/plain; version=0.0.4; charset=utf-8",
        ),
    };
    match written {
        Ok(()) => ([(CONTENT_TYPE, kind)], body).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

async fn overview(State(admin): State<Admin>) -> Response {
    document(page::overview(&admin.monitor))
}

/// What the explorer is asked.
#[derive(Deserialize)]
struct Question {
    #[serde(default)]
    sql: String,
    /// The stem of a rules file.
    rules: Option<String>,
}

async fn translate(State(admin): State<Admin>, Query(question): Query<Question>) -> Response {
    let job = tokio::task::spawn_blocking(move || {
        let Question { sql, rules } = question;
        explorer::page(&admin.monitor.generations(), &sql, rules.as_deref())
    });
    match job.await {
        Ok(page) => document(page),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn document(markup: maud::Markup) -> Response {
    // Nothing is loaded from anywhere, and no script runs.
    let policy = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'";
    let headers: [(http::HeaderName, &str); 2] = [
        (CACHE_CONTROL, "no-store"),
        (CONTENT_SECURITY_POLICY, policy),
    ];
    (headers, Html(markup.into_string())).into_response()
}
