//! Parse, Bind, Describe, Execute, Close and Sync.
//!
//! PostgreSQL manual, "Extended Query".

use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite};

use super::asked::Asked;
use super::carry::{Completion, Delivery};
use super::closing::Closing;
use super::failure::Failure;
use super::simple::Ending;
use super::statement::{Portal, Prepared, Progress, Values};
use super::suspension::Holder;
use super::transaction::Status;
use super::{Batch, Session, utf8};
use crate::diagnostic::Diagnostic;
use crate::frontend::message::{Bind, Execute, Formats, Named, Parse};
use crate::frontend::reply;
use crate::rules::wit::Protocol;
use crate::rules::wit_plan::{Condition, DiscardTarget, SettingStep, TransactionStep};
use crate::rules::{Plan, Translation};
use crate::upstream::Oid;

impl<S: AsyncRead + AsyncWrite + Unpin> Session<S> {
    pub(super) async fn parse(&mut self, parse: Parse) -> Result<(), Failure> {
        let name = utf8(&parse.name)?;
        // "If successfully created, a named prepared-statement object lasts till
        // the end of the current session, unless explicitly destroyed. Named
        // prepared statements must be explicitly closed before they can be
        // redefined by another Parse message, but this is not required for the
        // unnamed statement."
        if name.is_empty() {
            self.statements.remove("");
        }
        let text = utf8(&parse.text)?;
        self.allow_holding(text.len())?;
        let translation = self.translate_one(text, &parse.parameter_types).await?;
        self.allow_read(&translation, Protocol::Extended, &parse.parameter_types)
            .await?;
        let prepared = self
            .prepare(text.into(), &translation, parse.parameter_types)
            .await?;
        // PostgreSQL looks at the statement first, and at the name when it keeps it.
        if !name.is_empty() {
            self.allow_statement(name)?;
        }
        self.statements.insert(name.to_owned(), Arc::new(prepared));
        reply::parse_complete(&mut self.client.output);
        Ok(())
    }

    /// Whether there is room for a statement of this name.
    pub(super) fn allow_statement(&self, name: &str) -> Result<(), Diagnostic> {
        if self.statements.contains_key(name) {
            return Err(Diagnostic::statement_exists(name));
        }
        if self.statements.len() >= self.config.client.prepared_statements {
            return Err(Diagnostic::error("54000", "too many prepared statements"));
        }
        Ok(())
    }

    /// A text that must be one statement.
    pub(super) async fn translate_one(
        &mut self,
        text: &str,
        declared: &[Oid],
    ) -> Result<Arc<Translation>, Failure> {
        let translations = self.translate(text, Protocol::Extended, declared).await?;
        match &*translations {
            [translation] => Ok(Arc::clone(translation)),
            _ => Err(Diagnostic::several_statements().into()),
        }
    }

    /// `text`: what the translation is one of.
    pub(super) async fn prepare(
        &mut self,
        text: Arc<str>,
        translation: &Arc<Translation>,
        declared: Vec<Oid>,
    ) -> Result<Prepared, Failure> {
        let (translation, looked) = self
            .resolve(translation, Protocol::Extended, &declared)
            .await?;
        let shape = self.shape(&translation, &declared).await;
        if let Err(failure) = &shape {
            self.distrust(looked.as_ref(), failure);
        }
        Ok(Prepared {
            text,
            generation: Arc::downgrade(&self.rules.generation),
            facts: self.facts.clone(),
            translation,
            looked,
            declared,
            shape: shape?,
        })
    }

    /// A statement as it is to be run now: one that other rules have translated, or under
    /// another `search_path`, is translated again ("if the value of search_path changes from
    /// one use to the next, the statement will be re-parsed using the new search_path", manual,
    /// PREPARE), and one whose plan depends on the schema is planned again when that has changed.
    pub(super) async fn current(&mut self, name: &str) -> Result<Arc<Prepared>, Failure> {
        let found = self.statements.get(name);
        let prepared = Arc::clone(found.ok_or_else(|| Diagnostic::no_statement(name))?);
        self.allow(&prepared.translation.plan)?;
        let now = Arc::as_ptr(&self.rules.generation);
        if prepared.generation.as_ptr() != now || prepared.facts != self.facts {
            let asked = self
                .translate_one(&prepared.text, &prepared.declared)
                .await?;
            return self.renewed(name, &prepared, &asked).await;
        }
        if let Plan::Cursor(_) = prepared.translation.plan {
            return self.current_cursor(name, prepared).await;
        }
        let Some(looked) = &prepared.looked else {
            return Ok(prepared);
        };
        if looked.epoch == self.schema_epoch() {
            return Ok(prepared);
        }
        let asked = Arc::clone(&looked.asked);
        self.renewed(name, &prepared, &asked).await
    }

