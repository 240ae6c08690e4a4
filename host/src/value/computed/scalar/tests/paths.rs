use pgiris_values::json::canonical;

use super::*;

/// One answer, as a line of the list says it.
fn answer(name: &str, operands: &[&str]) -> String {
    let operands = operands.iter().map(|operand| Some((*operand).to_owned()));
    match result(name, operands.collect()) {
        Ok(None) => "~".to_owned(),
        Ok(Some(value)) => match value.as_str() {
            "t" => "=true".to_owned(),
            "f" => "=false".to_owned(),
            value => format!("={value}"),
        },
        Err(error) => {
            let detail = error.detail().map(|detail| format!(" | {detail}"));
            let detail = detail.unwrap_or_default();
            format!("!{} {error}{detail}", error.sqlstate())
        }
    }
}

#[test]
fn paths_find_what_they_find_in_postgresql() {
    let mut wrong = Vec::new();
    let (mut document, mut variables, mut silent) = (String::new(), "", "");
    let mut count = 0;
    let lines = include_str!("paths.txt").lines();
    for line in lines.filter(|line| !line.starts_with('#')) {
        let fields: Vec<&str> = line.split('\t').collect();
        if let [">", of, with, is_silent] = fields.as_slice() {
            document = canonical(of).unwrap();
            (variables, silent) = (with, is_silent);
            continue;
        }
        let [
            path,
            exists,
            matches,
            array,
            exists_operator,
            match_operator,
        ] = fields.as_slice()
        else {
            panic!("{line}");
        };
        let whole = [document.as_str(), path, variables, silent];
        for (name, operands, expected) in [
            ("jsonb_path_exists", &whole[..], exists),
            ("jsonb_path_match", &whole[..], matches),
            ("jsonb_path_query_array", &whole[..], array),
            ("jsonb_path_exists_opr", &whole[..2], exists_operator),
            ("jsonb_path_match_opr", &whole[..2], match_operator),
        ] {
            count += 1;
            let found = answer(name, operands);
            if found != **expected {
                wrong.push(format!("{name} {operands:?}: {found}, not {expected}"));
            }
        }
    }
    assert!(count > 4_000, "{count}");
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_null_operand_makes_it_null() {
    for name in ["jsonb_path_exists", "jsonb_path_query_array"] {
        for missing in 0..4 {
            let mut operands = ["1", "$", "{}", "f"]
                .map(|one| Some(one.to_owned()))
                .to_vec();
            operands[missing] = None;
            assert_eq!(result(name, operands), Ok(None), "{name}");
        }
    }
}

fn first(document: &str, path: &str) -> String {
    answer("jsonb_path_query_first", &[document, path, "{}", "f"])
}

#[test]
fn work_is_bounded() {
    let wide = format!("[{}]", vec!["[1, [2, 3], {\"a\": 4}]"; 200].join(", "));
    let levels = format!("${}", ".**".repeat(20));
    let expected = "!54000 following the jsonpath takes too long";
    assert_eq!(first(&wide, &levels), expected);
    let pairs = "strict $[*] ? ($.**{last} < -$.**{last})";
    assert_eq!(first(&wide, pairs), expected);
    let digits = "9".repeat(100_000);
    let overflow = "!22003 value overflows numeric format";
    assert_eq!(first(&digits, "$ * $"), overflow);
    assert_eq!(first(&digits, "1e131000 * 1e131000"), overflow);
    assert_eq!(first(&digits, "$ / $"), "=1.00000000000000000000");
}

/// On a stack half as large as those of the threads that compute.
fn on_a_small_stack(test: impl FnOnce() + Send + 'static) {
    let thread = std::thread::Builder::new().stack_size(1 << 20);
    thread.spawn(test).unwrap().join().unwrap();
}

#[test]
fn depth_is_bounded() {
    on_a_small_stack(|| {
        let nested = format!("{}1{}", "[".repeat(499), "]".repeat(499));
        let chain = format!("${}", "[0]".repeat(499));
        assert_eq!(first(&nested, &chain), "=1");
        assert_eq!(first(&nested, "$.** ? (@ == 1)"), "=[1]");
        let expected = "!54001 stack depth limit exceeded";
        for path in [
            format!("${}", "[0]".repeat(100_000)),
            format!("1{}", " + 1".repeat(100_000)),
            format!("1 == 1{}", " && 1 == 1".repeat(100_000)),
            format!("{}1{}", "(".repeat(100_000), ")".repeat(100_000)),
            format!("{}1", "-".repeat(100_000)),
            format!("${}", " ? (@".repeat(100_000)),
            format!("${}", "[$".repeat(100_000)),
            format!("{}1", "!(".repeat(100_000)),
        ] {
            assert_eq!(first("1", &path), expected, "{}", path.get(..9).unwrap());
        }
    });
}

/// PostgreSQL reads it as C's `strtod` does; here no text of a double is.
#[test]
fn a_text_in_hexadecimal_is_no_double() {
    let found = answer(
        "jsonb_path_query_array",
        &["\"0x1\"", "$.double()", "{}", "f"],
    );
    assert!(found.starts_with("!22036 "), "{found}");
}
