//! Functions of a field that a parameter names, which ORMs bind as they bind any string: IRIS wants a
//! word there, and so each field is a branch of its own.

use sqlparser::ast::{DataType, Expr, Value};

use super::field;
use crate::build;
use crate::diagnostic::Diagnosed;
use crate::functions::{Call, Make};
use crate::placeholder;
use crate::raise;
use crate::types::oid;
use crate::zone::Zone;

/// The function of whatever field the first argument, a parameter, names; none if that is none. `make`
/// writes it of a literal.
///
/// # Errors
/// It has no such function of the second argument.
pub(super) fn by_field(
    call: &mut Call<'_, '_, '_>,
    gives: &DataType,
    make: Make,
) -> Diagnosed<Option<Expr>> {
    let first = call.args.first().map(build::unnested);
    let Some(number) = first.and_then(placeholder::number_of) else {
        return Ok(None);
    };
    // The offsets of its zone would be written out in each branch.
    if call.type_of(1) == Some(oid::TIMESTAMPTZ) && Zone::of(&call.pass.scene)?.is_some() {
        return Ok(None);
    }
    call.pass.parameter_type(number, oid::TEXT);
    let name = call.take(0);
    let others = call.args.split_off(1);
    let null = Expr::value(Value::Null);
    let mut branches = vec![(Expr::IsNull(Box::new(name.clone())), null)];
    for (field, names) in field::FIELDS {
        call.args = vec![build::string(field)];
        for other in &others {
            let again = call.pass.copies.copy(other)?;
            call.args.push(again);
        }
        match make(call) {
            Ok(value) => branches.push((is_one_of(&name, names), value)),
            Err(error) if field::is_unknown(&error) => {}
            Err(error) => return Err(error),
        }
    }
    let failure = raise::about("22023", "unit \"", name, "\" not recognized");
    let failure = build::cast(failure, gives.clone());
    Ok(Some(build::case(branches, Some(failure))))
}

/// Whether a name is one of these, in letters of either case.
fn is_one_of(name: &Expr, names: &[&str]) -> Expr {
    Expr::InList {
        expr: Box::new(build::call("LOWER", vec![name.clone()])),
        list: names.iter().map(|name| build::string(name)).collect(),
        negated: false,
    }
}
