//! CREATE and DROP of functions, procedures, queries and triggers.

use super::Change;
use crate::ast::{Code, ObjectName, RoutineDef, RoutineKind, SqlStep, TriggerDef};
use crate::datatype::resolve;
use crate::error::{Result, SqlError};
use crate::{Version, storage};

impl Change {
    pub(super) fn create_routine(
        &mut self,
        routine: &RoutineDef,
        version: Version,
    ) -> Result<bool> {
        for parameter in &routine.parameters {
            resolve(&parameter.type_name, version)?;
        }
        if let Some(returns) = &routine.returns {
            resolve(returns, version)?;
        }
        check_code(&routine.code, version)?;
        self.catalog.put_routine(routine.clone())?;
        Ok(true)
    }

    pub(super) fn drop_routine(
        &mut self,
        kind: RoutineKind,
        name: &ObjectName,
        if_exists: bool,
    ) -> Result<bool> {
        match self.catalog.remove_routine(kind, name) {
            Err(error) if if_exists && error.sqlcode == -362 => Ok(false),
            result => result.map(|()| true),
        }
    }

    pub(super) fn create_trigger(
        &mut self,
        trigger: &TriggerDef,
        version: Version,
    ) -> Result<bool> {
        check_code(&trigger.code, version)?;
        if let Code::ObjectScript(code) = &trigger.code {
            let program = crate::objectscript::Program::commands(code)?;
            if program.sets_fields {
                return Err(SqlError::new(
                    -400,
                    "triggers that set fields are not imitated by the sandbox",
                ));
            }
        }
        let table = self.catalog.put_trigger(trigger.clone())?.table.clone();
        let table = self.catalog.table(&table)?;
        if table.temporary {
            return Err(SqlError::new(
                -400,
                "triggers of temporary tables are not imitated by the sandbox",
            ));
        }
        self.sql.extend(storage::create_queue(&table));
        Ok(true)
    }

    pub(super) fn drop_trigger(
        &mut self,
        name: &ObjectName,
        table: Option<&ObjectName>,
        if_exists: bool,
    ) -> Result<bool> {
        let trigger = match self.catalog.remove_trigger(name, table) {
            Err(error) if if_exists && error.sqlcode == -363 => return Ok(false),
            result => result?,
        };
        let table = self.catalog.table(&trigger.table)?;
        if self.catalog.triggers_of(&table).is_empty() {
            self.sql.extend(storage::drop_queue(&table));
        }
        Ok(true)
    }
}

/// SQL in a body must be SQL; what it names is looked up when it runs.
fn check_code(code: &Code, version: Version) -> Result<()> {
    let Code::Sql(steps) = code else {
        return Ok(());
    };
    for step in steps {
        let text = match step {
            SqlStep::Run(text) | SqlStep::Into(text, _) => text.text.clone(),
            SqlStep::Return(text) => format!("SELECT {}", text.text),
        };
        crate::parser::parse(&text, version)?;
    }
    Ok(())
}
