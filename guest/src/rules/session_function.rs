//! # What it does
//! Answers functions about the session and the server: in the broker when a SELECT
//! asks for nothing else, by a literal inside other statements.
//!
//! # Why
//! IRIS has none of these functions, refuses CURRENT_USER as a value (SQLCODE -12),
//! and would tell of itself where clients ask for PostgreSQL's version.
//!
//! # Example
//! `SELECT current_database()` is answered by the broker.
//!
//! # Limits
//! `pg_backend_pid()`, settings that the rules do not know and `set_config` (with
//! literals) are answered beside their like only, not inside other statements. So are
//! `pg_sleep`, for which the broker waits, of a literal or a parameter, and the functions for
//! advisory locks, of what the broker computes of literals and parameters.
//!
//! # Versions
//! All.

use sqlparser::ast::{
    Expr, Function, GroupByExpr, Query, Select, SelectItem, SetExpr, Spanned, Statement, Value,
};

use crate::advisory;
use crate::build;
use crate::classify::counted;
use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::pause;
use crate::reader::marks::Marks;
use crate::rule::{Pass, Rule, Scene};
use crate::types::oid;
use crate::typing;
use crate::walk;
use crate::wit::{
    Answer, Cell, Column, Context, Diagnostic, Oid, Plan, SettingChange, SettingScope,
};

use super::session_setting::check_isolation;

pub(crate) struct SessionFunction;

/// The PostgreSQL version spoken of when the broker does not tell its own.
const SERVER_VERSION: &str = concat!("15.0 (pgiris ", env!("CARGO_PKG_VERSION"), ")");

impl Rule for SessionFunction {
    fn name(&self) -> &'static str {
        "session_function"
    }

    fn summary(&self) -> &'static str {
        "answers version(), current_user and their kin"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::SESSION)
    }

    fn rewrite(&self, tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
        if let Statement::Query(query) = tree
            && let Some(answer) = alone(query, pass)?
        {
            pass.plan = Some(Plan::Answer(answer));
            return Ok(true);
        }
        inside(tree, pass)
    }
}

/// The value of such a function.
struct Known {
    type_oid: Oid,
    cell: Cell,
}

fn text(value: impl Into<String>) -> Known {
    Known {
        type_oid: oid::TEXT,
        cell: Cell::Text(value.into()),
    }
}

fn name(value: &str) -> Known {
    Known {
        type_oid: oid::NAME,
        cell: Cell::Text(value.to_owned()),
    }
}

/// What an expression is worth; none if it is no call of these functions.
fn known(expression: &Expr, scene: &Scene<'_>) -> Diagnosed<Option<Known>> {
    let function = match expression {
        Expr::Function(function) if function.over.is_none() && !function.uses_odbc_syntax => {
            function
        }
        // The parser takes these two for names.
        Expr::Identifier(word) if word.quote_style.is_none() => {
            return Ok(match word.value.to_ascii_lowercase().as_str() {
                "current_schema" => Some(name(&schema(scene))),
                "current_role" => Some(name(&scene.context.user)),
                _ => None,
            });
        }
        _ => return Ok(None),
    };
    let Some(called) = build::function_name(function) else {
        return Ok(None);
    };
    let context = scene.context;
    Ok(Some(match called.as_str() {
        "version" => text(version(context, scene.setting("server_version"))),
        "current_database" | "current_catalog" => name(&context.database),
        "current_schema" => name(&schema(scene)),
        "current_schemas" => Known {
            type_oid: 1003,
            cell: Cell::Text(match first_literal(function) {
                Some(Value::Boolean(false)) => format!("{{{}}}", schemas(scene)),
                _ => format!("{{pg_catalog,{}}}", schemas(scene)),
            }),
        },
        "current_user" | "session_user" | "user" | "current_role" => name(&context.user),
        "current_setting" => match first_literal(function) {
            Some(Value::SingleQuotedString(setting)) => {
                let setting = setting.to_lowercase();
                let missing_is_null = matches!(
                    build::arguments(function).get(1),
                    Some(Expr::Value(value)) if value.value == Value::Boolean(true)
                );
                Known {
                    type_oid: oid::TEXT,
                    cell: if missing_is_null {
                        Cell::OptionalSetting(setting)
                    } else {
                        Cell::Setting(setting)
                    },
                }
            }
            _ => return Ok(None),
        },
        "pg_backend_pid" => Known {
            type_oid: oid::INT4,
            cell: Cell::BackendPid,
        },
        "pg_is_in_recovery" => Known {
            type_oid: oid::BOOL,
            cell: Cell::Text("f".to_owned()),
        },
        "inet_server_addr" | "inet_client_addr" => Known {
            type_oid: oid::INET,
            cell: Cell::Null,
        },
        "inet_server_port" | "inet_client_port" => Known {
            type_oid: oid::INT4,
            cell: Cell::Null,
        },
        "set_config" => {
            return Err(Diagnostic::not_supported(
                "set_config() inside a statement, or with values that are not literals, is not supported",
                "SELECT it without a table, or use SET",
            ));
        }
        _ => return Ok(None),
    }))
}

