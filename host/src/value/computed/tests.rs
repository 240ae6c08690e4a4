//! Instructions and what comes of them.

use super::*;
use crate::rules::wit_plan::Call;

fn call(function: Function, operand_type: Oid) -> Instruction {
    Instruction::Call(Call {
        function,
        operand_type,
    })
}

fn constant(value: &str) -> Instruction {
    Instruction::Constant(Some(value.to_owned()))
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn of(value: &str, rest: Vec<Instruction>) -> Result<Option<String>, &'static str> {
    let mut instructions = vec![Instruction::Column(0)];
    instructions.extend(rest);
    assert!(is_sound(&instructions, Some(1), 0));
    result(&instructions, |_| Some(value.as_bytes())).map_err(|error| error.sqlstate())
}

#[test]
fn documents_are_taken_apart() {
    use Function as F;
    let document = r#"{"a": {"b": "x"}, "n": [1, 2.50, null], "t": true}"#;
    let one = |function, key: &str| of(document, vec![constant(key), call(function, 3802)]);
    assert_eq!(one(F::JsonField, "a"), Ok(some(r#"{"b": "x"}"#)));
    assert_eq!(one(F::JsonFieldText, "t"), Ok(some("true")));
    assert_eq!(one(F::JsonPathText, "{a,b}"), Ok(some("x")));
    assert_eq!(one(F::JsonPathText, "{n,1}"), Ok(some("2.50")));
    assert_eq!(one(F::JsonPathText, "{n,2}"), Ok(None));
    assert_eq!(one(F::JsonbExists, "b"), Ok(some("f")));
    assert_eq!(one(F::JsonbContains, r#"{"n": [2.5]}"#), Ok(some("t")));
    assert_eq!(
        of(document, vec![call(F::JsonArrayLength, 0)]),
        Err("22023")
    );
    assert_eq!(
        of("{", vec![constant("a"), call(F::JsonField, 0)]),
        Err("22P02")
    );
    let item = |type_oid| {
        let first = vec![constant("0"), call(F::JsonItemText, type_oid)];
        of(r#""s""#, first)
    };
    assert_eq!(item(3802), Ok(some("s")));
    assert_eq!(item(114), Ok(None));
    let cast = |oid| {
        let field = call(F::JsonFieldText, 3802);
        of(document, vec![constant("t"), field, call(F::Cast, oid)])
    };
    assert_eq!(cast(16), Ok(some("t")));
    assert_eq!(cast(23), Err("22P02"));
}

#[test]
fn arrays_have_elements_and_lengths() {
    use Function as F;
    let with = |array: &str, operands: &[&str], function| {
        let mut all: Vec<_> = operands.iter().map(|one| constant(one)).collect();
        all.push(call(function, 23));
        of(array, all).unwrap()
    };
    for (array, operands, function, expected) in [
        ("{5,6}", &["2"][..], F::ArrayItem, some("6")),
        ("{5,6}", &["0"], F::ArrayItem, None),
        ("{{5,6}}", &["1"], F::ArrayItem, None),
        ("{5,6,7}", &["2", "9"], F::ArraySlice, some("{6,7}")),
        ("{5,6,7}", &["3", "2"], F::ArraySlice, some("{}")),
        ("{{1,2},{3,4}}", &["2", "2"], F::ArraySlice, some("{{3,4}}")),
        ("{{1,2},{3,4}}", &["2"], F::ArrayLength, some("2")),
        ("{}", &["1"], F::ArrayLength, None),
        ("{}", &[], F::Cardinality, some("0")),
        ("{1,NULL,3}", &["-", "*"], F::ArrayToString, some("1-*-3")),
        ("{1,NULL,3}", &["3"], F::ArrayPosition, some("3")),
        (
            "{10,NULL,9,-1}",
            &[],
            F::ArraySorted,
            some("{-1,9,10,NULL}"),
        ),
        (
            "{10,NULL,9}",
            &[],
            F::ArraySortedDescending,
            some("{NULL,10,9}"),
        ),
        ("{1,NULL,3}", &["{3,1}"], F::ArrayContains, some("t")),
        ("{1,NULL,3}", &["{NULL}"], F::ArrayContains, some("f")),
        ("{1,NULL,3}", &["{NULL,3}"], F::ArrayOverlaps, some("t")),
    ] {
        assert_eq!(
            with(array, operands, function),
            expected,
            "{array} {function:?}"
        );
    }
}

#[test]
fn any_and_all_know_of_null() {
    use Function as F;
    for (value, array, function, expected) in [
        (Some("1"), "{1.0,NULL}", F::EqualsAny, some("t")),
        (Some("2"), "{1.0,NULL}", F::EqualsAny, None),
        (Some("2"), "{1.0}", F::EqualsAny, some("f")),
        (None, "{1}", F::EqualsAny, None),
        (None, "{}", F::EqualsAny, some("f")),
        (Some("2"), "{1,3}", F::DiffersAll, some("t")),
        (Some("1"), "{1,NULL}", F::DiffersAll, some("f")),
        (Some("1"), "{1,NULL}", F::EqualsAll, None),
        (Some("9"), "{1,10}", F::LessAny, some("t")),
        (Some("10"), "{1,10}", F::LessAny, some("f")),
        (Some("10"), "{1,10}", F::LessOrEqualAny, some("t")),
        (Some("1"), "{1,NULL}", F::GreaterAny, None),
        (Some("1"), "{1.0}", F::GreaterOrEqualAny, some("t")),
        (Some("0"), "{1,2}", F::LessAll, some("t")),
        (Some("1"), "{1,2}", F::LessAll, some("f")),
        (Some("1"), "{1,2}", F::LessOrEqualAll, some("t")),
        (Some("3"), "{1,NULL}", F::GreaterAll, None),
        (Some("0"), "{1,NULL}", F::GreaterOrEqualAll, some("f")),
        (None, "{}", F::LessAll, some("t")),
    ] {
        let value = Instruction::Constant(value.map(str::to_owned));
        let all = [value, constant(array), call(function, 1700)];
        assert_eq!(result(&all, |_| None), Ok(expected), "{array} {function:?}");
    }
}

#[test]
fn casts_keep_to_a_type_modifier() {
    let cast = |oid, value: &str, modifier: i32| {
        let modifier = constant(&modifier.to_string());
        of(value, vec![modifier, call(Function::CastLimited, oid)])
    };
    let digits = |precision: i32, scale: i32| (precision << 16 | scale & 0x7ff) + 4;
    for (value, precision, scale, expected) in [
        ("1234.567", 10, 2, Ok(some("1234.57"))),
        ("-1234.565", 10, 2, Ok(some("-1234.57"))),
        ("1", 10, 2, Ok(some("1.00"))),
        ("1e3", 4, 0, Ok(some("1000"))),
        ("1e-9", 3, 2, Ok(some("0.00"))),
        ("999.994", 5, 2, Ok(some("999.99"))),
        ("999.995", 5, 2, Err("22003")),
        ("0", 2, 2, Ok(some("0.00"))),
        ("1", 2, 2, Err("22003")),
        ("0.004", 2, 3, Ok(some("0.004"))),
        ("0.1", 2, 3, Err("22003")),
        ("1250", 2, -2, Ok(some("1300"))),
        ("x", 5, 2, Err("22P02")),
    ] {
        let result = cast(1700, value, digits(precision, scale));
        assert_eq!(result, expected, "{value}: {precision}, {scale}");
    }
    assert_eq!(cast(1043, "ängstlich", 4 + 3), Ok(some("äng")));
    assert_eq!(cast(1043, "ab", 4 + 3), Ok(some("ab")));
}

#[test]
fn conditions_have_three_values() {
    use Function as F;
    let of = |left: Option<&str>, right: Option<&str>, function| {
        let side = |value: Option<&str>| Instruction::Constant(value.map(str::to_owned));
        result(&[side(left), side(right), call(function, 0)], |_| None).unwrap()
    };
    assert_eq!(of(Some("t"), None, F::Both), None);
    assert_eq!(of(Some("f"), None, F::Both), some("f"));
    assert_eq!(of(None, Some("t"), F::Either), some("t"));
    assert_eq!(of(None, Some("f"), F::Either), None);
}

#[test]
fn unsound_instructions_are_found() {
    let own = || Instruction::Column(0);
    let field = || call(Function::JsonField, 0);
    assert!(!is_sound(&[], None, 0));
    assert!(!is_sound(&[own(), field()], None, 0));
    assert!(!is_sound(&[own(), own()], None, 0));
    assert!(!is_sound(&[Instruction::Column(1)], Some(1), 0));
    assert!(!is_sound(&[Instruction::Parameter(1)], None, 0));
    assert!(is_sound(&[Instruction::Parameter(1)], None, 1));
}

#[test]
fn a_character_is_filled_up() {
    let filled = |value: &str, modifier: &str| {
        let limit = vec![constant(modifier), call(Function::CastLimited, 1042)];
        of(value, limit)
    };
    assert_eq!(filled("ab", "9"), Ok(some("ab   ")));
    assert_eq!(filled("é", "6"), Ok(some("é ")));
    assert_eq!(filled("abcdef", "7"), Ok(some("abc")));
    assert_eq!(filled("ab", "-1"), Ok(some("ab")));
}
