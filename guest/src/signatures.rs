//! The arguments that PostgreSQL's functions take, as far as IRIS would take others
//! (`pg_proc.dat`).

use crate::operators::{Class, Operand};
use crate::types::oid;

/// Names, and a word for each form: a letter for each argument.
///
/// `t` a string, `i` an integer, `l` a bigint, `n` a number, `d` one that is exact, `b` a
/// boolean, `y` bytes, `o` what has an order, `v` an interval.
const FORMS: &[(&[&str], &[&str])] = &[
    (
        &[
            "lower",
            "upper",
            "initcap",
            "char_length",
            "character_length",
            "ascii",
            "reverse",
        ],
        &["t"],
    ),
    (&["length"], &["t", "y", "tt"]),
    (&["md5"], &["t", "y"]),
    (&["replace", "translate"], &["ttt"]),
    (&["repeat", "left", "right"], &["ti"]),
    (&["lpad", "rpad"], &["ti", "tit"]),
    (&["btrim", "ltrim", "rtrim"], &["t", "tt", "yy"]),
    (&["split_part"], &["tti"]),
    (&["strpos", "starts_with"], &["tt"]),
    (&["substr"], &["ti", "tii", "yi", "yii"]),
    (&["substring"], &["ti", "tii", "tt", "ttt", "yi", "yii"]),
    (&["chr"], &["i"]),
    (&["to_hex"], &["l"]),
    (&["string_agg"], &["tt", "yy"]),
    (&["bool_and", "bool_or", "every"], &["b"]),
    (&["sum", "avg"], &["n", "v"]),
    (&["min", "max"], &["o"]),
    (
        &[
            "stddev",
            "stddev_pop",
            "stddev_samp",
            "variance",
            "var_pop",
            "var_samp",
            "abs",
            "ceil",
            "ceiling",
            "floor",
            "sign",
            "sqrt",
            "exp",
            "ln",
        ],
        &["n"],
    ),
    (&["round", "trunc"], &["n", "di"]),
    (&["power", "pow"], &["nn"]),
    (&["log"], &["n", "dd"]),
    (&["mod", "div"], &["dd"]),
    (&["to_date", "to_number"], &["tt"]),
    (
        &[
            "sin", "cos", "tan", "asin", "acos", "atan", "cot", "degrees", "radians", "cbrt",
        ],
        &["n"],
    ),
    (&["atan2"], &["nn"]),
    (&["regexp_replace"], &["ttt", "tttt"]),
];

/// What PostgreSQL makes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    Exists,
    /// There is one form with so many arguments: its letters.
    Only(&'static str),
    Missing,
}

/// Whether a function takes these arguments; none stands for what is not known.
pub(crate) fn find(name: &str, arguments: &[Option<Operand>]) -> Found {
    let Some((_, forms)) = FORMS.iter().find(|(names, _)| names.contains(&name)) else {
        return Found::Exists;
    };
    let mut with_as_many = forms.iter().filter(|form| form.len() == arguments.len());
    let Some(first) = with_as_many.next() else {
        return Found::Exists;
    };
    let is_only = with_as_many.next().is_none();
    let fits = |form: &&&str| {
        form.bytes()
            .zip(arguments)
            .all(|(letter, argument)| argument.is_none_or(|argument| takes(letter, argument)))
    };
    let as_many = forms.iter().filter(|form| form.len() == arguments.len());
    if !as_many.into_iter().any(|form| fits(&form)) {
        return Found::Missing;
    }
    if is_only {
        Found::Only(first)
    } else {
        Found::Exists
    }
}

fn takes(letter: u8, argument: Operand) -> bool {
    let Operand::Typed(oid, class) = argument else {
        return true;
    };
    let is_float = matches!(oid, oid::FLOAT4 | oid::FLOAT8);
    match letter {
        b't' => class == Class::Text,
        b'i' => matches!(oid, oid::INT2 | oid::INT4),
        b'l' => matches!(oid, oid::INT2 | oid::INT4 | oid::INT8),
        b'd' => class == Class::Number && !is_float,
        b'n' => class == Class::Number,
        b'b' => class == Class::Boolean,
        b'y' => class == Class::Bytes,
        b'v' => matches!(class, Class::Interval | Class::Time),
        b'o' => !matches!(
            class,
            Class::Boolean | Class::Uuid | Class::Bytes | Class::Json | Class::Jsonb
        ),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operators::class_of;
    use crate::wit::Oid;

    fn operand(oid: Oid) -> Option<Operand> {
        class_of(oid).map(|class| Operand::Typed(oid, class))
    }

    #[test]
    fn functions_take_what_postgresqls_take() {
        let one = |name, oid| find(name, &[operand(oid)]);
        assert_eq!(one("lower", oid::INT4), Found::Missing);
        assert_eq!(one("lower", oid::VARCHAR), Found::Only("t"));
        assert_eq!(one("max", oid::BOOL), Found::Missing);
        assert_eq!(one("sum", oid::INTERVAL), Found::Exists);
        assert_eq!(one("unheard_of", oid::INT4), Found::Exists);
        assert_eq!(find("lower", &[None]), Found::Only("t"));
        let two = [operand(oid::FLOAT8), operand(oid::INT4)];
        assert_eq!(find("round", &two), Found::Missing);
        assert_eq!(find("round", &two[..1]), Found::Only("n"));
    }
}
