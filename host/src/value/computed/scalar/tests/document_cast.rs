use super::{fails, holds};

#[test]
fn documents_are_cast_as_postgresql_casts_them() {
    for (document, whole) in [("30", "30"), ("2.5", "3"), ("-2.5", "-3"), ("1.4999", "1")] {
        holds("jsonb_int4", &[document], whole);
    }
    holds("jsonb_int8", &["3000000000"], "3000000000");
    holds("jsonb_numeric", &["1.50"], "1.50");
    holds("jsonb_float8", &["0.1"], "0.1");
    holds("jsonb_bool", &["true"], "t");
    holds("jsonb_bool", &["false"], "f");
    fails("jsonb_int4", &["3000000000"], "22003");
    fails("jsonb_int2", &["40000"], "22003");
    for document in ["\"30\"", "null", "[1]", "{}", "true"] {
        fails("jsonb_int4", &[document], "22023");
    }
    fails("jsonb_bool", &["1"], "22023");
}