/// The cell of `set_config(name, value, is_local)` with literals; none if it is no
/// such call.
fn changed_setting(expression: &Expr, pass: &mut Pass<'_>) -> Diagnosed<Option<Known>> {
    let Expr::Function(function) = expression else {
        return Ok(None);
    };
    let arguments: Option<Vec<&Value>> = build::arguments(function)
        .into_iter()
        .map(|argument| match argument {
            Expr::Value(value) => Some(&value.value),
            _ => None,
        })
        .collect();
    let (
        Some("set_config"),
        Some(
            [
                Value::SingleQuotedString(name),
                value,
                Value::Boolean(local),
            ],
        ),
    ) = (
        build::function_name(function).as_deref(),
        arguments.as_deref(),
    )
    else {
        return Ok(None);
    };
    let value = match value {
        Value::SingleQuotedString(value) => Some(value.replace("''", "'")),
        Value::Null => None,
        _ => return Ok(None),
    };
    let scope = if *local {
        SettingScope::Transaction
    } else {
        SettingScope::Session
    };
    let name = name.to_lowercase();
    let mut change = SettingChange { name, value, scope };
    let warning = check_isolation(&mut change, &pass.scene)?;
    pass.notices.extend(warning);
    Ok(Some(Known {
        type_oid: oid::TEXT,
        cell: Cell::ChangedSetting(change),
    }))
}

/// The cell of `pg_sleep`, of a literal or a parameter; none if it is no such call.
fn slept(expression: &Expr, pass: &mut Pass<'_>) -> Option<Known> {
    Some(Known {
        type_oid: oid::VOID,
        cell: Cell::Slept(pause::of(expression, pass)?),
    })
}

/// The cell of a function for advisory locks; none if it is no such call.
fn locked(expression: &Expr, pass: &mut Pass<'_>) -> Diagnosed<Option<Known>> {
    let call = advisory::of(expression, pass)?;
    Ok(call.map(|(lock, type_oid)| Known {
        type_oid,
        cell: Cell::AdvisoryLock(lock),
    }))
}

/// What `version()` says, where the broker tells this version of its own.
pub(crate) fn version(context: &Context, server_version: Option<&str>) -> String {
    let iris = context.iris;
    let version = server_version.unwrap_or(SERVER_VERSION);
    format!(
        "PostgreSQL {version} on InterSystems IRIS {}.{}",
        iris.year, iris.release
    )
}

/// The first schema of the search path that is not the user's own.
fn schema(scene: &Scene<'_>) -> String {
    path(scene).next().unwrap_or("public").to_owned()
}

/// All of the path, as the elements of an array.
fn schemas(scene: &Scene<'_>) -> String {
    let is_plain = |name: &str| {
        name.chars().all(|c| c.is_alphanumeric() || c == '_') && !name.eq_ignore_ascii_case("null")
    };
    let shown: Vec<String> = path(scene)
        .map(|name| match is_plain(name) {
            true => name.to_owned(),
            false => format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\"")),
        })
        .collect();
    match shown.is_empty() {
        true => "public".to_owned(),
        false => shown.join(","),
    }
}

fn path<'a>(scene: &Scene<'a>) -> impl Iterator<Item = &'a str> {
    let path = scene.context.settings.iter();
    let path = path.filter(|(name, _)| name.eq_ignore_ascii_case("search_path"));
    path.flat_map(|(_, path)| path.split(','))
        .map(|part| part.trim().trim_matches('"'))
        .filter(|part| !part.is_empty() && *part != "$user")
}

fn first_literal(function: &Function) -> Option<&Value> {
    match build::arguments(function).first()? {
        Expr::Value(value) => Some(&value.value),
        _ => None,
    }
}

