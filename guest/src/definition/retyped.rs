//! A column that is given another type. IRIS changes the type and looks whether the values fit it:
//! what they must become, an UPDATE before or behind that makes of them.
//! PostgreSQL manual, ALTER TABLE, "SET DATA TYPE".

use sqlparser::ast::helpers::attached_token::AttachedToken;
use sqlparser::ast::{
    AlterColumnOperation, AlterTable, AlterTableOperation as Action, Assignment, AssignmentTarget,
    BinaryOperator, ColumnDef, ColumnOption, DataType, Expr, Ident, ObjectName, SelectItem,
    Statement, TableConstraint, Update,
};

use super::{last, offset, written};
use crate::build;
use crate::diagnostic::Diagnosed;
use crate::kept_text;
use crate::labels;
use crate::reader::marks::Marks;
use crate::relations::{Column, Constant, TableName, enums, made_as};
use crate::rule::Pass;
use crate::rules::{column_type, enum_type};
use crate::types::{self, Digits, oid};
use crate::typing;
use crate::wit::{Diagnostic, Oid};
use crate::writing;
use crate::writing::convert::is_assignable;

/// One of the statements of a change.
pub(crate) enum Piece {
    /// An action of ALTER TABLE in IRIS's words.
    Words(String),
    /// A statement of its own.
    Other(Box<Statement>),
}

/// `ALTER COLUMN column TYPE data_type USING using`
pub(crate) struct Retyped<'a> {
    pub(crate) column: &'a Ident,
    pub(crate) data_type: &'a DataType,
    pub(crate) using: Option<&'a Expr>,
    pub(crate) table: &'a ObjectName,
}

/// Whether it must be known which constraints the columns of a table have.
pub(crate) fn is_in(tree: &Statement) -> bool {
    let retypes = |action: &Action| {
        matches!(
            action,
            Action::AlterColumn {
                op: AlterColumnOperation::SetDataType { .. },
                ..
            }
        )
    };
    matches!(tree, Statement::AlterTable(table) if table.operations.iter().any(retypes))
}

/// What the values of a column become besides.
enum Values {
    /// What they are.
    Same,
    /// The cast to the new type, while the column has its old one.
    Before(Expr),
    /// What PostgreSQL writes for them, when it has the new one.
    Behind(Expr),
}

