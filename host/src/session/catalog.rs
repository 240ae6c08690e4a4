//! Queries on the catalogue, answered by the rules from a snapshot.

use std::sync::Arc;

use bytes::BytesMut;
use tokio::io::{AsyncRead, AsyncWrite};

use super::Session;
use super::answer::write_row;
use super::carry::{Completion, Delivery};
use super::failure::Failure;
use crate::catalog::{Shared, locked};
use crate::diagnostic::Diagnostic;
use crate::rules::wit_plan::CatalogQuery;
use crate::rules::{Asker, TextRows};
use crate::upstream::Format;
use crate::value;

/// The rules ask for tables first, then for what only some of them have.
const MOST_ROUNDS: usize = 3;

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    pub(super) async fn catalog(
        &mut self,
        query: &CatalogQuery,
        delivery: &Delivery<'_>,
    ) -> Result<Completion, Failure> {
        let parameters = texts(delivery)?;
        let shared = self.snapshot().await?;
        let columns = delivery.shape.columns.as_deref().unwrap_or_default();
        let is_binary = |place: &u32| {
            let place = usize::try_from(*place).unwrap_or(usize::MAX);
            delivery.formats.get(place) == Format::Binary
        };
        let as_oids = (0_u32..).take(columns.len()).filter(is_binary).collect();
        let rows = self
            .catalog_rows(shared, query, parameters, as_oids)
            .await?;
        for row in &rows {
            let start = self.client.output.len();
            write_row(&mut self.client.output, columns, delivery.formats, row)?;
            self.relay_from(start).await?;
        }
        self.complete(&query.tag, rows.len() as u64);
        Ok(Completion::Done)
    }

    /// The snapshot of this epoch, built if nobody has.
    async fn snapshot(&mut self) -> Result<Shared, Failure> {
        let epoch = self.schema_epoch();
        let shared = self.rules.snapshots.of(epoch, &self.rules.schemas);
        if locked(&shared).is_some() {
            return Ok(shared);
        }
        let generation = Arc::clone(&self.rules.generation);
        let context = Arc::clone(&self.facts.context);
        let mut metadata = Vec::new();
        for _ in 0..MOST_ROUNDS {
            let queries = generation.catalog_metadata(&context, &metadata)?;
            if queries.is_empty() {
                break;
            }
            for query in queries {
                // The snapshot holds what is made of them; the rows themselves are not kept.
                metadata.push(self.ask(&query).await?);
            }
        }
        let target = Arc::clone(&shared);
        let built = tokio::task::spawn_blocking(move || -> Result<(), Diagnostic> {
            let mut place = locked(&target);
            if place.is_none() {
                *place = Some(generation.snapshot(&context, &metadata)?);
            }
            Ok(())
        });
        built.await.map_err(|_| Diagnostic::rules_failed())??;
        Ok(shared)
    }

    /// What an answer depends on beside the snapshot.
    fn asker(&self) -> Asker {
        let settings = self.settings.all().into_iter();
        Asker {
            context: Arc::clone(&self.facts.context),
            settings: settings.map(|(name, value, _)| (name, value)).collect(),
            process: self.process,
            starts: self.moments.starts(),
        }
    }

    async fn catalog_rows(
        &mut self,
        shared: Shared,
        query: &CatalogQuery,
        parameters: Vec<Option<String>>,
        as_oids: Vec<u32>,
    ) -> Result<TextRows, Diagnostic> {
        let generation = Arc::clone(&self.rules.generation);
        let asker = self.asker();
        let query = query.clone();
        let job = tokio::task::spawn_blocking(move || {
            let mut place = locked(&shared);
            let Some(snapshot) = place.as_mut() else {
                return Err(Diagnostic::rules_failed());
            };
            let answer = generation.ask(snapshot, &asker, &query, &parameters, &as_oids);
            answer.unwrap_or_else(|failed| {
                // Its instance is gone; the next query builds it again.
                *place = None;
                Err(failed)
            })
        });
        job.await
            .unwrap_or_else(|_| Err(Diagnostic::rules_failed()))
    }
}

/// The values of the parameters in text form.
fn texts(delivery: &Delivery<'_>) -> Result<Vec<Option<String>>, Diagnostic> {
    let failed = |error: value::ValueError| Diagnostic::error(error.sqlstate(), error.to_string());
    let values = delivery.values.values.iter().enumerate();
    values
        .map(|(index, bytes)| {
            let Some(bytes) = bytes else {
                return Ok(None);
            };
            let kind = delivery.shape.parameters.get(index).copied().unwrap_or(0);
            let format = delivery.values.formats.get(index);
            if format == Format::Text {
                return match std::str::from_utf8(bytes) {
                    Ok(text) => Ok(Some(text.to_owned())),
                    Err(_) => Err(Diagnostic::error(
                        "22021",
                        "invalid byte sequence for encoding \"UTF8\"",
                    )),
                };
            }
            if let Some(text) = value::kept_text(kind, format, bytes) {
                return text.map(Some).map_err(failed);
            }
            let scalar = value::decode(kind, format, bytes).map_err(failed)?;
            let mut text = BytesMut::new();
            value::encode(&scalar, kind, -1, Format::Text, &mut text).map_err(failed)?;
            Ok(Some(String::from_utf8_lossy(&text).into_owned()))
        })
        .collect()
}
