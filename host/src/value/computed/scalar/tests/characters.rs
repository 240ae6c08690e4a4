use super::{fails, holds};

#[test]
fn cases_and_lengths() {
    holds("lower", &["ÄİIß"], "äiiß");
    holds("upper", &["äıß"], "ÄIß");
    holds("textlen", &["äb"], "2");
    holds("textcat", &["a", "b"], "ab");
    holds("text_reverse", &["aé"], "éa");
    holds("repeat", &["ab", "2"], "abab");
    holds("repeat", &["ab", "-1"], "");
    fails("repeat", &["ab", "2147483647"], "54000");
}

#[test]
fn parts() {
    for (operands, expected) in [
        (["abcdef", "0", "3"], "ab"),
        (["abcdef", "-2", "5"], "ab"),
        (["abc", "2", "2147483647"], "bc"),
        (["abc", "5", "1"], ""),
    ] {
        holds("text_substr", &operands, expected);
    }
    fails("text_substr", &["abc", "5", "-1"], "22011");
    holds("text_substr_no_len", &["äbcdef", "3"], "cdef");
    holds("text_substr_no_len", &["abc", "-5"], "abc");
    for (name, operands, expected) in [
        ("text_left", ["abcdef", "-2"], "abcd"),
        ("text_left", ["abc", "9"], "abc"),
        ("text_left", ["abc", "-2147483648"], ""),
        ("text_right", ["abcdef", "-2"], "cdef"),
        ("text_right", ["abc", "2"], "bc"),
        ("text_right", ["abc", "9"], "abc"),
        ("text_right", ["abc", "0"], ""),
        ("text_right", ["abc", "-2147483648"], ""),
    ] {
        holds(name, &operands, expected);
    }
    for (operands, expected) in [
        (["a,b,c", ",", "2"], "b"),
        (["a,b,c", ",", "-1"], "c"),
        (["a,b,c", ",", "4"], ""),
        (["abc", "", "1"], "abc"),
        (["abc", "", "-1"], "abc"),
        (["abc", "", "2"], ""),
        (["", ",", "1"], ""),
    ] {
        holds("split_part", &operands, expected);
    }
    fails("split_part", &["a,b", ",", "0"], "22023");
}

#[test]
fn blanks_and_fillings() {
    holds("btrim1", &["  a "], "a");
    holds("ltrim1", &["  a "], "a ");
    holds("rtrim1", &["  a "], "  a");
    holds("btrim", &["xxaxx", "x"], "a");
    holds("ltrim", &["yxa", "xy"], "a");
    holds("rtrim", &["ayx", "xy"], "a");
    holds("lpad", &["abc", "5", "xy"], "xyabc");
    holds("lpad", &["abc", "2", "xy"], "ab");
    holds("lpad", &["abc", "5", ""], "abc");
    holds("lpad", &["abc", "-1", "x"], "");
    holds("rpad", &["abc", "6", "xy"], "abcxyx");
}

#[test]
fn places_and_characters() {
    holds("textpos", &["abcabc", "ca"], "3");
    holds("textpos", &["äbc", "c"], "3");
    holds("textpos", &["abc", ""], "1");
    holds("textpos", &["abc", "x"], "0");
    holds("replace_text", &["abab", "ab", "x"], "xx");
    holds("replace_text", &["abc", "", "x"], "abc");
    holds("translate", &["12345", "143", "ax"], "a2x5");
    holds("text_starts_with", &["abc", "ab"], "t");
    holds("ascii", &["é"], "233");
    holds("ascii", &[""], "0");
    holds("chr", &["233"], "é");
    for number in ["0", "-5", "1114112", "55296"] {
        fails("chr", &[number], "54000");
    }
}