impl Retyped<'_> {
    /// The statements that carry it out.
    ///
    /// # Errors
    /// What PostgreSQL does not cast by itself, and what IRIS cannot make of the values.
    pub(crate) fn pieces(&self, pass: &mut Pass<'_>) -> Diagnosed<Vec<Piece>> {
        // The rule `enum_type` has taken casts to an enum away.
        let is_enum = enums::named(self.data_type)
            .is_some_and(|name| pass.relations.labels_of(&name).is_some());
        let is_string = types::of(self.data_type).is_some_and(|known| is_text(known.oid));
        let is_cast =
            |using: &Expr| self.casts(using) || (is_enum || is_string) && self.is_column(using);
        if let Some(using) = self.using.filter(|using| !is_cast(using)) {
            return Err(Diagnostic::not_supported(
                "USING in ALTER COLUMN TYPE is not supported",
                INSTEAD,
            )
            .at(pass.text, offset(using)));
        }
        let name = labels::folded(self.column);
        let relation = TableName::of(self.table).and_then(|name| pass.relations.find(&name));
        let Some(known) = relation.and_then(|relation| relation.column(&name)) else {
            return self.typed(pass);
        };
        if let Some(pieces) = self.to_enum(known, pass)? {
            return Ok(pieces);
        }
        let Some(new) = types::of(self.data_type) else {
            return self.typed(pass);
        };
        if self.using.is_none() && !is_assignable(known.type_oid, new.oid) {
            return Err(self.not_automatic());
        }
        self.check_description(known, new.oid, pass)?;
        let values = self.values(known, new.oid, pass)?;
        let mut pieces = self.without_labels(known, pass);
        match values {
            Values::Same => pieces.extend(self.typed(pass)?),
            Values::Before(value) => {
                pieces.push(self.updated(value, pass));
                pieces.extend(self.typed(pass)?);
            }
            Values::Behind(value) => {
                // What cannot be written fails before anything is changed.
                pieces.push(self.asked(value.clone(), pass));
                pieces.extend(self.typed(pass)?);
                pieces.push(self.updated(value, pass));
            }
        }
        pieces.extend(self.default_of(known, new.oid));
        Ok(pieces)
    }

    /// What becomes of the values.
    fn values(&self, known: &Column, new: Oid, pass: &Pass<'_>) -> Diagnosed<Values> {
        let from = known.type_oid;
        let cast =
            |data_type: &DataType| Values::Before(build::cast(self.value(), data_type.clone()));
        Ok(match (from, new) {
            _ if from == new && new != oid::NUMERIC => Values::Same,
            (oid::NUMERIC, oid::NUMERIC) => match self.loses_digits(known) {
                true => cast(self.data_type),
                false => Values::Same,
            },
            _ if is_text(from) && is_text(new) => Values::Same,
            _ if is_text(from) && (is_number(new) || new == oid::UUID) => cast(self.data_type),
            _ if is_whole(from) && is_number(new) => Values::Same,
            (oid::NUMERIC, oid::FLOAT4 | oid::FLOAT8) => Values::Same,
            _ if is_number(from) && is_number(new) => cast(self.data_type),
            _ if is_whole(from) && is_text(new) => Values::Same,
            (oid::NUMERIC | oid::FLOAT8, _) if is_text(new) => {
                Values::Behind(build::cast(self.value(), DataType::Text))
            }
            (oid::BOOL, _) if is_text(new) && self.has_room_for_words() => {
                Values::Behind(self.words_for(build::string("1"), build::string("0")))
            }
            (oid::BOOL, oid::INT4) => Values::Same,
            (oid::INT4, oid::BOOL) => Values::Before(self.bit()),
            (oid::UUID, _) if is_text(new) => Values::Same,
            (kept, _) if kept_text::is_canonical(kept) && is_text(new) => Values::Same,
            _ if made_as::is_untold(from) || made_as::is_untold(new) || from == 0 || new == 0 => {
                Values::Same
            }
            _ => return Err(self.refused(from, new, pass)),
        })
    }

    /// Whether a `bit` may be `false` in so many letters.
    fn has_room_for_words(&self) -> bool {
        let longest = "false".len() as u64;
        match self.data_type {
            DataType::Varchar(Some(length))
            | DataType::CharacterVarying(Some(length))
            | DataType::Char(Some(length))
            | DataType::Character(Some(length)) => matches!(length,
                sqlparser::ast::CharacterLength::IntegerLength { length, .. } if *length >= longest),
            DataType::Char(None) | DataType::Character(None) => false,
            _ => true,
        }
    }

    /// Whether a `numeric` has fewer decimals than before.
    fn loses_digits(&self, known: &Column) -> bool {
        let new = typing::digits::of_type(self.data_type);
        match (known.digits, new) {
            (_, None) => false,
            (Some(old), Some(Digits { scale, .. })) => scale < old.scale,
            (None, Some(_)) => true,
        }
    }

    fn value(&self) -> Expr {
        Expr::Identifier(self.column.clone())
    }

    /// `true` and `false` for what a `bit` is as a string.
    fn words_for(&self, yes: Expr, no: Expr) -> Expr {
        let is = |value: Expr| build::binary(self.value(), BinaryOperator::Eq, value);
        build::case(
            vec![
                (is(yes), build::string("true")),
                (is(no), build::string("false")),
            ],
            None,
        )
    }

    /// 1 for whatever is not 0.
    fn bit(&self) -> Expr {
        let zero = |op| build::binary(self.value(), op, build::number(0));
        build::case(
            vec![
                (zero(BinaryOperator::Eq), build::number(0)),
                (zero(BinaryOperator::NotEq), build::number(1)),
            ],
            None,
        )
    }

    /// Sets the column to what its values are to be.
    fn updated(&self, value: Expr, pass: &mut Pass<'_>) -> Piece {
        pass.brought.add(Marks::CAST);
        Piece::Other(Box::new(Statement::Update(Update {
            update_token: AttachedToken::empty(),
            optimizer_hints: Vec::new(),
            table: writing::table(self.table, None),
            assignments: vec![Assignment {
                target: AssignmentTarget::ColumnName(ObjectName::from(vec![self.column.clone()])),
                value,
            }],
            from: None,
            selection: Some(Expr::IsNotNull(Box::new(self.value()))),
            returning: None,
            output: None,
            or: None,
            order_by: Vec::new(),
            limit: None,
        })))
    }

    /// Asks for what the values are to be.
    fn asked(&self, value: Expr, pass: &mut Pass<'_>) -> Piece {
        pass.brought.add(Marks::CAST);
        Piece::Other(Box::new(writing::select(
            vec![SelectItem::UnnamedExpr(value)],
            vec![writing::table(self.table, None)],
            None,
        )))
    }

    /// The default of a boolean in words.
    fn default_of(&self, known: &Column, new: Oid) -> Option<Piece> {
        let Some(Constant::Number(bit)) = &known.default else {
            return None;
        };
        if known.type_oid != oid::BOOL || !is_text(new) {
            return None;
        }
        let word = if bit == "0" { "false" } else { "true" };
        let name = written(self.column);
        Some(Piece::Words(format!(
            "ALTER COLUMN {name} SET DEFAULT '{word}'"
        )))
    }

    /// The type, and the collation, which is a change of its own.
    fn typed(&self, pass: &mut Pass<'_>) -> Diagnosed<Vec<Piece>> {
        let mut definition = self.definition();
        column_type::define(&mut definition, pass)?;
        let name = written(self.column);
        let mut pieces = vec![Piece::Words(format!(
            "ALTER COLUMN {name} {}",
            definition.data_type
        ))];
        let options = definition.options.iter();
        for option in options.filter(|option| matches!(option.option, ColumnOption::Collation(_))) {
            pieces.push(Piece::Words(format!(
                "ALTER COLUMN {name} {}",
                option.option
            )));
        }
        Ok(pieces)
    }

    fn definition(&self) -> ColumnDef {
        ColumnDef {
            name: self.column.clone(),
            data_type: self.data_type.clone(),
            options: Vec::new(),
        }
    }

    /// A text whose values must be labels of an enum from now on; none if the new type is no enum.
    fn to_enum(&self, known: &Column, pass: &mut Pass<'_>) -> Diagnosed<Option<Vec<Piece>>> {
        let mut definition = self.definition();
        let table = last(self.table).map(labels::folded).unwrap_or_default();
        if !enum_type::typed(&table, &mut definition, pass) {
            return Ok(None);
        }
        if self.using.is_none() {
            return Err(self.not_automatic());
        }
        if !is_text(known.type_oid) {
            return Err(Diagnostic::not_supported(
                "changing the type of a column that is no text to an enum is not supported",
                INSTEAD,
            )
            .at(pass.text, offset(&self.value())));
        }
        let mut pieces = self.without_labels(known, pass);
        let (data_type, name) = (&definition.data_type, written(self.column));
        pieces.push(Piece::Words(format!("ALTER COLUMN {name} {data_type}")));
        for option in definition.options {
            if let ColumnOption::ForeignKey(mut key) = option.option {
                key.name = option.name;
                key.columns = vec![self.column.clone()];
                pieces.push(self.action(Action::AddConstraint {
                    constraint: TableConstraint::ForeignKey(key),
                    not_valid: false,
                }));
            }
        }
        Ok(Some(pieces))
    }

    /// Drops the foreign key that holds a column of an enum type to the labels.
    fn without_labels(&self, known: &Column, pass: &Pass<'_>) -> Vec<Piece> {
        let table = TableName::of(self.table);
        let dependents = table.and_then(|name| pass.relations.dependents(&name));
        let constraints = dependents.into_iter().flat_map(|known| &known.constraints);
        let holds = constraints.filter(|constraint| {
            known.enum_type.is_some()
                && constraint.is_foreign
                && constraint.name.contains(enums::CONSTRAINT)
                && matches!(constraint.columns.as_slice(),
                    [only] if only.eq_ignore_ascii_case(&known.name))
        });
        holds
            .map(|constraint| {
                self.action(Action::DropConstraint {
                    if_exists: false,
                    name: labels::identifier(&constraint.name),
                    drop_behavior: None,
                })
            })
            .collect()
    }

    fn action(&self, action: Action) -> Piece {
        Piece::Other(Box::new(Statement::AlterTable(AlterTable {
            name: self.table.clone(),
            if_exists: false,
            only: false,
            operations: vec![action],
            location: None,
            on_cluster: None,
            table_type: None,
            end_token: AttachedToken::empty(),
        })))
    }

    /// Whether USING is what is done anyway: the column, cast to its new type, perhaps by its text.
    fn casts(&self, using: &Expr) -> bool {
        let Expr::Cast {
            expr, data_type, ..
        } = build::unnested(using)
        else {
            return false;
        };
        data_type == self.data_type && self.is_column(expr)
    }

    /// Whether an expression is the column, or its text.
    fn is_column(&self, expression: &Expr) -> bool {
        match build::unnested(expression) {
            Expr::Cast {
                expr,
                data_type: DataType::Text | DataType::Varchar(None),
                ..
            } => self.is_column(expr),
            Expr::Identifier(name) => labels::folded(name) == labels::folded(self.column),
            _ => false,
        }
    }

    /// PostgreSQL converts by itself what it converts where a value is assigned.
    fn not_automatic(&self) -> Diagnostic {
        let name = labels::folded(self.column);
        let words = match types::of(self.data_type) {
            Some(known) => types::words(known.oid).to_owned(),
            None => self.data_type.to_string().to_lowercase(),
        };
        let message = format!("column \"{name}\" cannot be cast automatically to type {words}");
        Diagnostic::error("42804", message).with_hint(&format!(
            "You might need to specify \"USING {name}::{words}\"."
        ))
    }

    /// What IRIS does not tell of a type stands in the description of a column, and that stays as it
    /// was made.
    fn check_description(&self, known: &Column, new: Oid, pass: &Pass<'_>) -> Diagnosed<()> {
        let is_untold = made_as::is_untold(known.type_oid) || made_as::is_untold(new);
        match known.type_oid == new || !is_untold {
            true => Ok(()),
            false => Err(self.refused(known.type_oid, new, pass)),
        }
    }

    fn refused(&self, from: Oid, new: Oid, pass: &Pass<'_>) -> Diagnostic {
        Diagnostic::not_supported(
            format!(
                "changing the type of a column from {} to {} is not supported",
                types::words(from),
                types::words(new)
            ),
            INSTEAD,
        )
        .at(pass.text, offset(&self.value()))
    }
}

const INSTEAD: &str = "add a column, fill it by UPDATE, drop the old one and rename";

fn is_text(kind: Oid) -> bool {
    matches!(kind, oid::TEXT | oid::VARCHAR | oid::BPCHAR)
}

fn is_whole(kind: Oid) -> bool {
    matches!(kind, oid::INT2 | oid::INT4 | oid::INT8)
}

fn is_number(kind: Oid) -> bool {
    is_whole(kind) || matches!(kind, oid::NUMERIC | oid::FLOAT4 | oid::FLOAT8)
}