    /// Prepares a statement again, in place of what it was.
    async fn renewed(
        &mut self,
        name: &str,
        prepared: &Prepared,
        asked: &Arc<Translation>,
    ) -> Result<Arc<Prepared>, Failure> {
        let text = Arc::clone(&prepared.text);
        let again = self.prepare(text, asked, prepared.declared.clone()).await?;
        if again.shape.columns != prepared.shape.columns
            || again.shape.parameters != prepared.shape.parameters
        {
            return Err(Diagnostic::row_description_changed().into());
        }
        let again = Arc::new(again);
        self.statements.insert(name.to_owned(), Arc::clone(&again));
        Ok(again)
    }

    /// A prepared FETCH returns what the cursor of that name has now.
    async fn current_cursor(
        &mut self,
        name: &str,
        prepared: Arc<Prepared>,
    ) -> Result<Arc<Prepared>, Failure> {
        let shape = self
            .shape(&prepared.translation, &prepared.declared)
            .await?;
        let known = &prepared.shape;
        if shape.columns == known.columns && shape.parameters == known.parameters {
            return Ok(prepared);
        }
        if known.columns.is_some() && shape.columns.is_some() {
            return Err(Diagnostic::row_description_changed().into());
        }
        let again = Arc::new(Prepared {
            text: Arc::clone(&prepared.text),
            generation: prepared.generation.clone(),
            facts: prepared.facts.clone(),
            translation: Arc::clone(&prepared.translation),
            looked: None,
            declared: prepared.declared.clone(),
            shape,
        });
        self.statements.insert(name.to_owned(), Arc::clone(&again));
        Ok(again)
    }

    /// "The response is either BindComplete or ErrorResponse"; "the unnamed portal … is destroyed …
    /// as soon as the next Bind statement specifying the unnamed portal as destination is issued.
    /// … Named portals must be explicitly closed before they can be redefined by another Bind
    /// message, but this is not required for the unnamed portal" (manual, "Extended Query").
    pub(super) async fn bind(&mut self, bind: Bind) -> Result<(), Failure> {
        let (portal, statement) = (utf8(&bind.portal)?, utf8(&bind.statement)?);
        // In a failed transaction as well, where nothing else is found out of a statement.
        if self.transaction.is_failed()
            && let Some(prepared) = self.statements.get(statement)
        {
            check_counts(&bind, statement, prepared)?;
        }
        let prepared = self.current(statement).await?;
        check_counts(&bind, statement, &prepared)?;
        // An empty statement may be read, but nothing is made of it.
        if self.transaction.is_failed() && matches!(prepared.translation.plan, Plan::Empty) {
            return Err(Diagnostic::in_failed_transaction().into());
        }
        if portal.is_empty() {
            self.drop_portal("").await?;
        } else if self.portals.contains_key(portal) || self.cursors.contains_key(portal) {
            return Err(Diagnostic::portal_exists(portal).into());
        } else if self.portals.len() >= self.config.client.portals {
            return Err(Diagnostic::error("54000", "too many portals").into());
        }
        let mut values = Values {
            values: bind.values,
            formats: bind.parameter_formats,
            clock: self.clock(),
        };
        self.allow_holding(values.bytes())?;
        self.values_in_utf8(&mut values, &prepared.shape.parameters)?;
        self.read_values(&mut values, &prepared.shape.parameters, Some(portal))?;
        check_result_formats(&bind.result_formats, &prepared)?;
        // PostgreSQL plans a portal with its values, and casts them then; that a value is NULL it finds
        // out when it writes.
        let required = prepared.translation.plan.required();
        values.meet(
            required
                .iter()
                .filter(|one| !matches!(one.condition, Condition::NotNull)),
            &prepared.shape.parameters,
        )?;
        let portal = portal.to_owned();
        self.portals.insert(
            portal,
            Portal {
                prepared,
                rules: self.rules.clone(),
                values,
                formats: bind.result_formats,
                progress: Progress::Fresh,
                sent: 0,
                savepoints: self.transaction.savepoints(),
            },
        );
        reply::bind_complete(&mut self.client.output);
        Ok(())
    }

    /// What is wrong with a statement that no longer returns what the client was told.
    async fn returns_the_same(&mut self, name: &str) -> Result<(), Failure> {
        let prepared = self.current(name).await?;
        let shape = self
            .shape(&prepared.translation, &prepared.declared)
            .await?;
        if shape.columns != prepared.shape.columns {
            return Err(Diagnostic::row_description_changed().into());
        }
        Ok(())
    }