/// The answer to a SELECT without FROM, of such functions and literals only.
fn alone(query: &Query, pass: &mut Pass<'_>) -> Diagnosed<Option<Answer>> {
    let Some(select) = bare_select(query) else {
        return Ok(None);
    };
    let mut answer = Answer {
        columns: Vec::new(),
        rows: Vec::new(),
        tag: counted("SELECT"),
        parameters: Vec::new(),
    };
    let mut row = Vec::with_capacity(select.projection.len());
    let mut found = false;
    for item in &select.projection {
        let (SelectItem::UnnamedExpr(expression)
        | SelectItem::ExprWithAlias {
            expr: expression, ..
        }) = item
        else {
            return Ok(None);
        };
        let value = match build::unnested(expression) {
            Expr::Value(value) => match &value.value {
                Value::Number(digits, _) => Known {
                    type_oid: typing::of(expression).unwrap_or(oid::NUMERIC),
                    cell: Cell::Text(digits.clone()),
                },
                Value::SingleQuotedString(content) => text(content.replace("''", "'")),
                Value::Null => Known {
                    type_oid: oid::TEXT,
                    cell: Cell::Null,
                },
                _ => return Ok(None),
            },
            call => {
                let at = usize::try_from(call.span().start.column)
                    .unwrap_or(1)
                    .saturating_sub(1);
                let mut value = changed_setting(call, pass)?.or_else(|| slept(call, pass));
                if value.is_none() {
                    value = locked(call, pass)?;
                }
                if value.is_none() {
                    value =
                        known(call, &pass.scene).map_err(|refusal| refusal.at(pass.text, at))?;
                }
                let Some(value) = value else { return Ok(None) };
                found = true;
                value
            }
        };
        let label = labels::of_item(item).unwrap_or_default();
        answer.columns.push(Column {
            label,
            type_oid: value.type_oid,
            type_modifier: -1,
            origin: None,
        });
        row.push(value.cell);
    }
    answer.rows.push(row);
    answer.parameters.clone_from(&pass.parameters);
    Ok(found.then_some(answer))
}

/// A SELECT that is a list and nothing more.
fn bare_select(query: &Query) -> Option<&Select> {
    let SetExpr::Select(select) = &*query.body else {
        return None;
    };
    let bare = query.with.is_none()
        && query.limit_clause.is_none()
        && query.fetch.is_none()
        && query.locks.is_empty()
        && select.from.is_empty()
        && select.top.is_none()
        && select.selection.is_none()
        && select.having.is_none()
        && select.into.is_none()
        && select.distinct.is_none()
        && matches!(&select.group_by, GroupByExpr::Expressions(by, _) if by.is_empty());
    bare.then_some(select)
}

/// Puts literals in place of the calls.
fn inside(tree: &mut Statement, pass: &mut Pass<'_>) -> Diagnosed<bool> {
    // A column default may be one of IRIS's own: USER, CURRENT_USER, SESSION_USER.
    if matches!(tree, Statement::CreateTable(_) | Statement::AlterTable(_)) {
        return Ok(false);
    }
    let mut changed = false;
    walk::expressions(tree, &mut |expression| {
        match known(expression, &pass.scene)
            .and_then(|known| known.map(|known| literal(known, pass)).transpose())
        {
            Ok(None) => {}
            Ok(Some(literal)) => {
                *expression = literal;
                changed = true;
            }
            Err(refusal) => {
                let at = usize::try_from(expression.span().start.column)
                    .unwrap_or(1)
                    .saturating_sub(1);
                return Err(refusal.at(pass.text, at));
            }
        }
        Ok(())
    })?;
    Ok(changed)
}

fn literal(known: Known, pass: &Pass<'_>) -> Diagnosed<Expr> {
    match known.cell {
        Cell::Null => Ok(Expr::value(Value::Null)),
        Cell::Text(_) if known.type_oid == oid::BOOL => Ok(build::number(0)),
        Cell::Text(value) => Ok(build::string(&value)),
        Cell::Setting(setting) | Cell::OptionalSetting(setting) => {
            match pass.scene.setting(&setting) {
                Some(value) => Ok(build::string(value)),
                None => Err(Diagnostic::not_supported(
                    format!("current_setting('{setting}') inside a statement is not supported"),
                    "ask for it in a SELECT of its own, and pass the value as a parameter",
                )),
            }
        }
        Cell::ChangedSetting(_) | Cell::BackendPid | Cell::Slept(_) | Cell::AdvisoryLock(_) => {
            Err(Diagnostic::not_supported(
                "pg_backend_pid() inside a statement is not supported",
                "ask for it in a SELECT of its own, and pass the value as a parameter",
            ))
        }
    }
}
