//! # What it does
//! Quotes names that IRIS reserves and PostgreSQL does not.
//!
//! # Why
//! `SELECT count(*) AS count` is refused by IRIS with SQLCODE -1.
//!
//! # Example
//! `SELECT min, level FROM t` becomes `SELECT "min", "level" FROM t`.
//!
//! # Limits
//! Names of functions are left alone, and so are the words that IRIS's functions
//! take as arguments (`DATEADD(hour, …)`, `TO_VECTOR(…, DOUBLE)`).
//!
//! # Versions
//! All.

use sqlparser::ast::{
    AssignmentTarget, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, Ident,
    ObjectName, ObjectNamePart, Query, Select, SelectItem, Statement, TableAlias, TableFactor,
    TableObject,
};

use crate::definition::{NameHooks, each_name};
use crate::diagnostic::Diagnosed;
use crate::labels;
use crate::reader::marks::Marks;
use crate::reserved;
use crate::rule::{Pass, Rule};
use crate::walk::{self, Hooks};

pub(crate) struct ReservedWord;

/// Functions that take words where others take expressions, and the number of the argument
/// that is one. (InterSystems SQL Reference.)
const TAKE_WORDS: &[(&str, usize)] = &[
    ("to_vector", 1),
    ("dateadd", 0),
    ("datediff", 0),
    ("datepart", 0),
    ("datename", 0),
    ("date_trunc", 0),
    ("timestampadd", 0),
    ("timestampdiff", 0),
    ("convert", 0),
];

/// Words that IRIS and PostgreSQL take for values where names may stand.
const VALUES: &[&str] = &["DEFAULT", "SYSDATE", "NULL", "USER"];

impl Rule for ReservedWord {
    fn name(&self) -> &'static str {
        "reserved_word"
    }

    fn summary(&self) -> &'static str {
        "quotes names that IRIS reserves"
    }

    fn concerns(&self, marks: Marks) -> bool {
        marks.has(Marks::RESERVED)
    }

    fn rewrite(&self, tree: &mut Statement, _pass: &mut Pass<'_>) -> Diagnosed<bool> {
        let mut walk = Walk {
            words: Vec::new(),
            changed: false,
        };
        walk.statement(tree);
        each_name(tree, &mut walk);
        walk::statement(tree, &mut walk)?;
        Ok(walk.changed)
    }
}

struct Walk {
    /// Arguments that are no names, by address.
    words: Vec<*const Expr>,
    changed: bool,
}

impl Walk {
    fn quote(&mut self, identifier: &mut Ident) {
        if identifier.value.len() > 20 {
            return;
        }
        let upper = identifier.value.to_ascii_uppercase();
        if !VALUES.contains(&upper.as_str()) {
            self.quote_name(identifier);
        }
    }

    /// What can be nothing but a name.
    fn quote_name(&mut self, identifier: &mut Ident) {
        if identifier.quote_style.is_some() || identifier.value.len() > 20 {
            return;
        }
        let upper = identifier.value.to_ascii_uppercase();
        if reserved::only_in_iris(&upper) || upper == "SYSDATE" {
            *identifier = Ident::with_quote('"', labels::folded(identifier));
            self.changed = true;
        }
    }

    /// Behind AS and a point any word is a name to PostgreSQL.
    fn label(&mut self, alias: &mut Ident) {
        if alias.quote_style.is_none() && reserved::in_iris(&alias.value.to_ascii_uppercase()) {
            *alias = Ident::with_quote('"', labels::folded(alias));
            self.changed = true;
        }
    }

    fn qualified(&mut self, name: &mut ObjectName) {
        for part in &mut name.0 {
            if let ObjectNamePart::Identifier(identifier) = part {
                self.quote(identifier);
            }
        }
    }

    fn alias(&mut self, alias: Option<&mut TableAlias>) {
        let Some(alias) = alias else { return };
        self.quote(&mut alias.name);
        alias
            .columns
            .iter_mut()
            .for_each(|column| self.quote(&mut column.name));
    }

    /// The names in a statement that are no expressions.
    fn statement(&mut self, statement: &mut Statement) {
        match statement {
            Statement::Insert(insert) => {
                if let TableObject::TableName(name) = &mut insert.table {
                    self.qualified(name);
                }
                insert
                    .columns
                    .iter_mut()
                    .for_each(|column| self.qualified(column));
                insert
                    .assignments
                    .iter_mut()
                    .for_each(|assignment| self.target(&mut assignment.target));
            }
            Statement::Update(update) => {
                update
                    .assignments
                    .iter_mut()
                    .for_each(|assignment| self.target(&mut assignment.target));
            }
            Statement::Drop { names, .. } => names.iter_mut().for_each(|name| self.qualified(name)),
            _ => {}
        }
    }

    fn target(&mut self, target: &mut AssignmentTarget) {
        match target {
            AssignmentTarget::ColumnName(name) => self.qualified(name),
            AssignmentTarget::Tuple(names) => {
                names.iter_mut().for_each(|name| self.qualified(name))
            }
        }
    }

    fn skip_words(&mut self, function: &Function) {
        let FunctionArguments::List(list) = &function.args else {
            return;
        };
        let name = function.name.0.last().and_then(|part| part.as_ident());
        let known = name.and_then(|name| {
            let mut known = TAKE_WORDS.iter();
            known.find(|(word, _)| name.value.eq_ignore_ascii_case(word))
        });
        let Some((word, index)) = known else {
            return;
        };
        // `{fn CONVERT(x, SQL_VARCHAR)}`
        let index = match *word {
            "convert" if function.uses_odbc_syntax => 1,
            _ => *index,
        };
        if let Some(FunctionArg::Unnamed(FunctionArgExpr::Expr(expression @ Expr::Identifier(_)))) =
            list.args.get(index)
        {
            self.words.push(std::ptr::from_ref(expression));
        }
    }
}

impl NameHooks for Walk {
    fn name(&mut self, name: &mut Ident) {
        self.quote_name(name);
    }

    fn table(&mut self, name: &mut ObjectName) {
        self.qualified(name);
    }
}

impl Hooks for Walk {
    fn enter_expression(&mut self, expression: &mut Expr) -> Diagnosed<()> {
        let here = std::ptr::from_ref(&*expression);
        match expression {
            Expr::Identifier(identifier) if !self.words.contains(&here) => self.quote(identifier),
            Expr::CompoundIdentifier(parts) => {
                for (index, part) in parts.iter_mut().enumerate() {
                    match index {
                        0 => self.quote(part),
                        _ => self.label(part),
                    }
                }
            }
            Expr::Function(function) => self.skip_words(function),
            _ => {}
        }
        Ok(())
    }

    fn enter_relation(&mut self, relation: &mut ObjectName) -> Diagnosed<()> {
        self.qualified(relation);
        Ok(())
    }

    fn enter_query(&mut self, query: &mut Query) -> Diagnosed<()> {
        for table in query.with.iter_mut().flat_map(|with| &mut with.cte_tables) {
            self.alias(Some(&mut table.alias));
        }
        Ok(())
    }

    fn enter_select(&mut self, select: &mut Select) -> Diagnosed<()> {
        for item in &mut select.projection {
            if let SelectItem::ExprWithAlias { alias, .. } = item {
                self.label(alias);
            }
        }
        Ok(())
    }

    fn enter_table(&mut self, factor: &mut TableFactor) -> Diagnosed<()> {
        match factor {
            TableFactor::Table { alias, .. }
            | TableFactor::Derived { alias, .. }
            | TableFactor::NestedJoin { alias, .. } => {
                self.alias(alias.as_mut());
            }
            _ => {}
        }
        Ok(())
    }
}
