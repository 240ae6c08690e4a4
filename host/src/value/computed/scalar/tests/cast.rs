use super::{fails, holds};

#[test]
fn numbers_are_rounded_and_must_fit() {
    for (number, whole) in [("0.5", "1"), ("-0.5", "-1"), ("2.49", "2"), ("1e3", "1000")] {
        holds("numeric_int4", &[number], whole);
    }
    for (number, whole) in [("0.5", "0"), ("1.5", "2"), ("-2.5", "-2"), ("-0.4", "0")] {
        holds("dtoi4", &[number], whole);
    }
    holds(
        "numeric_int8",
        &["9223372036854775807.4"],
        "9223372036854775807",
    );
    holds("int84", &["2147483647"], "2147483647");
    fails("numeric_int8", &["9223372036854775807.5"], "22003");
    fails("numeric_int4", &["NaN"], "0A000");
    fails("int84", &["2147483648"], "22003");
    fails("i4toi2", &["32768"], "22003");
    fails("dtoi8", &["1e30"], "22003");
    fails("dtoi2", &["NaN"], "22003");
    holds("bool_int4", &["t"], "1");
    holds("booltext", &["f"], "false");
}
