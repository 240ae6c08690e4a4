mod arithmetic;
mod bytes;
mod cast;
mod characters;
mod document_cast;
mod hash;
mod paths;

use super::*;

fn of(name: &str, operands: &[Option<&str>]) -> Result<Option<String>, &'static str> {
    let operands: Vec<_> = operands.iter().map(|one| one.map(str::to_owned)).collect();
    assert!(
        takes(name, u32::try_from(operands.len()).unwrap()),
        "{name}"
    );
    result(name, operands).map_err(|error| error.sqlstate())
}

fn holds(name: &str, operands: &[&str], expected: &str) {
    let operands: Vec<_> = operands.iter().copied().map(Some).collect();
    assert_eq!(
        of(name, &operands),
        Ok(Some(expected.to_owned())),
        "{name} of {operands:?}"
    );
}

fn fails(name: &str, operands: &[&str], sqlstate: &'static str) {
    let operands: Vec<_> = operands.iter().copied().map(Some).collect();
    assert_eq!(of(name, &operands), Err(sqlstate), "{name} of {operands:?}");
}

#[test]
fn texts() {
    holds("md5_text", &["abc"], "900150983cd24fb0d6963f7d28e17f72");
    holds("initcap", &["hELLO wörld's 1st"], "Hello Wörld'S 1st");
    holds("textoctetlen", &["é"], "2");
    holds("bit_length", &["é"], "16");
    holds("quote_ident", &["Table"], "\"Table\"");
    holds("text_to_array", &["a,,b", ","], "{a,\"\",b}");
    holds("text_to_array_null", &["a,,b", ",", ""], "{a,NULL,b}");
    assert_eq!(
        of("text_to_array", &[Some("ab"), None]),
        Ok(Some("{a,b}".to_owned()))
    );
    assert_eq!(of("text_to_array", &[None, Some(",")]), Ok(None));
    assert_eq!(of("md5_text", &[None]), Ok(None));
}

#[test]
fn numbers() {
    holds("to_hex32", &["-1"], "ffffffff");
    holds("to_hex64", &["-1"], "ffffffffffffffff");
    holds("int4gcd", &["-12", "18"], "6");
    holds("int8lcm", &["4", "-6"], "12");
    holds("numeric_fac", &["25"], "15511210043330985984000000");
    holds("numeric_round", &["2.345", "2"], "2.35");
    holds("numeric_round", &["-1250", "-2"], "-1300");
    holds("numeric_round", &["1.5", "3"], "1.500");
    holds("numeric_trunc", &["-2.349", "2"], "-2.34");
    holds("float8_numeric", &["0.30000000000000004"], "0.3");
    holds("float8_numeric", &["1e+20"], "100000000000000000000");
    fails("int4gcd", &["-2147483648", "0"], "22003");
    fails("int4lcm", &["2147483647", "2"], "22003");
    fails("numeric_fac", &["-1"], "22003");
    fails("numeric_fac", &["32178"], "22003");
}

#[test]
fn templates_of_texts() {
    holds(
        "text_format",
        &["%s %I %L %%", "a", "B", "it's"],
        "a \"B\" 'it''s' %",
    );
    holds(
        "text_format",
        &["%2$s|%-5s|%*1$s", "4", "b", "c"],
        "b|c    |   b",
    );
    assert_eq!(
        of("text_format", &[Some("%s|%L"), None, None]),
        Ok(Some("|NULL".to_owned()))
    );
    assert_eq!(of("text_format", &[Some("%I"), None]), Err("22004"));
    fails("text_format", &["%s"], "22023");
    fails("text_format", &["%"], "22023");
    fails("text_format", &["%0$s", "a"], "22023");
    fails("text_format", &["%99999999999s", "a"], "22003");
    fails("text_format", &["%2147483647s", "a"], "54000");
}

#[test]
fn templates_of_numbers() {
    holds("numeric_to_char", &["-1234.5", "FM9,999.00"], "-1,234.50");
    holds("numeric_to_char", &["0.5", "9.9"], "  .5");
    holds("numeric_to_char", &["9.99", "9.9EEEE"], " 10.0e+00");
    holds("int4_to_char", &["485", "999th"], " 485th");
    holds("int4_to_char", &["-485", "999PR"], "<485>");
    holds("int8_to_char", &["485", "RN"], "        CDLXXXV");
    holds("float8_to_char", &["12", "99V9"], " 120");
    holds(
        "numeric_to_number",
        &["-34,338,492", "99G999G999"],
        "-34338492",
    );
    assert_eq!(of("numeric_to_number", &[Some("1"), Some("")]), Ok(None));
    fails("numeric_to_char", &["1", "9.9.9"], "42601");
    fails("numeric_to_char", &["1", &"9".repeat(1_001)], "0A000");
    fails("numeric_to_number", &["x", "9"], "22P02");
}