    /// "The response is a RowDescription message describing the rows that will be returned by
    /// executing the portal; or a NoData message if the portal does not contain a query that will
    /// return rows"; of a statement "a ParameterDescription message … followed by" one of those.
    /// PostgreSQL (`exec_describe_statement_message`) finds out what a statement returns
    /// anew, which a failed transaction does not allow.
    pub(super) async fn describe(&mut self, named: Named) -> Result<(), Failure> {
        let prepared;
        let (shape, formats) = match &named {
            Named::Statement(name) => {
                let name = utf8(name)?;
                let found = self.statements.get(name);
                prepared = Arc::clone(found.ok_or_else(|| Diagnostic::no_statement(name))?);
                let returns_rows = prepared.shape.columns.is_some();
                if returns_rows && self.transaction.is_failed() {
                    return Err(Diagnostic::in_failed_transaction().into());
                }
                reply::parameter_description(&mut self.client.output, &prepared.shape.parameters);
                if returns_rows {
                    self.returns_the_same(name).await?;
                }
                (&prepared.shape, &Formats::default())
            }
            Named::Portal(name) => {
                let name = utf8(name)?;
                if self.transaction.is_failed() && self.columns_of_portal(name).is_some() {
                    return Err(Diagnostic::in_failed_transaction().into());
                }
                if let Some(cursor) = self.cursors.get(name) {
                    reply::row_description(&mut self.client.output, &cursor.columns, |index| {
                        cursor.formats.get(index)
                    });
                    return Ok(());
                }
                let portal = self
                    .portals
                    .get(name)
                    .ok_or_else(|| Diagnostic::no_portal(name))?;
                (&portal.prepared.shape, &portal.formats)
            }
        };
        match &shape.columns {
            Some(columns) => {
                reply::row_description(&mut self.client.output, columns, |index| {
                    formats.get(index)
                });
            }
            None => reply::no_data(&mut self.client.output),
        }
        Ok(())
    }

    /// "The Execute message specifies the portal name … and a maximum result-row count (zero meaning
    /// 'fetch all rows')." "Execute doesn't cause ReadyForQuery or RowDescription to be issued."
    pub(super) async fn execute(&mut self, execute: Execute) -> Result<(), Failure> {
        self.traffic.statement();
        let name = utf8(&execute.portal)?;
        if let Some(cursor) = self.cursors.remove(name) {
            return self.execute_cursor(name, cursor, execute.row_limit).await;
        }
        let mut portal = self
            .portals
            .remove(name)
            .ok_or_else(|| Diagnostic::no_portal(name))?;
        std::mem::swap(&mut self.rules, &mut portal.rules);
        let outcome = self
            .execute_portal(name, &mut portal, execute.row_limit)
            .await;
        std::mem::swap(&mut self.rules, &mut portal.rules);
        if matches!(outcome, Err(Failure::Statement(_)))
            && matches!(self.transaction.status(), Status::Open | Status::Failed)
        {
            // It stays until the transaction ends, but cannot be run.
            portal.progress = Progress::Done(None);
            self.portals.insert(name.to_owned(), portal);
            return outcome;
        }
        if outcome.is_ok() {
            let plan = &portal.prepared.translation.plan;
            if ends_portals(plan) {
                self.batch = Batch::None;
            } else if !matches!(plan, Plan::Transaction(_) | Plan::Empty) {
                self.batch = Batch::Pipeline;
            }
            // One that ends portals may be one of them.
            if !self.is_ended(&portal) {
                self.portals.insert(name.to_owned(), portal);
            }
            self.client.flush_if_large().await?;
        }
        outcome
    }

    /// Whether a portal ends with what it has just done.
    fn is_ended(&self, portal: &Portal) -> bool {
        match &portal.prepared.translation.plan {
            Plan::Transaction(plan) if matches!(plan.step, TransactionStep::RollbackTo(_)) => {
                portal.savepoints >= self.transaction.savepoints()
            }
            plan => ends_portals(plan),
        }
    }

