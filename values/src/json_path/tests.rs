use super::*;

/// Pieces that are put one behind the other.
const PIECES: &[&str] = &[
    "$",
    "@",
    "last",
    ".",
    "*",
    "**",
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "?",
    "==",
    "!=",
    "<",
    ">",
    "<=",
    ">=",
    "&&",
    "||",
    "!",
    "+",
    "-",
    "*",
    "/",
    "%",
    "1",
    "2.5",
    ".5",
    "1e3",
    "1e",
    "\"a\"",
    "\"",
    "\\",
    "\\u0041",
    "\\u{",
    "\\x4",
    "$v",
    "$\"v\"",
    "a",
    "é",
    " ",
    "/*",
    "*/",
    ",",
    "to",
    "is",
    "unknown",
    "exists",
    "like_regex",
    "flag",
    "\"i\"",
    "starts",
    "with",
    "strict",
    "lax",
    "null",
    "true",
    "type()",
    "size()",
    "double()",
    "abs()",
    "keyvalue()",
    "floor()",
    "datetime(",
    "#",
    "&",
    "|",
    "=",
    "\0",
    "\n",
    "0",
    "00",
];

const WELL_FORMED: &[&str] = &[
    "$.a[*] ? (@.b > 1 && !exists(@.c)).d",
    "strict $[last - 1, 0 to 2].**{1 to last}.type()",
    "-($.a + 1.5e1) * 2 / $v % 3",
    "$ ? (@ like_regex \"^a.*\" flag \"i\" || (@ starts with $\"v\") is unknown)",
    "$.keyvalue() ? (@.key == \"\\u0041\\x42\").value.size()",
];

/// The next of numbers that follow no order (splitmix64).
fn random(state: &mut u64) -> usize {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    usize::try_from((mixed ^ (mixed >> 31)) >> 33).unwrap()
}

/// Computes nothing.
struct Nothing;

impl Host for Nothing {
    type Error = ();

    fn binary(&self, _: Operator, _: &str, _: &str) -> Result<String, ()> {
        Err(())
    }

    fn unary(&self, _: Unary, operand: &str) -> Result<String, ()> {
        Ok(operand.to_owned())
    }

    fn compare(&self, left: &str, right: &str) -> Result<Ordering, ()> {
        Ok(left.cmp(right))
    }

    fn double(&self, _: &str) -> Option<String> {
        None
    }

    fn matches(&self, text: &str, pattern: &Pattern) -> Result<bool, ()> {
        Ok(text.contains(&pattern.expression))
    }
}

/// Whether a text is a path; those that are must be followed without a panic.
fn is_path(text: &str) -> bool {
    let Ok(path) = Path::read(text) else {
        return false;
    };
    for is_silent in [true, false] {
        let given = Given {
            document: r#"{"a": [1, {"b": 2.5}, "a", null], "c": {"d": {}}}"#,
            variables: Some(r#"{"v": [1, "a"]}"#),
            is_silent,
        };
        let _ = exists(&path, given, &Nothing);
        let _ = matches(&path, given, &Nothing);
        let _ = query(&path, given, &Nothing);
    }
    true
}

#[test]
fn texts_of_any_pieces_are_read_or_refused() {
    let mut state = 1;
    let mut paths = 0;
    for _ in 0..200_000 {
        let mut text = String::new();
        for _ in 0..=random(&mut state) % 9 {
            text.push_str(PIECES[random(&mut state) % PIECES.len()]);
        }
        paths += usize::from(is_path(&text));
    }
    assert!(paths > 1_000, "{paths}");
}

#[test]
fn paths_that_are_changed_somewhere_are_read_or_refused() {
    let mut state = 2;
    let mut paths = 0;
    for round in 0..100_000 {
        let whole = WELL_FORMED[round % WELL_FORMED.len()];
        let mut characters: Vec<char> = whole.chars().collect();
        for _ in 0..=random(&mut state) % 3 {
            let at = random(&mut state) % characters.len();
            let piece = PIECES[random(&mut state) % PIECES.len()];
            match random(&mut state) % 3 {
                0 => drop(characters.splice(at..at, piece.chars())),
                1 => drop(characters.splice(at..=at, piece.chars())),
                _ => drop(characters.remove(at)),
            }
        }
        paths += usize::from(is_path(&characters.into_iter().collect::<String>()));
    }
    assert!(paths > 1_000, "{paths}");
    assert!(WELL_FORMED.iter().all(|whole| is_path(whole)));
}

#[test]
fn numbers_are_as_large_as_within_a_document_of_postgresql() {
    for (digits, bytes) in [
        ("0", 6),
        ("1", 8),
        ("-9999", 8),
        ("10000", 8),
        ("10001", 10),
        ("1.5", 10),
        ("0.0001", 8),
        ("0.50", 8),
    ] {
        assert_eq!(number::size(digits), bytes, "{digits}");
    }
}