#[test]
fn regular_expressions() {
    holds("textregexeq", &["abc", "^[^b]"], "t");
    holds("texticregexne", &["ABC", "b"], "f");
    holds(
        "textregexreplace_noopt",
        &["xabcy", "a|ab|abc", "<\\&>"],
        "x<abc>y",
    );
    holds("textregexreplace", &["a1b", "\\d*", "-", "g"], "-a--b-");
    holds("regexp_match_no_flags", &["a=b", "(\\w)=(\\w)"], "{a,b}");
    holds("regexp_count_no_start", &["aaa", "a"], "3");
    holds(
        "regexp_split_to_array_no_flags",
        &["a, b", ",\\s*"],
        "{a,b}",
    );
    holds("textregexsubstr", &["foobar", "o(.)b"], "o");
    assert_eq!(
        of("regexp_match_no_flags", &[Some("a"), Some("b")]),
        Ok(None)
    );
    fails("regexp_match_no_flags", &["abcd", "(a|ab)(c|bcd)"], "0A000");
    fails("textregexeq", &["a", "(a)\\1"], "0A000");
    fails("textregexeq", &["a", "(a"], "2201B");
    fails("regexp_match", &["a", "a", "g"], "22023");
    fails("regexp_match", &["a", "a", "y"], "22023");
    fails("textregexeq", &["a", "((.{255}){255}){255}"], "54000");
}

#[test]
fn ordered_sets() {
    let four = "{1,2,4,10,NULL}";
    holds("percentile_cont_float8_final", &[four, "0.5"], "3");
    holds("percentile_cont_float8_final", &[four, "1"], "10");
    holds("percentile_disc_final", &[four, "0.5"], "2");
    holds("percentile_disc_final", &[four, "0"], "1");
    holds(
        "percentile_cont_float8_multi_final",
        &[four, "{0.25,NULL,1}"],
        "{1.75,NULL,10}",
    );
    holds(
        "percentile_disc_multi_final",
        &["{a,b}", "{0.5,0.6}"],
        "{a,b}",
    );
    holds("mode_final", &["{a,b,b,c,c}"], "b");
    assert_eq!(of("mode_final", &[Some("{NULL}")]), Ok(None));
    fails("percentile_disc_final", &[four, "1.5"], "22003");
}

#[test]
fn documents() {
    let whole = r#"{"a": [1, 2], "b": "x"}"#;
    holds(
        "jsonb_concat",
        &[whole, r#"{"b": 3}"#],
        r#"{"a": [1, 2], "b": 3}"#,
    );
    holds("jsonb_delete", &[whole, "a"], r#"{"b": "x"}"#);
    holds("jsonb_delete_array", &[whole, "{a,b}"], "{}");
    holds("jsonb_delete_idx", &["[1, 2]", "0"], "[2]");
    holds(
        "jsonb_delete_path",
        &[whole, "{a,0}"],
        r#"{"a": [2], "b": "x"}"#,
    );
    holds(
        "jsonb_set",
        &[whole, "{c}", "true"],
        r#"{"a": [1, 2], "b": "x", "c": true}"#,
    );
    holds("jsonb_set", &[whole, "{c}", "true", "f"], whole);
    holds("jsonb_insert", &["[1]", "{0}", "2", "t"], "[1, 2]");
    fails("jsonb_delete_idx", &["{}", "0"], "22023");
    fails("jsonb_set", &["[1]", "{x}", "2"], "22P02");
    fails("jsonb_set", &["[1]", "{NULL}", "2"], "22004");
    fails("jsonb_set", &["[1]", "{{0}}", "2"], "2202E");
    assert_eq!(of("jsonb_set", &[Some("[]"), Some("{0}"), None]), Ok(None));
}

#[test]
fn arrays() {
    holds("array_append", &["{a}", "b c"], "{a,\"b c\"}");
    holds("array_prepend", &["a", "{b}"], "{a,b}");
    holds("array_cat", &["{1}", "{2,3}"], "{1,2,3}");
    holds("array_remove", &["{1,2,1}", "1"], "{2}");
    holds("array_replace", &["{1,2,1}", "1", "9"], "{9,2,9}");
    assert_eq!(
        of("array_append", &[None, None]),
        Ok(Some("{NULL}".to_owned()))
    );
    assert_eq!(
        of("array_cat", &[None, Some("{1}")]),
        Ok(Some("{1}".to_owned()))
    );
    assert_eq!(of("array_remove", &[None, Some("1")]), Ok(None));
    fails("array_append", &["{{1}}", "1"], "0A000");
}