    async fn execute_portal(
        &mut self,
        name: &str,
        portal: &mut Portal,
        row_limit: u32,
    ) -> Result<(), Failure> {
        let prepared = Arc::clone(&portal.prepared);
        self.asked = Some(Asked::again(&prepared.text));
        self.allow(&prepared.translation.plan)?;
        if let Some((_, code)) = portal.formats.unknown()
            && prepared.shape.columns.is_some()
        {
            return Err(Diagnostic::unsupported_format(code).into());
        }
        self.dress(&prepared.shape, &portal.values, &portal.formats)?;
        let completion = match std::mem::replace(&mut portal.progress, Progress::Done(None)) {
            Progress::Fresh => {
                if let Some(command) = &prepared.translation.alone
                    && self.batch != Batch::None
                    && self.transaction.status() != Status::Open
                {
                    return Err(Diagnostic::in_pipeline(command).into());
                }
                // "Check for cancel signal before we start execution" (`exec_execute_message`).
                self.heed_interruption().await?;
                self.begin_settings();
                self.begin_pipeline(&prepared.translation.plan).await?;
                let delivery = Delivery {
                    shape: &prepared.shape,
                    declared: &prepared.declared,
                    values: &portal.values,
                    formats: &portal.formats,
                    announce: false,
                    row_limit,
                };
                let outcome = self.start(&prepared, delivery).await;
                if let Err(failure) = &outcome {
                    self.distrust(prepared.looked.as_ref(), failure);
                }
                outcome?
            }
            Progress::Suspended(closing) => self.resume(closing, row_limit).await?,
            Progress::Parked(parked) => self.unpark(parked, row_limit).await?,
            Progress::Done(_) if matches!(prepared.translation.plan, Plan::Empty) => {
                reply::empty_query_response(&mut self.client.output);
                Completion::Done
            }
            Progress::Done(closing) => self.run_again(name, closing)?,
        };
        match completion {
            Completion::Done => {
                let returns_rows = prepared.shape.columns.is_some();
                let closing = returns_rows.then(|| Closing::after(&self.completed));
                portal.progress = Progress::Done(closing);
            }
            Completion::Suspended(closing) => {
                portal.sent += u64::from(row_limit);
                portal.progress = Progress::Suspended(closing);
                self.suspended = Some(Holder::Portal(name.to_owned()));
            }
            Completion::Parked(parked) => {
                portal.sent += u64::from(row_limit);
                portal.progress = Progress::Parked(parked);
            }
        }
        Ok(())
    }

    /// "Sync … causes the backend to close the current transaction if it's not inside a
    /// BEGIN/COMMIT transaction block": what comes before it is one transaction. A
    /// statement that Sync follows, or that changes nothing, needs none.
    async fn begin_pipeline(&mut self, plan: &Plan) -> Result<(), Failure> {
        let is_alone = self.transaction.status() == Status::Idle;
        if is_alone && plan.changes() && !self.client.sync_follows() {
            self.begin_implicit().await?;
        }
        Ok(())
    }

    /// "Close … it is not an error to issue Close against a nonexistent
    /// statement or portal name."
    pub(super) async fn close(&mut self, named: Named) -> Result<(), Failure> {
        match named {
            Named::Statement(name) => {
                self.statements.remove(utf8(&name)?);
            }
            Named::Portal(name) => self.drop_portal(utf8(&name)?).await?,
        }
        reply::close_complete(&mut self.client.output);
        Ok(())
    }

    /// "At completion of each series of extended-query messages, the frontend should issue a Sync
    /// message. This parameterless message causes the backend to close the current transaction if
    /// it's not inside a BEGIN/COMMIT transaction block … Then a ReadyForQuery response is issued."
    pub(super) async fn sync(&mut self) -> Result<(), Failure> {
        self.skipping = false;
        self.batch = Batch::None;
        self.end_implicit(Ending::Commit).await?;
        // Outside a transaction block Sync ends the transaction, and with it
        // every portal.
        if self.transaction.status() == Status::Idle {
            self.drop_portals().await?;
        }
        self.ready().await
    }
}

/// Whether no portal is left behind this.
fn ends_portals(plan: &Plan) -> bool {
    match plan {
        Plan::Transaction(plan) => matches!(
            plan.step,
            TransactionStep::Commit(_) | TransactionStep::Rollback(_)
        ),
        Plan::Setting(plan) => matches!(plan.step, SettingStep::Discard(DiscardTarget::All)),
        _ => false,
    }
}

fn check_counts(bind: &Bind, statement: &str, prepared: &Prepared) -> Result<(), Diagnostic> {
    let (supplied, required) = (bind.values.len(), prepared.shape.parameters.len());
    if !bind.parameter_formats.suit(supplied) {
        return Err(Diagnostic::parameter_formats(
            bind.parameter_formats.len(),
            supplied,
        ));
    }
    if supplied != required {
        return Err(Diagnostic::parameter_count(supplied, statement, required));
    }
    Ok(())
}

fn check_result_formats(formats: &Formats, prepared: &Prepared) -> Result<(), Diagnostic> {
    let columns = prepared
        .shape
        .columns
        .as_ref()
        .map_or(0, |columns| columns.len());
    if columns > 0 && !formats.suit(columns) {
        return Err(Diagnostic::result_formats(formats.len(), columns));
    }
    Ok(())
}
